"""Judge the functions that a node calls for the names in the bytes: Python UDFs, or others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MAX_NAMES = 5
"""How many names one sentence lists."""


def other_functions(shipment: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each name that calls another function on the node than here."""
    session = shipment["session"] or "a new session there"
    for one in answer["named"]:
        what = f"{one['kind']} UDF {one['name']} travels by name"
        if one["python"] is True and one["there"] == "other":
            yield (
                f"{what}, and {session} has a function of this name that is no Python UDF, such as "
                "a built-in one: register the UDF in the session that the node decodes with "
                "(--session), give it another name, or send inline"
            )
        if one["python"] is False and one["there"] == "python":
            yield (
                f"the {one['kind']} function {one['name']} of the driver is no Python UDF, and "
                f"{session} has a Python UDF of this name: give that one another name"
            )


def unknown_functions(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each Python UDF whose name the node's engine cannot look up."""
    for one in answer["named"]:
        if one["python"] is True and one["there"] in ("unknown", "none"):
            yield (
                f"{one['kind']} UDF {one['name']} travels by name, and the node's engine does not "
                "show which function has this name there: compare it by hand"
            )


def built_in_functions(answer: Mapping[str, Any]) -> str:
    """Return a sentence on the names that the bytes leave open and no Python UDF has there."""
    names = [
        f"{one['kind']} {one['name']}"
        for one in answer["named"]
        if one["python"] is None and one["there"] != "python"
    ]
    if not names:
        return ""
    more = len(names) - MAX_NAMES
    names = [*names[:MAX_NAMES], *([f"{more} more"] if more > 0 else [])]
    return (
        f"it calls {', '.join(names)} by name, and the node takes its built-in function, or one "
        "that is not in Python; if you mean a Python UDF, register it there"
    )
