"""The whole public surface: every way to make, encode, decode and copy keeps the promises."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import Any, get_args

import pytest

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.hostile import canary
from conformance.processes.child import Child
from conformance.runner.assertions import (
    assert_control,
    assert_equal,
    assert_message_contains,
    assert_nothing_unpickled,
    assert_raises,
    assert_result,
    assert_succeeds,
    assert_true,
)
from conformance.subjects import current
from conformance.subjects.interface import Session, Subject
from conformance.subjects.surface import Way
from conformance.suite.helpers import artifacts
from conformance.suite.helpers.artifacts import assert_multiplies, with_canary
from conformance.suite.helpers.canaries import with_canaries
from conformance.suite.helpers.codec import INLINING, MAGIC, STRICT, frame_of, setting_of
from conformance.suite.helpers.counting import make_counting
from conformance.suite.helpers.markers import clause, each_family
from conformance.suite.helpers.same_name_udfs import (
    RESULTS,
    ROWS,
    call_of,
    evaluate_rows,
    expected_values,
)
from conformance.suite.helpers.samples import plans, sample, strict_session
from conformance.suite.helpers.ways import (
    MARK,
    each_group,
    encode_inline,
    find_ways,
    make_expression,
    make_plan,
    start,
    surface,
    udf_of,
)
from conformance.wire import Definition, read_schema
from conformance.wire.schema import schema_lines

REFUSAL = "inlining is disabled on this session"


@clause("SURFACE-01")
def test_every_entry_point_is_known(subject: Subject) -> None:
    """The subject's own search of its public entry points finds none that is not classified."""
    assert_equal(list(surface(subject).unknown()), [], "the entry points that are not classified")


def _fields(schema: bytes | None) -> list[str]:
    return schema_lines(read_schema(schema)) if schema is not None else []


@clause("SURFACE-02")
@each_group("function")
def test_functions_are_written_as_declared(subject: Subject, group: str) -> None:
    """A UDF is made or looked up in a public way. Its frame defines it as it was declared."""
    for name, way in find_ways(subject, group, "function"):
        frame = frame_of(assert_succeeds(partial(encode_inline, subject, way), name))
        seen = Definition.read(frame)
        assert_equal(seen.family.name.lower(), way.family, f"{name}: the family")
        assert_equal(seen.name, way.name, f"{name}: the name")
        assert_equal(seen.volatility, way.volatility, f"{name}: the volatility")
        assert_equal(_fields(seen.input_schema), list(way.inputs), f"{name}: the inputs")
        returns = [line.partition(": ")[2] for line in _fields(seen.return_schema)]
        assert_equal(returns, [way.returns], f"{name}: the result")
        states = list(way.states) if way.family == "aggregate" else []
        assert_equal(_fields(seen.state_schema), states, f"{name}: the states")


@clause("SURFACE-03")
@each_group("function")
def test_functions_are_decoded(subject: Subject, group: str) -> None:
    """A UDF is made or looked up in a public way. A call of it decodes and gives its result."""
    for name, way in find_ways(subject, group, "function"):
        data = assert_succeeds(partial(encode_inline, subject, way), name)
        decoded = assert_succeeds(partial(subject.from_bytes, data, subject.session()), name)
        expr = make_expression(subject, way, "inlining")
        assert_equal(subject.display(decoded), subject.display(expr), f"{name}: the text")
        assert_result(evaluate_rows(subject, way.family, decoded), RESULTS[way.family], name)


@clause("SURFACE-04")
@each_group("expression")
def test_expressions_are_written_inline(subject: Subject, group: str) -> None:
    """An expression is made in a public way. Each call of the UDF in it has a frame."""
    for name, way in find_ways(subject, group, "expression"):
        found = wire.find(assert_succeeds(partial(encode_inline, subject, way), name))
        calls = way.calls or max(len(found), 1)
        assert_equal([one.name for one in found], ["times"] * calls, f"{name}: the frames")
        magics = {one.data[:7] for one in found}
        assert_equal(magics, {MAGIC[way.family]}, f"{name}: the families")


@clause("SURFACE-05")
@each_group("expression")
def test_expressions_are_decoded(subject: Subject, group: str) -> None:
    """An expression is made in a public way.

    It decodes on a session with nothing registered, to the same text and the same result.
    """
    for name, way in find_ways(subject, group, "expression"):
        data = assert_succeeds(partial(encode_inline, subject, way), name)
        session, expr = subject.session(), make_expression(subject, way, "inlining")
        decoded = assert_succeeds(partial(subject.from_bytes, data, session), name)
        assert_equal(subject.display(decoded), subject.display(expr), f"{name}: the text")
        if way.gives is not None:
            result = subject.evaluate(session, decoded, ROWS, aggregate=way.aggregate)
            assert_result(result.to_pylist(), list(way.gives), name)


def _assert_by_name(data: bytes, name: str) -> None:
    """Assert that the bytes hold the name of the UDF, no frame and nothing of its callable."""
    assert_true(b"DFPY" not in data, f"{name}: a strict session wrote a frame", kind="wrong-bytes")
    found = MARK.encode() in data
    assert_true(not found, f"{name}: a strict session wrote a callable", kind="wrong-bytes")


@clause("SURFACE-06")
@each_group("function", "expression")
def test_a_strict_session_writes_by_name(subject: Subject, group: str) -> None:
    """A UDF or an expression is made in a public way on a strict session.

    That session writes no frame and nothing of the callable.
    """
    for name, way in find_ways(subject, group, "function", "expression"):
        session, _ = start(subject, way.family, "strict")
        expr = assert_succeeds(partial(make_expression, subject, way, "strict"), name)
        data = subject.to_bytes(expr, session)
        assert_control(way.name.encode() in data, f"{name}: the name is not in the bytes", data)
        _assert_by_name(data, name)


def _assert_refuses(call: Any, data: bytes, canaries: bytes, name: str) -> None:
    """Assert that ``call`` refuses ``data``, and unpickles nothing of the canaries."""
    assert_message_contains(assert_raises(partial(call, data), name), [REFUSAL], name)
    _assert_unpickles_nothing(call, canaries, name)


def _assert_unpickles_nothing(call: Any, canaries: bytes, name: str) -> None:
    with canary.recording() as events:
        assert_raises(partial(call, canaries), name)
        assert_nothing_unpickled(events, name)


@clause("SURFACE-07")
@each_group("function", "expression")
def test_a_strict_session_refuses(subject: Subject, group: str) -> None:
    """A UDF or an expression is made in a public way and encoded inline.

    A strict session raises an error and unpickles nothing. It says that inlining is disabled,
    unless an inlining session cannot decode the bytes, either.
    """
    session = strict_session(subject)
    for name, way in find_ways(subject, group, "function", "expression"):
        data = assert_succeeds(partial(encode_inline, subject, way), name)
        decode = lambda data: subject.from_bytes(data, session)  # noqa: E731
        error = assert_raises(partial(decode, data), name)
        if REFUSAL not in str(error):
            assert_raises(partial(subject.from_bytes, data, subject.session()), f"inlining, {name}")
        _assert_unpickles_nothing(decode, with_canaries(data), name)


def _encode_plan(subject: Subject, name: str, way: Way, mode: str) -> tuple[Session, bytes]:
    """Return the session of ``mode`` on which the way makes its plan, and its bytes of the plan."""
    session, _ = start(subject, way.family, mode)
    plan = assert_succeeds(partial(make_plan, subject, way, mode), name)
    return session, assert_succeeds(lambda: plans(subject).to_bytes(plan, session), name)


@clause("SURFACE-08")
@each_group("plan")
def test_plans_are_written_inline(subject: Subject, group: str) -> None:
    """A plan that calls the UDF is made in a public way. Its bytes hold frames of the UDF only."""
    for name, way in find_ways(subject, group, "plan"):
        _, data = _encode_plan(subject, name, way, "inlining")
        found = wire.find(data)
        names, magics = {one.name for one in found}, {one.data[:7] for one in found}
        assert_equal(names, {"times"}, f"{name}: the frames")
        assert_equal(magics, {MAGIC[way.family]}, f"{name}: the families")


@clause("SURFACE-09")
@each_group("plan")
def test_plans_are_decoded(subject: Subject, group: str) -> None:
    """A plan is made in a public way. It decodes with nothing registered and gives its result."""
    for name, way in find_ways(subject, group, "plan"):
        _, data = _encode_plan(subject, name, way, "inlining")
        session = subject.session()
        decode = partial(plans(subject).from_bytes, way.layer, session, data)
        table = plans(subject).execute(session, assert_succeeds(decode, name))
        seen = sorted(table.column(0).to_pylist())
        assert_result(seen, sorted(way.gives or ()), name)


@clause("SURFACE-10")
@each_group("plan")
def test_a_strict_session_writes_plans_by_name(subject: Subject, group: str) -> None:
    """A plan is made in a public way on a strict session, which then writes it by name."""
    for name, way in find_ways(subject, group, "plan"):
        _, data = _encode_plan(subject, name, way, "strict")
        assert_control(b"times" in data, f"{name}: the name is not in the bytes", data)
        _assert_by_name(data, name)


@clause("SURFACE-11")
@each_group("plan")
def test_a_strict_session_refuses_plans(subject: Subject, group: str) -> None:
    """A plan is made in a public way. A strict session refuses its bytes, and unpickles nothing."""
    session = strict_session(subject)
    for name, way in find_ways(subject, group, "plan"):
        _, data = _encode_plan(subject, name, way, "inlining")
        decode = partial(plans(subject).from_bytes, way.layer, session)
        _assert_refuses(decode, data, with_canaries(data), name)


@clause("SURFACE-12")
@pytest.mark.parametrize("mode", ["inlining", "strict"])
@each_group("encode")
def test_every_call_that_encodes(subject: Subject, group: str, mode: str) -> None:
    """A call of the public interface encodes with a session. It writes as the session says."""
    for name, way in find_ways(subject, group, "encode"):
        _, begin = start(subject, "scalar", mode)
        data = assert_succeeds(partial(way.make, begin), name)
        if mode == "strict":
            _assert_by_name(data, name)
        else:
            assert_equal(data.count(MAGIC["scalar"]), 1, f"{name}: the frames")


@clause("SURFACE-13")
@each_family
@each_group("decode")
def test_every_call_that_decodes(subject: Subject, group: str, family: Family) -> None:
    """A call of the public interface decodes with an inlining session. The UDF runs."""
    session, begin = start(subject, "scalar", "inlining")
    for name, way in find_ways(subject, group, "decode"):
        data = artifacts.encode_inline(subject, way.artifact, family)
        decoded = assert_succeeds(partial(way.make, begin, data), name)
        assert_multiplies(subject, way.artifact, family, decoded, session)


@clause("SURFACE-14")
@each_family
@each_group("decode")
def test_every_call_that_decodes_refuses(subject: Subject, group: str, family: Family) -> None:
    """A call of the public interface decodes with a strict session.

    It refuses an inline frame and unpickles nothing.
    """
    _, begin = start(subject, "scalar", "strict")
    for name, way in find_ways(subject, group, "decode"):
        data = artifacts.encode_inline(subject, way.artifact, family)
        canaries = with_canary(subject, way.artifact, family)
        _assert_refuses(partial(way.make, begin), data, canaries, name)


@clause("SURFACE-15")
@each_family
@each_group("copy")
def test_copies_share_no_state(subject: Subject, group: str, family: Family) -> None:
    """An expression is copied, and the callable counts its calls in a closure.

    Running the copy does not count at the original; running the original does.
    """
    _, begin = start(subject, "scalar", "inlining")
    for name, way in find_ways(subject, group, "copy"):
        implementation, calls = make_counting(family, subject.bases)
        udf = udf_of(family)
        expr = call_of(subject, udf, subject.function(udf, implementation))
        copied = assert_succeeds(partial(way.make, begin, expr), name)
        assert_result(evaluate_rows(subject, family, copied), expected_values(family, 7), name)
        assert_equal(len(calls), 0, f"{name}: the calls of the original")
        evaluate_rows(subject, family, expr)
        assert_true(bool(calls), f"{name}: the original counts at the copy", f"{len(calls)} calls")


NAMESPACES = ("an importable module", "__main__", "a notebook")


@clause("SURFACE-16")
@pytest.mark.deadline(60)
def test_any_interpreter_and_namespace(subject: Subject) -> None:
    """An optimizing interpreter turns warnings into errors and collects garbage at each step.

    It ships callables of a module, of `__main__` and of a notebook, and gets their results.
    """
    del subject  # the other process creates its own
    environment = {**os.environ, "PYTHONOPTIMIZE": "1", "PYTHONWARNINGS": "error"}
    peer = Child(env=environment)
    try:
        spec = os.environ["CONFORMANCE_SUBJECT"]
        peer.submit("conformance.subjects.current:create", spec, current.search_path())
        seen = peer.call("conformance.suite.helpers.namespaces:ship_all", deadline=30)
    finally:
        peer.close()
    expected = {
        f"{family} of {namespace}": RESULTS[family]
        for family in get_args(Family)
        for namespace in NAMESPACES
    }
    assert_equal(seen, expected, "the results", kind="wrong-result")


@clause("SURFACE-17")
def test_functions_are_made_by_keyword(subject: Subject) -> None:
    """A UDF is made with its arguments given by their documented names."""
    for name, way in find_ways(subject, "keywords", "function"):
        assert_succeeds(partial(make_expression, subject, way, "inlining"), name)


@clause("SURFACE-18")
def test_every_session_can_be_toggled(subject: Subject) -> None:
    """A session is made in a public way. It inlines.

    Toggled off, it writes no frame and refuses one; toggled on again, it inlines.
    """
    for name, way in find_ways(subject, "constructors", "session"):
        session = assert_succeeds(partial(way.make, start(subject, "scalar", "inlining")[1]), name)
        for toggled, setting in (
            (session, INLINING),
            (strict := subject.with_inlining(session, False), STRICT),
            (subject.with_inlining(strict, True), INLINING),
        ):
            what = f"{name}: whether it writes frames, and reads them"
            assert_equal(setting_of(subject, toggled), setting, what)


each_given = pytest.mark.parametrize("group", ["table-functions", "table-providers"])


def _strict_sessions(subject: Subject, group: str) -> Iterator[tuple[str, Session]]:
    """Yield the sessions of a group that come from a strict one."""
    for name, way in find_ways(subject, group, "session"):
        begin = start(subject, "scalar", "strict")[1]
        yield name, assert_succeeds(partial(way.make, begin), name)


def _assert_write_by_name(subject: Subject, group: str) -> None:
    for name, session in _strict_sessions(subject, group):
        _assert_by_name(subject.to_bytes(sample(subject, "scalar"), session), name)


def _assert_refuse(subject: Subject, group: str) -> None:
    data = artifacts.encode_inline(subject, "expression", "scalar")
    for name, session in _strict_sessions(subject, group):
        decode = partial(subject.from_bytes, session=session)
        _assert_refuses(decode, data, with_canaries(data), name)


@clause("SURFACE-19")
@each_given
def test_a_given_session_writes_by_name(subject: Subject, group: str) -> None:
    """The code of a user gets a session from a strict one. That session writes no frame."""
    _assert_write_by_name(subject, group)


@clause("SURFACE-19")
@each_given
def test_a_given_session_refuses(subject: Subject, group: str) -> None:
    """The code of a user gets a session from a strict one.

    That session refuses a frame and unpickles nothing.
    """
    _assert_refuse(subject, group)


@clause("SURFACE-20")
def test_a_changed_session_is_strict(subject: Subject) -> None:
    """A method changes a strict session in its place.

    The session writes no frame, refuses one and unpickles nothing.
    """
    _assert_write_by_name(subject, "changes")
    _assert_refuse(subject, "changes")
