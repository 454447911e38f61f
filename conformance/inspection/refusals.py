"""Name the receivers that refuse a blob, as far as its bytes say."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from conformance.inspection.udf import Values
from conformance.spec import CLAUSES
from conformance.wire.chain import Envelope
from conformance.wire.frame import Frame

MAIN = "__main__."
"""Begins the name of an import that only the sender's main program can satisfy."""

REPEATED = "a message has a field twice, or two where one alone can be: no engine writes such bytes"
"""Why nobody knows what an engine takes of the bytes."""


def is_refused(one: Values) -> bool:
    """Return whether a UDF or an envelope is malformed, and every engine refuses it for that."""
    return "error" in one and not one.get("too_large") and not one.get("uncallable")


def is_at_a_call(one: Values, container: str | None) -> bool:
    """Return whether a call has a frame or an envelope at its place.

    Elsewhere, text or bytes that begin like one may be a name, a literal or a constant.
    """
    in_pickle = one["inside"] is not None or container == "pickle"
    in_message = any(number for number, _ in one["path"])
    return (in_message or not in_pickle) and one.get("called_as", "") is not None


def at_calls(values: Values) -> Values:
    """Return ``values`` with those frames and envelopes alone that calls have."""
    found = {
        key: [one for one in values[key] if is_at_a_call(one, values["container"])]
        for key in ("udfs", "envelopes")
    }
    return {**values, **found}


def refusals(values: Values) -> list[str]:
    """Return a sentence for each kind of receiver that refuses what ``inspect`` describes."""
    return [*_refusals(at_calls(values))]


def _refusals(values: Values) -> Iterator[str]:
    udfs = values["udfs"]
    outer = [one for one in udfs if one["inside"] is None]
    for one in (*udfs, *values["envelopes"]):
        if is_refused(one):
            what = "UDF" if "kind" in one else "envelope"
            yield f"every engine: {what} {one['number']} is malformed"
            break
    if outer:
        yield f"engines before datafusion {CLAUSES['FRAME-01'].since}, and strict sessions"
    pythons = sorted({one["python"] for one in outer if "python" in one})
    if len(pythons) > 1:
        yield f"every Python: one UDF needs {pythons[0]}, another {pythons[1]}"
    elif pythons:
        yield f"every Python but {pythons[0]}"
    versions = {one["wire_version"] for one in outer if "wire_version" in one}
    low, high = Frame.SUPPORTED
    for version in sorted(versions):
        if not Frame.supports(version):
            yield f"every released engine: wire version {version} is not {low} to {high}"
    if since := values.get("engine_since"):
        yield f"engines before datafusion {since}: they have no lambdas"
    if values["envelopes"]:
        yield f"engines before datafusion {CLAUSES['CHAIN-01'].since}: they know no envelope"
    for codec in dict.fromkeys(one.get("codec_id") for one in values["envelopes"]):
        if codec is not None:
            yield f"sessions without the extension codec {codec!a}"
    for one in values["envelopes"]:
        if "version" in one and one["version"] != Envelope.SUPPORTED[0]:
            yield f"every released engine: envelope version {one['version']}"
            break
    for name in main_names(values):
        yield f"every process whose main program has no {name.removeprefix(MAIN)}: it is imported"


def main_names(values: Values) -> list[str]:
    """Return the imports that come from the sender's main program."""
    return list(
        dict.fromkeys(
            name
            for one in pickles(values)
            for name in one.get("imports", ())
            if name.startswith(MAIN)
        )
    )


def pickles(values: Values) -> list[Values]:
    """Return what is unpickled: the file itself, if it is a pickle, and the payload of each UDF."""
    return [*values["udfs"], *([values["pickle"]] if "pickle" in values else [])]


def imported_names(values: Values) -> Iterator[str]:
    """Yield the modules and the names that unpickling imports, and the modules of its calls."""
    for one in pickles(values):
        yield from one.get("modules", ())
        yield from one.get("imports", ())


def needed_packages(values: Values) -> list[str]:
    """Return the packages that the receiver must have, but for Python's own modules."""
    tops = dict.fromkeys(name.partition(".")[0] for name in imported_names(values))
    own = {"__main__", "__builtin__", "copy_reg", "exceptions", *sys.stdlib_module_names}
    return sorted(top for top in tops if top.isidentifier() and top not in own)
