"""The conditions of a yes: what must be true of a receiver, and the bytes do not show."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from conformance.inspection.refusals import imported_names, pickles
from conformance.inspection.udf import Values
from conformance.interop.loading import depending_calls
from conformance.interop.python_names import uncertain_names
from conformance.interop.rules import Versions
from conformance.interop.summary import truncate_list
from conformance.matrix import read
from conformance.util.versions import minor_version

SHOWN = 20
"""The maximum number of calls, names and so on that one reason or condition names."""


def is_this_python(receiver: Versions) -> bool:
    """Return whether the receiver's Python has the minor version of this one."""
    return minor_version(receiver["python"]) == minor_version(platform.python_version())


def imported(packages: list[str], unsure: list[str], here: bool) -> Iterator[str]:
    """Yield what must be true of the modules, of which nothing is imported to see it."""
    if packages and here:
        yield f"versions of {', '.join(packages)} that fit: nobody has compared them"
    elif packages:
        yield f"the packages {', '.join(packages)}"
    if unsure:
        yield f"that it has {truncate_list(unsure, SHOWN)}: nothing was imported to see it"


def needs_of(values: Values, receiver: Versions) -> Iterator[str]:
    """Yield what else must be true for the receiver to read the bytes.

    They do not show their sender's engine, nor whether protobuf is an expression or a plan. A
    newer engine has functions and expressions that an older one lacks.
    """
    if _holds_an_engines_bytes(values) and receiver["engine"] != read().engines[-1]:
        yield (
            f"no newer engine than {receiver['engine']} on the sender, if it is a plan or uses "
            "more than that engine has"
        )
    if values["udfs"]:
        yield "a session that is not strict"
    for one in dict.fromkeys(one["codec_id"] for one in values["envelopes"]):
        yield f"the extension codec {one!a}"
    if any("hint" in part for one in values["udfs"] for part in one.values() if type(part) is dict):
        yield "schemas that it can read: there is no pyarrow here to look at them"
    if names := values.get("foreign"):
        shown = truncate_list(map(repr, names), SHOWN)
        yield f"a codec that reads the definition of {shown}: it is no frame"
    if calls := depending_calls(values):
        yield f"that the calls of {truncate_list(calls, SHOWN)} succeed while it unpickles"
    if not is_this_python(receiver) and (names := uncertain_names(values)):
        python = minor_version(receiver["python"])
        shown = truncate_list(names, SHOWN)
        yield f"that Python {python} has {shown}: no such Python is here to see it"
    if any(one.get("names") for one in pickles(values)):
        yield "what its functions import when they run"
    if calls := values["calls_by_name"]:
        names = ", ".join(dict.fromkeys(repr(one["name"]) for one in calls))
        yield f"functions named {names}, built-in or registered"


def _holds_an_engines_bytes(values: Values) -> bool:
    """Return whether an expression or a plan is in the bytes, or in a pickle in them."""
    return values["container"] == "protobuf" or any(
        name.startswith("datafusion.") for name in imported_names(values)
    )
