"""The toggle: what it changes, what it leaves alone."""

from __future__ import annotations

import threading
from itertools import product

import pyarrow as pa
import pytest

from conformance import check, wire
from conformance.catalogue import get
from conformance.catalogue.nodes import Call, Col, Family, Udf
from conformance.catalogue.source import compile_udf
from conformance.subjects.interface import Session, Subject
from conformance.suite.tools import (
    SAMPLES,
    built,
    clause,
    each_entry,
    each_family,
    sample,
    sample_function,
    strict,
)

WORD = "a word that stands only in the callable"
_SECRET = {
    "scalar": f"def f(a):\n    return ({WORD!r}, a)[1]\n",
    "aggregate": f"class f(Accumulator):\n    word = {WORD!r}\n"
    "    def update(self, *a): pass\n    def merge(self, s): pass\n"
    "    def state(self): return [0]\n    def evaluate(self): return 0\n",
    "window": f"class f(WindowEvaluator):\n    word = {WORD!r}\n"
    "    def evaluate_all(self, values, n): return values[0]\n",
}


def _inlines(subject: Subject, session: Session, family: Family = "scalar") -> bool:
    return bool(wire.find(subject.to_bytes(sample(subject, family), session)))


def _refuses(subject: Subject, session: Session, family: Family = "scalar") -> bool:
    data = subject.to_bytes(sample(subject, family))
    try:
        subject.from_bytes(data, session)
    except RuntimeError as error:
        return "inlining is disabled" in str(error)
    return False


@clause("TOGGLE-01")
@each_family
def test_fresh_session_inlines(subject: Subject, family: Family) -> None:
    """A session that nobody touched writes frames and reads them."""
    session = subject.session()
    check.true(_inlines(subject, session, family), "a fresh session wrote no frame")
    check.true(not _refuses(subject, session, family), "a fresh session refuses frames")


@clause("TOGGLE-02")
def test_keyword_only(subject: Subject) -> None:
    """The argument cannot be given by position."""
    error = check.raises(lambda: subject.call_toggle(subject.session(), False), "by position")
    check.equal(type(error), TypeError, "the error")


@clause("TOGGLE-03")
def test_no_default(subject: Subject) -> None:
    """The argument cannot be left out."""
    error = check.raises(lambda: subject.call_toggle(subject.session()), "without the argument")
    check.equal(type(error), TypeError, "the error")


@clause("TOGGLE-04")
@each_family
@pytest.mark.parametrize("enabled", [False, True])
def test_original_is_unchanged(subject: Subject, family: Family, enabled: bool) -> None:
    """The session on which the toggle is called keeps its own setting."""
    original = subject.with_inlining(subject.session(), not enabled)
    other = subject.with_inlining(original, enabled)
    check.true(other is not original, "the toggle returned the session itself")
    check.equal(_inlines(subject, original, family), not enabled, "the original's setting")
    check.equal(_inlines(subject, other, family), enabled, "the new session's setting")


@clause("TOGGLE-05")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("where", ["original", "toggled"])
@each_family
def test_registrations_are_shared(subject: Subject, family: Family, when: str, where: str) -> None:
    """A UDF registered on one of the two sessions is there on the other."""
    original, function = subject.session(), sample_function(subject, family)
    if when == "before":
        subject.register(original, function)
    toggled = strict_of(subject, original)
    if when == "after":
        subject.register(original if where == "original" else toggled, function)
    data = subject.to_bytes(sample(subject, family), strict(subject))
    for session in (original, toggled):
        check.succeeds(lambda session=session: subject.from_bytes(data, session), "by name")


def strict_of(subject: Subject, session: Session) -> Session:
    """The strict twin of ``session``."""
    return subject.with_inlining(session, False)


@clause("TOGGLE-06")
@pytest.mark.parametrize("where", ["before", "original", "toggled"])
def test_tables_are_shared(subject: Subject, where: str) -> None:
    """A table registered on one of the two sessions is there on the other."""
    batch = pa.RecordBatch.from_pydict({"a": [1]})
    original = subject.session()
    if where == "before":
        subject.add_table(original, "t", batch)
    toggled = strict_of(subject, original)
    if where != "before":
        subject.add_table(original if where == "original" else toggled, "t", batch)
    check.equal(
        (subject.has_table(original, "t"), subject.has_table(toggled, "t")), (True, True), "t"
    )


@clause("TOGGLE-07")
@pytest.mark.parametrize("where", ["before", "original", "toggled"])
def test_configuration_is_shared(subject: Subject, where: str) -> None:
    """An option set on one of the two sessions is set on the other."""
    original = subject.session()
    if where == "before":
        subject.set_batch_size(original, 77)
    toggled = strict_of(subject, original)
    if where != "before":
        subject.set_batch_size(original if where == "original" else toggled, 77)
    seen = subject.batch_size(original), subject.batch_size(toggled)
    check.equal(seen, (77, 77), "the option on both")


@clause("TOGGLE-08")
@each_family
def test_off_and_on_writes_the_same_bytes(subject: Subject, family: Family) -> None:
    """Off and on again: the bytes of a session that was never touched."""
    expr, session = sample(subject, family), subject.session()
    again = subject.with_inlining(subject.with_inlining(session, False), True)
    check.same_bytes(subject.to_bytes(expr, again), subject.to_bytes(expr, session), "the bytes")


@clause("TOGGLE-09")
@each_entry
def test_off_writes_no_frame(subject: Subject, entry: str) -> None:
    """With inlining off no frame, and no magic anywhere, is in the bytes."""
    data = subject.to_bytes(built(subject, get(entry)), strict(subject))
    check.equal(wire.find(data), [], "the frames in the bytes")
    check.true(b"DFPY" not in data, "a magic is in the bytes", data)


@clause("TOGGLE-10")
@each_family
def test_off_writes_nothing_of_the_callable(subject: Subject, family: Family) -> None:
    """With inlining off not a word of the callable is in the bytes; with it on, it is."""
    template = get(SAMPLES[family]).udfs[0]
    udf = Udf(
        "toggle/secret",
        family,
        "secret",
        _SECRET[family],
        template.inputs,
        template.returns,
        template.state,
    )
    function = subject.function(udf, compile_udf(udf, subject.bases))
    columns = tuple(Col(f"c{i}") for i, _ in enumerate(udf.inputs))
    expr = subject.expr(Call(udf, columns), {udf: function})
    word = WORD.encode()
    check.true(word in subject.to_bytes(expr), "inline bytes lack the callable: no test at all")
    data = subject.to_bytes(expr, strict(subject))
    check.true(word not in data, "a constant of the callable is in the bytes", data)


@clause("TOGGLE-11")
@each_family
def test_toggles_stand_side_by_side(subject: Subject, family: Family) -> None:
    """Sessions with different settings do not disturb each other, in whatever order they work."""
    sessions = {
        enabled: subject.with_inlining(subject.session(), enabled) for enabled in (True, False)
    }
    for enabled in (True, False, False, True, False):
        check.equal(_inlines(subject, sessions[enabled], family), enabled, "encoding")
        check.equal(_refuses(subject, sessions[enabled], family), not enabled, "decoding")


@clause("TOGGLE-12")
@pytest.mark.parametrize("calls", list(product([False, True], repeat=3)), ids=str)
@each_family
def test_last_call_counts(subject: Subject, family: Family, calls: tuple[bool, ...]) -> None:
    """After any calls of the toggle, the session does what the last one said."""
    session = subject.session()
    for enabled in calls:
        session = subject.with_inlining(session, enabled)
    check.equal(_inlines(subject, session, family), calls[-1], "encoding")
    check.equal(_refuses(subject, session, family), not calls[-1], "decoding")


@clause("TOGGLE-13")
def test_off_needs_no_pickler(subject: Subject) -> None:
    """With inlining off a callable that holds a lock is encoded all the same."""
    lock = threading.Lock()
    udf = get(SAMPLES["scalar"]).udfs[0]
    function = subject.function(udf, lambda a: (lock, a)[1])
    columns = tuple(Col(f"c{i}") for i, _ in enumerate(udf.inputs))
    data = subject.to_bytes(subject.expr(Call(udf, columns), {udf: function}), strict(subject))
    check.true(udf.name.encode() in data, "the name is not in the bytes", data)
