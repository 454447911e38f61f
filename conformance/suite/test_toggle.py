"""The toggle: the behaviour that it changes, and the state that it leaves alone."""

from __future__ import annotations

from functools import partial
from itertools import product

import pyarrow as pa
import pytest

from conformance import wire
from conformance.catalogue import get
from conformance.catalogue.boundaries import TYPES
from conformance.catalogue.nodes import Call, Col, Family, Udf
from conformance.catalogue.source import MODULE, compile_udf
from conformance.runner.assertions import (
    assert_control,
    assert_equal,
    assert_raises,
    assert_result,
    assert_same_bytes,
    assert_succeeds,
    assert_true,
)
from conformance.subjects.interface import Session, Subject
from conformance.suite.helpers.codec import refuses, setting_of
from conformance.suite.helpers.markers import clause, each_entry, each_family
from conformance.suite.helpers.same_name_udfs import (
    RESULTS,
    decode_and_evaluate,
    encode_call_by_name,
    function_of,
    times,
)
from conformance.suite.helpers.samples import (
    SAMPLES,
    build_expression,
    make_locked,
    sample,
    sample_function,
    strict_session,
)
from conformance.suite.helpers.specimens import INT, Specimen

MARKERS = {
    "constant": "a constant",
    "global": "a global of the module",
    "cell": "held by a closure",
    "docstring": "a docstring",
    "variable": "a_local_variable",
    "file": "<conformance toggle/secret>",
    "module": MODULE,
}
"""Marker words that occur only in the callable, nowhere else in the expression."""
_BODY = (
    "            {docstring!r}\n            {variable} = {constant!r}\n"
    "            return ({variable}, WORD, held, {result})[-1]\n"
)
_SECRET: dict[Family, str] = {
    "scalar": "    if True:\n        def f(a):\n" + _BODY + "    return f\n",
    "aggregate": "    class f(Accumulator):\n        def update(self, *a): pass\n"
    "        def merge(self, s): pass\n        def state(self): return [0]\n"
    "        def evaluate(self):\n" + _BODY + "    return f\n",
    "window": "    class f(WindowEvaluator):\n        def evaluate_all(self, a, n):\n"
    + _BODY
    + "    return f\n",
}


def _assert_setting(subject: Subject, session: Session, family: Family, *, inlines: bool) -> None:
    """Assert that a session writes and reads frames, or neither."""
    seen = setting_of(subject, session, family)
    assert_equal(seen, (inlines, inlines), "whether the session writes frames, and reads them")


@clause("TOGGLE-01")
@each_family
def test_fresh_session_inlines(subject: Subject, family: Family) -> None:
    """A new session is not toggled. It writes frames and decodes them."""
    _assert_setting(subject, subject.session(), family, inlines=True)


@clause("TOGGLE-02")
@pytest.mark.parametrize("enabled", [False, True])
def test_keyword_only(subject: Subject, enabled: bool) -> None:
    """The toggle's argument is given by position. That raises a TypeError."""
    toggle = partial(subject.call_toggle, subject.session(), enabled)
    error = assert_raises(toggle, "by position", any_error=True)
    assert_true(
        isinstance(error, TypeError), "expected a TypeError", repr(error), kind="wrong-error-kind"
    )


@clause("TOGGLE-03")
def test_no_default(subject: Subject) -> None:
    """The toggle's argument is omitted. That raises a TypeError."""
    toggle = partial(subject.call_toggle, subject.session())
    error = assert_raises(toggle, "without the argument", any_error=True)
    assert_true(
        isinstance(error, TypeError), "expected a TypeError", repr(error), kind="wrong-error-kind"
    )


@clause("TOGGLE-04")
@each_family
@pytest.mark.parametrize("enabled", [False, True])
@pytest.mark.parametrize("was", [False, True])
def test_original_is_unchanged(subject: Subject, family: Family, was: bool, enabled: bool) -> None:
    """A session is toggled. It keeps its own setting, and the toggle returns another session."""
    original = subject.with_inlining(subject.session(), was)
    other = subject.with_inlining(original, enabled)
    assert_true(other is not original, "the toggle returned the session itself")
    for session, setting in ((original, was), (other, enabled)):
        _assert_setting(subject, session, family, inlines=setting)


@clause("TOGGLE-04")
@pytest.mark.parametrize("enabled", [False, True])
def test_global_session_is_unchanged(subject: Subject, enabled: bool) -> None:
    """The global session is toggled. It keeps inlining, and so does decoding without a session."""
    subject.with_inlining(subject.global_session(), enabled)
    _assert_setting(subject, subject.global_session(), "scalar", inlines=True)
    frame = subject.to_bytes(sample(subject, "scalar"))
    assert_true(not refuses(subject, frame), "a frame is refused")


WHERE = ["original", "toggled", "again"]
each_where = pytest.mark.parametrize("where", ["before", *WHERE])
each_where_afterwards = pytest.mark.parametrize("where", WHERE)


def strict_of(subject: Subject, session: Session) -> Session:
    """Return the strict twin of ``session``."""
    return subject.with_inlining(session, False)


def toggled_of(subject: Subject, session: Session) -> dict[str, Session]:
    """Return ``session``, its strict twin, and an inlining twin of that one."""
    strict = strict_of(subject, session)
    return {"original": session, "toggled": strict, "again": subject.with_inlining(strict, True)}


@clause("TOGGLE-05")
@each_where
@each_family
def test_registrations_are_shared(subject: Subject, family: Family, where: str) -> None:
    """A UDF is registered on one of the sessions. The others resolve it too."""
    original, function = subject.session(), sample_function(subject, family)
    if where == "before":
        subject.register(original, function)
    sessions = toggled_of(subject, original)
    if where != "before":
        subject.register(sessions[where], function)
    data = subject.to_bytes(sample(subject, family), strict_session(subject))
    for session in sessions.values():
        assert_succeeds(partial(subject.from_bytes, data, session), "by name")


@clause("TOGGLE-05")
@each_where_afterwards
@each_family
def test_replacements_are_shared(subject: Subject, family: Family, where: str) -> None:
    """A registered UDF is replaced on one of the sessions. All resolve the new one."""
    original = subject.session()
    subject.register(original, function_of(subject, times(family, 2)))
    sessions, named = toggled_of(subject, original), encode_call_by_name(subject, times(family, 2))
    subject.register(sessions[where], function_of(subject, times(family, 7)))
    for session in sessions.values():
        values = decode_and_evaluate(subject, family, named, session)
        assert_result(values, RESULTS[family], "times 7")


@clause("TOGGLE-14")
@each_where_afterwards
@each_family
def test_deregistrations_are_shared(subject: Subject, family: Family, where: str) -> None:
    """A UDF is deregistered on one of the sessions. The others no longer resolve it either."""
    original, function = subject.session(), sample_function(subject, family)
    subject.register(original, function)
    sessions = toggled_of(subject, original)
    subject.deregister(sessions[where], function)
    data = subject.to_bytes(sample(subject, family), strict_session(subject))
    for session in sessions.values():
        assert_raises(partial(subject.from_bytes, data, session), "a deregistered name")


@clause("TOGGLE-06")
@each_where
def test_tables_are_shared(subject: Subject, where: str) -> None:
    """A table is registered on one of the sessions. All have the table."""
    batch = pa.RecordBatch.from_pydict({"a": [1]})
    original = subject.session()
    if where == "before":
        subject.add_table(original, "t", batch)
    sessions = toggled_of(subject, original)
    if where != "before":
        subject.add_table(sessions[where], "t", batch)
    seen = [subject.has_table(session, "t") for session in sessions.values()]
    assert_equal(seen, [True] * 3, "the table t on all")


@clause("TOGGLE-07")
@each_where
def test_configuration_is_shared(subject: Subject, where: str) -> None:
    """An option is set on one of the sessions. The others have the same value."""
    original = subject.session()
    if where == "before":
        subject.set_batch_size(original, 77)
    sessions = toggled_of(subject, original)
    if where != "before":
        subject.set_batch_size(sessions[where], 77)
    seen = [subject.batch_size(session) for session in sessions.values()]
    assert_equal(seen, [77] * 3, "the option on all")


@clause("TOGGLE-08")
@each_family
def test_off_and_on_writes_the_same_bytes(subject: Subject, family: Family) -> None:
    """A session is toggled on and off repeatedly.

    When on, it writes the bytes of an untouched session.
    """
    expr, session = sample(subject, family), subject.session()
    untouched = subject.to_bytes(expr, subject.session())
    for enabled in (True, False, True, False, False, True):
        session = subject.with_inlining(session, enabled)
        if enabled:
            assert_same_bytes(subject.to_bytes(expr, session), untouched, "a session toggled on")


@clause("TOGGLE-08")
@pytest.mark.parametrize("type_", TYPES)
def test_the_same_bytes_for_any_type(subject: Subject, type_: str) -> None:
    """A UDF has this type. An untouched session and one that was toggled write equal bytes."""
    wanted, session = TYPES[type_], subject.session()
    one = Specimen("aggregate", inputs=(wanted,), returns=wanted, states=(INT, wanted))
    expr = subject.expr(one.node, {one.udf: function_of(subject, one.udf)})
    untouched = subject.to_bytes(expr, session)
    for enabled in (False, True):
        session = subject.with_inlining(session, enabled)
    assert_same_bytes(subject.to_bytes(expr, session), untouched, "a session toggled off and on")


@clause("TOGGLE-09")
@each_entry
def test_off_writes_no_frame(subject: Subject, entry: str) -> None:
    """A strict session encodes an entry. The bytes hold no frame and no magic."""
    data = subject.to_bytes(build_expression(subject, get(entry)), strict_session(subject))
    assert_equal(wire.find(data), [], "the frames in the bytes")
    assert_true(b"DFPY" not in data, "a magic is in the bytes", data, kind="wrong-bytes")


@clause("TOGGLE-10")
@each_family
def test_off_writes_nothing_of_the_callable(subject: Subject, family: Family) -> None:
    """The callable contains marker words, of which inline bytes have several.

    None is in the bytes by name.
    """
    result = {"scalar": "a", "aggregate": "0", "window": "a[0]"}[family]
    source = f"WORD = {{global!r}}\ndef make(held):\n{_SECRET[family]}f = make({{cell!r}})\n"
    udf = Udf(
        "toggle/secret",
        family,
        "secret",
        source.format(**MARKERS, result=result),
        (pa.int64(),),
        pa.int64(),
        (pa.int64(),) if family == "aggregate" else (),
    )
    function = subject.function(udf, compile_udf(udf, subject.bases))
    expr = subject.expr(Call(udf, (Col("c"),)), {udf: function})
    inline, by_name = subject.to_bytes(expr), subject.to_bytes(expr, strict_session(subject))
    # An implementation may leave some out, as cloudpickle 3.1.3 does with the name of the file.
    sent = [what for what, word in MARKERS.items() if word.encode() in inline]
    assert_control(len(sent) > 1, "inline bytes lack the words", sent)
    for what, word in MARKERS.items():
        assert_true(
            word.encode() not in by_name, f"the {what} is in the bytes", by_name, kind="wrong-bytes"
        )


@clause("TOGGLE-10")
@each_family
def test_off_writes_the_same_for_every_callable(subject: Subject, family: Family) -> None:
    """Two UDFs differ only in their callables. A strict session encodes them to the same bytes."""
    written = {encode_call_by_name(subject, times(family, factor)) for factor in (2, 7)}
    assert_equal(len(written), 1, "the number of different bytes")


@clause("TOGGLE-11")
@each_family
def test_toggles_stand_side_by_side(subject: Subject, family: Family) -> None:
    """A strict and an inlining session work in turn. Each keeps its own setting."""
    sessions = {
        enabled: subject.with_inlining(subject.session(), enabled) for enabled in (True, False)
    }
    for enabled in (True, False, False, True, False):
        _assert_setting(subject, sessions[enabled], family, inlines=enabled)


@clause("TOGGLE-12")
@pytest.mark.parametrize("calls", list(product([False, True], repeat=3)), ids=str)
@each_family
def test_last_call_counts(subject: Subject, family: Family, calls: tuple[bool, ...]) -> None:
    """A session is toggled three times. The last setting applies."""
    session = subject.session()
    for enabled in calls:
        session = subject.with_inlining(session, enabled)
    _assert_setting(subject, session, family, inlines=calls[-1])


@clause("TOGGLE-12")
@each_family
def test_global_session(subject: Subject, family: Family) -> None:
    """The global session is toggled off, then on. Each setting applies to the session it gives."""
    session = subject.global_session()
    for enabled in (False, True):
        session = subject.with_inlining(session, enabled)
        _assert_setting(subject, session, family, inlines=enabled)


@clause("TOGGLE-13")
@each_family
def test_off_needs_no_pickler(subject: Subject, family: Family) -> None:
    """The callable holds a lock. A strict session still encodes it by name."""
    udf = get(SAMPLES[family]).udfs[0]
    function = subject.function(udf, make_locked(subject, udf))
    expr = subject.expr(Call(udf, (Col("c"),)), {udf: function})
    data = assert_succeeds(
        lambda: subject.to_bytes(expr, strict_session(subject)), "a lock in the callable"
    )
    assert_true(udf.name.encode() in data, "the name is not in the bytes", data, kind="wrong-bytes")
