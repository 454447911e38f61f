"""What cases share: samples of the families, expressions, changed bytes, results."""

from __future__ import annotations

import copy
import pickle
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast

import pytest

from conformance import wire
from conformance.catalogue import ENTRIES, get
from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Family, Udf
from conformance.catalogue.query import Query
from conformance.catalogue.source import compile_udf
from conformance.runner.assertions import assert_equal, assert_message_contains
from conformance.subjects.interface import Expression, Function, Session, Slot, Subject
from conformance.subjects.plans import Layer, Plans
from conformance.wire import Found, Frame

clause = pytest.mark.clause
"""``@clause("STRICT-01")``: the clause that a case shows."""

since = pytest.mark.since
"""``@since("55.0.0")``: the first engine on which a case, or a parameter, can show its clause."""

needs = pytest.mark.needs
"""``@needs("plans")``: a part of the subject without which a case, or a parameter, is left out."""

SAMPLES: dict[Family, str] = {
    "scalar": "scalar/lambda",
    "aggregate": "aggregate/class",
    "window": "window/whole-partition",
}
"""One plain entry a family, for cases about the frame and not about the UDF."""

MAGIC = {"scalar": b"DFPYUDF", "aggregate": b"DFPYUDA", "window": b"DFPYUDW"}
KIND = {"scalar": "scalar UDF", "aggregate": "aggregate UDF", "window": "window UDF"}

PYTHON = (sys.version_info.major, sys.version_info.minor)

P = ParamSpec("P")
R = TypeVar("R")


def once(work: Callable[P, R]) -> Callable[P, R]:
    """``work``, which keeps its result for each of its arguments."""
    return cast("Callable[P, R]", cache(work))


LAYERS: tuple[Layer, ...] = ("logical", "physical")


def needs_at(level: str) -> Sequence[pytest.MarkDecorator]:
    """Return what a case needs beside its clause's own to ship something at ``level``."""
    return (needs("plans"),) if level in LAYERS else ()


def at_levels(levels: Iterable[str]) -> list[Any]:
    """Levels as parameters: a case that ships a plan needs plans."""
    return [pytest.param(level, marks=needs_at(level)) for level in levels]


each_layer = pytest.mark.parametrize("layer", LAYERS)
each_family = pytest.mark.parametrize("family", list(SAMPLES))
each_entry = pytest.mark.parametrize("entry", list(ENTRIES))


def unambiguous(entry: Entry) -> bool:
    """Return whether each UDF of ``entry`` has a name of its own in its family."""
    return len({(udf.family, udf.name) for udf in entry.udfs}) == len(entry.udfs)


def plans(subject: Subject) -> Plans:
    """Return the subject's plans; the cases of who asks need them."""
    assert subject.plans is not None
    return subject.plans


def functions(subject: Subject, entry: Entry | Query) -> dict[Any, Function]:
    """Return the subject's UDFs for ``entry``, their sources freshly compiled."""
    return {udf: subject.function(udf, compile_udf(udf, subject.bases)) for udf in entry.udfs}


def locked(subject: Subject, udf: Udf) -> Callable[..., Any]:
    """Return the callable of ``udf`` behind a lock, which no pickler takes."""
    lock, inner = threading.Lock(), compile_udf(udf, subject.bases)

    def f(*arguments: Any) -> Any:
        with lock:
            return inner(*arguments)

    return f


def built(subject: Subject, entry: Entry) -> Expression:
    """Return the entry's expression, with UDFs of its own."""
    return subject.expr(entry.expr, functions(subject, entry))


def sample(subject: Subject, family: Family) -> Expression:
    """Return a plain expression with one UDF of ``family``."""
    return built(subject, get(SAMPLES[family]))


def sample_function(subject: Subject, family: Family) -> Function:
    """Return the UDF of that sample, to register it."""
    (function,) = functions(subject, get(SAMPLES[family])).values()
    return function


def sample_name(family: Family) -> str:
    """Return the name of the sample's UDF."""
    return get(SAMPLES[family]).udfs[0].name


@once
def written(subject: Subject) -> Sequence[tuple[Entry, bytes, Sequence[Found]]]:
    """Every entry as the subject writes it, with the frames in the bytes."""
    all_bytes = [(entry, subject.to_bytes(built(subject, entry))) for entry in ENTRIES.values()]
    return [(entry, data, wire.find(data)) for entry, data in all_bytes]


def frame_of(data: bytes) -> Frame:
    """Return the one frame in ``data``."""
    found = wire.find(data)
    assert_equal(len(found), 1, "the number of frames in the bytes")
    return found[0].frame()


def changed(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return ``data`` with its one frame changed, and every length around it corrected."""
    (found,) = wire.find(data)
    return wire.replace(data, {found.path: change(found.data)})


def put(offset: int, value: int) -> Callable[[bytes], bytes]:
    """Return a change that sets one byte of the header."""
    return lambda frame: frame[:offset] + bytes([value]) + frame[offset + 1 :]


def decoded(subject: Subject, route: str, data: bytes, session: Session) -> Expression:
    """Return ``data`` decoded by ``session``: by ``from_bytes``, or a pickle through the worker slot."""
    if route == "from_bytes":
        return subject.from_bytes(data, session)
    subject.set_slot("worker", session)
    try:
        return pickle.loads(data)
    finally:
        subject.clear_slot("worker")


def encoded(subject: Subject, route: str, expr: Expression) -> bytes:
    """Return what ``decoded`` takes on this route, inline."""
    return subject.to_bytes(expr) if route == "from_bytes" else pickle.dumps(expr)


def copied(subject: Subject, how: str, expr: Expression, session: Session) -> Expression:
    """``expr`` copied while ``session`` stands in the worker slot."""
    subject.set_slot("worker", session)
    try:
        return getattr(copy, how)(expr)
    finally:
        subject.clear_slot("worker")


def strict(subject: Subject) -> Session:
    """Return a session with inlining off."""
    return subject.with_inlining(subject.session(), False)


def receiver(subject: Subject, mode: str) -> Session:
    """Return a fresh session, ``strict`` or ``inlining``."""
    return strict(subject) if mode == "strict" else subject.session()


def behaves(subject: Subject, slot: Slot) -> str:
    """Return what this thread does by its slot."""
    expr = sample(subject, "scalar")
    if slot == "sender":
        return "inlining" if wire.find(pickle.dumps(expr)) else "strict"
    data = subject.to_bytes(expr, subject.session())
    try:
        subject.from_bytes(data)
    except Exception as error:  # noqa: BLE001 - an implementation has errors of its own
        assert_message_contains(error, ["inlining is disabled"], "decoding by the worker slot")
        return "strict"
    return "inlining"


each_receiver = pytest.mark.parametrize("mode", ["inlining", "strict"])
each_route = pytest.mark.parametrize("route", ["from_bytes", "pickle"])
