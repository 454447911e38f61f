"""Cost: time and memory grow no faster than the input, and nothing is left behind.

``helpers.growth`` and ``helpers.levels`` say how growth and levels are measured, and why a busy
machine cannot make these cases fail.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conformance.catalogue.nodes import Call, Col, Family, InList, Lit
from conformance.hostile.limits import limit_memory
from conformance.runner.assertions import (
    Mismatch,
    assert_equal,
    assert_raises,
    assert_result,
)
from conformance.subjects.interface import Expression, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.activities import ACTIVITIES
from conformance.suite.helpers.growth import (
    Work,
    assert_constant,
    assert_linear,
    assert_steady,
    repeat,
)
from conformance.suite.helpers.levels import assert_level
from conformance.suite.helpers.markers import clause, each_family, each_layer
from conformance.suite.helpers.same_name_udfs import (
    RESULTS,
    call_of,
    evaluate_rows,
    function_of,
    times,
)
from conformance.suite.helpers.samples import plans, strict_session
from conformance.suite.helpers.sized import (
    ballasted,
    deep_expression,
    many_functions,
    renumber,
    wide_expression,
    wide_query,
)

MEMORY = 1 << 26
"""Bytes that encoding or decoding may take for 512 frames or for a payload of 1 MiB."""

each_direction = pytest.mark.parametrize("direction", ["encode", "decode"])
each_direction_of_size = pytest.mark.parametrize(
    "direction",
    [
        pytest.param("decode", marks=clause("COST-01")),
        pytest.param("encode", marks=clause("COST-02")),
    ],
)
each_activity = pytest.mark.parametrize("activity", list(ACTIVITIES))


def _work(subject: Subject, direction: str, expr: Expression) -> Work:
    """Return the encoding of ``expr``, or the decoding of its bytes with a new session."""
    if direction == "encode":
        return partial(subject.to_bytes, expr)
    return partial(subject.from_bytes, subject.to_bytes(expr), subject.session())


@each_direction_of_size
def test_frames_in_an_expression(subject: Subject, direction: str) -> None:
    """An expression with 32 frames, then one with 512, is encoded or decoded.

    The second takes less than 40 times as long.
    """
    assert_linear(
        lambda n: _work(subject, direction, wide_expression(subject, n)), 32, f"{direction} frames"
    )


def _listing(subject: Subject, count: int) -> Expression:
    """Return a test whether a UDF's result is in a list of so many texts of 64 letters."""
    udf = times("scalar", 2)
    node = InList(Call(udf, (Col("a"),)), tuple(Lit(f"{n:064}") for n in range(count)))
    return subject.expr(node, {udf: function_of(subject, udf)})


@each_direction_of_size
def test_values_in_a_list(subject: Subject, direction: str) -> None:
    """An expression with a list of 1,024 texts, then one of 16,384, is encoded or decoded.

    The second takes less than 40 times as long.
    """
    assert_linear(
        lambda n: _work(subject, direction, _listing(subject, n)), 1024, f"{direction} texts"
    )


@clause("COST-03")
@each_direction
@each_layer
def test_frames_in_a_plan(subject: Subject, layer: Layer, direction: str) -> None:
    """A plan with 16 frames, then one with 256, is encoded or decoded.

    The second takes less than 40 times as long.
    """

    def prepare(count: int) -> Work:
        session, query = subject.session(), wide_query(count)
        with tempfile.TemporaryDirectory() as folder:
            functions = many_functions(subject, count)
            plan = plans(subject).plan(session, layer, query, functions, Path(folder))
        if direction == "encode":
            return partial(plans(subject).to_bytes, plan, session)
        data = plans(subject).to_bytes(plan, session)
        return partial(plans(subject).from_bytes, layer, session, data)

    assert_linear(prepare, 16, f"{direction} frames in a {layer} plan")


@clause("COST-04")
@each_direction
def test_size_of_a_payload(subject: Subject, direction: str) -> None:
    """A payload of 64 KiB, then one of 1 MiB, is encoded or decoded.

    The second takes less than 40 times as long.
    """
    assert_linear(
        lambda size: repeat(_work(subject, direction, ballasted(subject, "scalar", size)), 4),
        1 << 16,
        f"{direction} bytes of a payload",
        runs=5,
    )


@clause("COST-05")
@each_direction
@pytest.mark.parametrize("kind", ["call", "alias", "operand"])
def test_depth(subject: Subject, kind: str, direction: str) -> None:
    """Calls, aliases or sums, 3 deep, then 48 deep, are encoded or decoded.

    The second takes less than 40 times as long.
    """
    assert_linear(
        lambda depth: repeat(_work(subject, direction, deep_expression(subject, kind, depth)), 2),
        3,
        f"{direction} nested nodes",
        runs=5,
    )


@clause("COST-06")
def test_number_of_decodes(subject: Subject) -> None:
    """One session decodes 1,600 expressions. The last take as long as the first."""
    session = subject.session()
    message = renumber(subject.to_bytes(ballasted(subject, "scalar", 1000)))
    assert_steady(lambda n: subject.from_bytes(message(n), session), 100, "earlier decodes")


def _register(subject: Subject, count: int) -> tuple[Any, bytes]:
    """Return a session with ``count`` UDFs, and bytes that call one of them by name."""
    session = strict_session(subject)
    for function in many_functions(subject, count).values():
        subject.register(session, function)
    return session, subject.to_bytes(call_of(subject, times("scalar", 2, "times_0")), session)


@clause("COST-07")
def test_registering(subject: Subject) -> None:
    """A session registers 64 UDFs, then another one 1,024, and decodes a call of one of them.

    The second takes less than 40 times as long.
    """

    def prepare(count: int) -> Work:
        functions = many_functions(subject, count).values()
        data = subject.to_bytes(call_of(subject, times("scalar", 2, "times_0")), strict)

        def work() -> None:
            session = subject.session()
            for function in functions:
                subject.register(session, function)
            subject.from_bytes(data, session)

        return work

    strict = strict_session(subject)
    assert_linear(prepare, 64, "registrations")


@clause("COST-08")
@pytest.mark.parametrize("how", ["decode", "derive"])
def test_work_after_registering(subject: Subject, how: str) -> None:
    """A session with 256 UDFs, then one with 4,096, decodes a call or derives a session.

    The second takes less than 4 times as long.
    """

    def prepare(count: int) -> Work:
        session, data = _register(subject, count)
        if how == "decode":
            return repeat(partial(subject.from_bytes, data, session), 20)
        return repeat(partial(subject.with_inlining, session, True), 20)

    assert_constant(prepare, 256, f"{how} after registrations", runs=5)


@clause("COST-09")
def test_number_of_sessions(subject: Subject) -> None:
    """16 and 256 sessions are alive at once. Each registers a UDF and decodes an expression."""
    function = function_of(subject, times("scalar", 2))
    data = subject.to_bytes(ballasted(subject, "scalar", 1000))

    def work(count: int) -> None:
        sessions = [subject.session() for _ in range(count)]
        for session in sessions:
            subject.register(session, function)
            subject.from_bytes(data, session)

    assert_linear(lambda count: partial(work, count), 16, "sessions")


@clause("COST-10")
@pytest.mark.deadly
@each_direction
@pytest.mark.parametrize("what", ["frames", "payload"])
def test_memory(subject: Subject, what: str, direction: str) -> None:
    """512 frames, and a payload of 1 MiB, are encoded and decoded in 64 MiB of memory."""
    make: dict[str, Callable[[], Expression]] = {
        "frames": lambda: wide_expression(subject, 512),
        "payload": lambda: ballasted(subject, "scalar", 1 << 20),
    }
    work = _work(subject, direction, make[what]())
    try:
        with limit_memory(MEMORY):
            work()
    except MemoryError as error:
        raise Mismatch(
            "grows", f"{direction} {what}: out of memory", "at most 64 MiB", repr(error)
        ) from None


@clause("COST-17")
@each_family
def test_nothing_is_forgotten(subject: Subject, family: Family) -> None:
    """A session resolves a name and a strict one refuses frames, 1,100 times each.

    Afterwards each does as before, and both slots hold the session that was set.
    """
    session, strict = subject.session(), strict_session(subject)
    subject.register(session, function_of(subject, times(family, 7)))
    inline, named = (
        subject.to_bytes(call_of(subject, times(family, 2)), s) for s in (None, strict)
    )
    subject.set_slot("worker", session)
    subject.set_slot("sender", strict)
    for _ in range(1100):
        subject.from_bytes(named)
        subject.from_bytes(inline, session)
        with suppress(Exception):  # what the refusal says is the matter of another chapter
            subject.from_bytes(inline, strict)
    values = evaluate_rows(subject, family, subject.from_bytes(named), session)
    assert_result(values, RESULTS[family], "a name after many decodes")
    assert_raises(partial(subject.from_bytes, inline, strict), "a frame after many refusals")
    held = (subject.get_slot("worker") is session, subject.get_slot("sender") is strict)
    assert_equal(held, (True, True), "whether the slots hold what was set")


def _each_resource(**clauses: str) -> Callable[..., Any]:
    return pytest.mark.parametrize(
        "resource", [pytest.param(name, marks=clause(id_)) for name, id_ in clauses.items()]
    )


@_each_resource(
    descriptors="COST-11",
    threads="COST-12",
    memory="COST-13",
    objects="COST-14",
    modules="COST-15",
    classes="COST-16",
)
@each_activity
@pytest.mark.deadline(60)
def test_nothing_is_left(subject: Subject, activity: str, resource: str) -> None:
    """100 rounds of an activity warm up. Two phases of 250 rounds leave nothing behind."""
    assert_level(subject, activity, resource)
