"""Answer whether a receiver reads a blob, from what ``inspect`` describes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from packaging.version import Version

from conformance.inspection.call_shapes import HIGHER_ORDER
from conformance.inspection.refusals import (
    REPEATED,
    at_calls,
    is_at_a_call,
    is_refused,
    main_names,
    needed_packages,
    pickles,
)
from conformance.inspection.udf import Values
from conformance.interop.answer import why_not_judged
from conformance.interop.conditions import SHOWN, imported, is_this_python, needs_of
from conformance.interop.loading import absent, unknown_calls
from conformance.interop.python_names import is_everywhere, other_systems
from conformance.interop.rules import (
    CHAIN_SINCE,
    FRAMES_SINCE,
    NAMES,
    Versions,
    engine_release,
)
from conformance.interop.summary import truncate_list
from conformance.util.versions import minor_version
from conformance.wire.chain import Envelope
from conformance.wire.frame import Frame
from conformance.wire.helpers import HELPERS, OLD_HELPERS

IMPORTERS = frozenset(
    (
        "builtins.__import__",
        "importlib.import_module",
        "importlib.__import__",
        "importlib._bootstrap.__import__",
        "_frozen_importlib.__import__",
    )
)
"""Functions that import the module that their arguments name."""

ANYTHING = frozenset(
    (
        "builtins.eval",
        "builtins.exec",
        "operator.methodcaller",
        "os.system",
        "pkgutil.resolve_name",
        "posix.system",
        "runpy.run_module",
        "runpy.run_path",
    )
)
"""Functions that run or import what their arguments say."""

_HELPER = "cloudpickle.cloudpickle."


@dataclass(frozen=True)
class BlobAnswer:
    """``reads`` is ``yes``, ``no`` or ``not judged``; ``needs`` are conditions of a yes."""

    reads: str
    sentence: str
    reasons: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def who_reads(
    values: Values, receiver: Versions, *, here: bool = False, doubt: str = ""
) -> BlobAnswer:
    """Answer for one file and one receiver; with ``here`` look for its packages, too.

    ``doubt`` says why the file is nothing that a receiver reads, if that is so: there is no yes.
    """
    who = f"datafusion {receiver['engine']}, cloudpickle {receiver['cloudpickle']}, " + (
        f"Python {minor_version(receiver['python'])}"
    )
    # Where a field is twice, nobody knows which of the two is refused, or read.
    if not values.get("repeated") and (reasons := tuple(_refusals(values, receiver))):
        return BlobAnswer("no", f"No: {who}: {'; '.join(reasons)}.", reasons)
    if reasons := (*([doubt] if doubt else []), *_unknowns(values, receiver)):
        return BlobAnswer("not judged", f"Not judged: {who}: {'; '.join(reasons)}.", reasons)
    packages = needed_packages(values)
    unsure: list[str] = []
    if here or is_this_python(receiver):
        missing, unsure = absent(values, of_python=not here)
        unsure = [name for name in unsure if here or not is_everywhere(name)]
        if not here and (others := other_systems(missing)):
            reasons = (f"Python has {truncate_list(others, SHOWN)} on other systems only",)
            return BlobAnswer("not judged", f"Not judged: {who}: {reasons[0]}.", reasons)
        if missing:
            whose = "it" if here else f"Python {minor_version(receiver['python'])}"
            reasons = (f"{whose} has no {truncate_list(missing, SHOWN)}",)
            return BlobAnswer("no", f"No: {who}: {reasons[0]}.", reasons)
    compared = receiver if here else ()
    others = [name for name in packages if NAMES.get(name, name) not in compared]
    needs = (*needs_of(values, receiver), *imported(others, unsure, here))
    condition = f", given {'; '.join(needs)}" if needs else ""
    return BlobAnswer("yes", f"Yes, by the clauses: {who}{condition}.", (), needs)


def _refusals(values: Values, receiver: Versions) -> Iterator[str]:
    """Yield why the receiver cannot read the bytes."""
    values = at_calls(values)
    udfs, envelopes = values["udfs"], values["envelopes"]
    release = engine_release(receiver)
    if (udfs or envelopes) and release < FRAMES_SINCE:
        yield f"datafusion {receiver['engine']} has no frames for Python UDFs"
    if (since := values.get("engine_since")) and release < Version(since):
        calls = [one["name"] for one in values["calls_by_name"] if one["kind"] == HIGHER_ORDER]
        taken = f", as {truncate_list(map(repr, calls))} takes" if calls else ""
        yield f"datafusion {receiver['engine']} has no lambdas{taken}: {since} added them"
    if envelopes and FRAMES_SINCE <= release < CHAIN_SINCE:
        yield f"datafusion {receiver['engine']} has no extension codecs with ids"
    for what, some in (("UDF", udfs), ("envelope", envelopes)):
        if damaged := [one for one in some if is_refused(one)]:
            yield f"{what} {damaged[0]['number']} is malformed: {damaged[0]['error']}"
    for one in udfs:
        if one.get("called_as") and one["kind"] != f"{one['called_as']} UDF":
            what = f"the {one['called_as']} call of UDF {one['number']}"
            yield f"{what} holds the frame of another kind: {one['kind']}"
            break
    ours = minor_version(receiver["python"])
    theirs = {one["python"] for one in udfs if "python" in one} - {ours}
    if theirs:
        yield f"inline UDFs of Python {', '.join(sorted(theirs))} do not run on Python {ours}"
    yield from _versions("wire version", Frame.SUPPORTED, [one.get("wire_version") for one in udfs])
    yield from _versions(
        "envelope version", Envelope.SUPPORTED, [one.get("version") for one in envelopes]
    )
    if any(one.get("persistent_ids") for one in pickles(values)):
        yield "a pickle has persistent ids, which no engine loads"
    if names := main_names(values):
        yield f"only the sender's main program has {', '.join(names)}"
    least = max((HELPERS.get(name, "0") for name in _helpers(values)), key=Version, default="0")
    if Version(receiver["cloudpickle"]) < Version(least):
        yield f"the payload needs cloudpickle >={least}"


def _versions(noun: str, supported: tuple[int, int], seen: Collection[int | None]) -> Iterator[str]:
    low, high = supported
    if wrong := sorted({one for one in seen if one is not None and not low <= one <= high}):
        yield f"no released engine reads {noun} {wrong[0]}"


def _unknowns(values: Values, receiver: Versions) -> Iterator[str]:
    """Yield why nothing is known."""
    if "error" in values:
        yield f"the bytes cannot be read: {values['error']}"
    if large := [one for one in values["udfs"] if one.get("too_large")]:
        yield f"the payload of UDF {large[0]['number']} has more opcodes than this suite reads"
    if wrong := [one for one in values["udfs"] if one.get("uncallable")]:
        yield (
            f"the callable of UDF {wrong[0]['number']} cannot be called: a receiver has to refuse "
            "it, and released engines decode it and fail when they call it"
        )
    if astray := [*_astray(values)]:
        yield f"{astray[0]} is at a place where no call has its frame"
    if values.get("repeated"):
        yield REPEATED
    if values.get("bad_names"):
        yield "the name of a column or of a function is not UTF-8, if it is one"
    if values["unread"]:
        yield "the bytes hold a magic that was not reached"
    if values["omitted"]:
        yield f"{values['omitted']} UDFs or envelopes were not described"
    if not values["calls_complete"]:
        yield "the bytes are too large or too deep to search for all calls by name"
    if strange := [name for name in _helpers(values) if name not in HELPERS]:
        yield f"no payload of a cloudpickle that this suite knows needs {strange[0]}"
    if strange := [name for name in _modules(values) if not name.partition(".")[0].isidentifier()]:
        if "?" in strange[0]:
            yield "unpickling imports something by a name that the bytes do not show"
        else:
            yield f"unpickling imports {strange[0]!r}, and no module has such a name"
    if calls := [name for one in pickles(values) for name in _unresolved(one)]:
        yield f"unpickling may call {calls[0]}, and what that imports is not known"
    if calls := unknown_calls(values):
        what = "an object of which the name is not known" if calls[0] == "?" else calls[0]
        yield f"unpickling calls {what}, and whether that succeeds is not known"
    if any("typing.NamedTuple" in one.get("imports", ()) for one in pickles(values)) and any(
        name in OLD_HELPERS for name in _imports(values)
    ):
        yield "a NamedTuple that cloudpickle 2.0.0 to 2.2.0 pickled by value cannot be unpickled"
    if any(one.get("names_omitted") for one in pickles(values)):
        yield "a payload has more imports or names than this suite lists"
    if why := why_not_judged(receiver):
        yield why


def _astray(values: Values) -> Iterator[str]:
    """Yield what begins like a frame or an envelope, and need not be one."""
    for what, some in (("UDF", values["udfs"]), ("envelope", values["envelopes"])):
        for one in some:
            doubtful = what == "UDF" and one["inside"] is None and "called_as" in one
            if (doubtful or is_refused(one)) and not is_at_a_call(one, values["container"]):
                yield f"{what} {one['number']}"


def _helpers(values: Values) -> list[str]:
    """Return the functions of cloudpickle that payloads import, without those of cloudpickle 2."""
    return [
        name.removeprefix(_HELPER)
        for name in _imports(values)
        if name.startswith("cloudpickle.") and name not in OLD_HELPERS
    ]


def _unresolved(pickled: Values) -> list[str]:
    """Return the imported functions that may import what the bytes do not show."""
    modules = pickled.get("modules", ())
    resolved = bool(modules) and not any(one == "?" or one.startswith(".") for one in modules)
    unknown = ANYTHING if resolved else ANYTHING | IMPORTERS
    return [name for name in pickled.get("imports", ()) if name in unknown]


def _imports(values: Values) -> list[str]:
    return [name for one in pickles(values) for name in one.get("imports", ())]


def _modules(values: Values) -> list[str]:
    """Return what unpickling imports, and the modules that calls import."""
    return [
        *_imports(values),
        *(name for one in pickles(values) for name in one.get("modules", ())),
    ]
