"""The functions of which bytes hold only the name, and what such a name is for the driver."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from conformance.inspection import inspect
from conformance.inspection.call_shapes import kind_around
from conformance.wire import Definition, find
from conformance.wire.frame import Family

_KINDS = {family.name.lower() for family in Family}
"""The kinds of functions in Python."""


def named_functions(
    data: bytes, inline: bytes | None, unpicklable: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Return the functions that ``data`` calls by name: kind, name, and whether it is in Python.

    ``inline`` are the bytes of the same object with its UDFs inline: these are in Python, all
    others are not, but for the UDFs that are ``unpicklable``. Without these bytes ``python`` is
    ``None``: bytes hold the name of a built-in function and of a UDF alike.
    """
    if inline is None:
        return [{**one, "python": one["name"] in unpicklable or None} for one in _calls(data)]
    found = [{**one, "python": one["name"] in unpicklable} for one in _calls(inline)]
    if inline != data:
        for found_frame in find(inline):
            if kind_around(found_frame) is None:  # a text that begins like a frame
                continue
            definition = Definition.read(found_frame.frame())
            one = {"kind": definition.family.name.lower(), "name": definition.name, "python": True}
            found += [] if one in found else [one]
    return found


def _calls(data: bytes) -> list[dict[str, Any]]:
    """Return the calls by name of functions that a UDF in Python may be: none takes lambdas."""
    found = inspect(data)["calls_by_name"]
    return [{key: one[key] for key in ("kind", "name")} for one in found if one["kind"] in _KINDS]
