"""Threads: a call within a call of the same thread."""

from __future__ import annotations

from functools import partial

import pytest

from conformance import wire
from conformance.catalogue.nodes import Binary, Call, Col, Family
from conformance.runner.assertions import assert_equal, assert_result, assert_same_bytes
from conformance.subjects.interface import Expression, Subject
from conformance.suite.helpers.artifacts import (
    Artifact,
    assert_multiplies,
    call_in,
    each_artifact,
    from_bytes,
    to_bytes,
    with_canary,
)
from conformance.suite.helpers.canaries import assert_unread
from conformance.suite.helpers.interrupting import Interrupting, interrupted_by, interruptible
from conformance.suite.helpers.markers import at_artifacts, clause, each_family, each_receiver
from conformance.suite.helpers.same_name_udfs import (
    call_of,
    decode_and_evaluate,
    encode_call_by_name,
    evaluate_rows,
    expected_values,
    function_holding,
    function_of,
    times,
)
from conformance.suite.helpers.samples import receiver, sample, strict_session
from conformance.suite.helpers.threads import session_with

each_with_session = pytest.mark.parametrize(
    "artifact", at_artifacts(["expression", "logical", "physical"])
)
"""Not a pickle: within a message it is read with the session of the message (INLINE-21)."""
each_place = pytest.mark.parametrize("place", ["this-thread", "another-thread"])


def _interrupted(subject: Subject, family: Family) -> Expression:
    """Return times + first + times; the callable of the one in the middle can be interrupted."""
    twice, first = times(family, 2), times(family, 10, "first")
    functions = {
        twice: function_of(subject, twice),
        first: function_holding(subject, first, Interrupting()),
    }
    outer, inner = Call(twice, (Col("a"),)), Call(first, (Col("a"),))
    return subject.expr(Binary("+", Binary("+", outer, inner), outer), functions)


@clause("THREAD-17")
@each_place
@each_receiver
@each_family
def test_a_decode_within_a_decode(subject: Subject, family: Family, mode: str, place: str) -> None:
    """The payload of a message decodes another one by a session of its own: by name, times 3.

    The calls by name before it and after it are times 5, by the session of the message.
    """
    session = session_with(subject, times(family, 5), "inlining")
    other = session_with(subject, times(family, 3), mode)
    named = encode_call_by_name(subject, times(family, 1))
    data = subject.to_bytes(_interrupted(subject, family))
    before, _, after = wire.find(data)
    data = wire.remove(data, [before.path, after.path])
    decode = partial(decode_and_evaluate, subject, family, named, other)
    with interrupted_by(decode, in_thread=place == "another-thread") as seen:
        expr = subject.from_bytes(data, session)
    assert_result(seen, [expected_values(family, 3)], "the decode within")
    values = evaluate_rows(subject, family, expr, session)
    assert_result(values, expected_values(family, 20), "5 + 10 + 5 times")


@clause("THREAD-09")
@each_place
@each_artifact
def test_a_message_is_decoded_within_itself(
    subject: Subject, artifact: Artifact, place: str
) -> None:
    """The payload of a message decodes the same message on the same session. Both are times 7."""
    udf = times("scalar", 7)
    function = function_holding(subject, udf, Interrupting())
    planner, call = call_in(subject, artifact, udf, function)
    data, session = to_bytes(subject, artifact, call, planner), subject.session()
    decode = partial(from_bytes, subject, artifact, data, session)
    with interrupted_by(decode, in_thread=place == "another-thread") as seen:
        outer = decode()
    for one in (outer, *seen):
        assert_multiplies(subject, artifact, "scalar", one, session)


@clause("THREAD-17")
@each_place
@each_family
def test_an_unpickling_within_an_unpickling(subject: Subject, family: Family, place: str) -> None:
    """While a callable is unpickled, a session of its own decodes another frame.

    Both UDFs give their results.
    """
    data = subject.to_bytes(_interrupted(subject, family))
    framed, session = subject.to_bytes(call_of(subject, times(family, 3))), subject.session()
    decode = partial(decode_and_evaluate, subject, family, framed, subject.session())
    with interrupted_by(decode, in_thread=place == "another-thread") as seen:
        expr = subject.from_bytes(data, session)
    assert_result(seen, [expected_values(family, 3)], "the decode within")
    values = evaluate_rows(subject, family, expr, session)
    assert_result(values, expected_values(family, 14), "2 + 10 + 2 times")


@clause("THREAD-17")
@each_place
@pytest.mark.parametrize("within", ["decode", "encode"])
@each_with_session
def test_a_refusal_within_a_call(
    subject: Subject, artifact: Artifact, within: str, place: str
) -> None:
    """While a callable is unpickled, or pickled, a strict session gets a canary: it refuses it."""
    data, strict = with_canary(subject, artifact, "scalar"), strict_session(subject)
    expr = _interrupted(subject, "scalar")
    message = subject.to_bytes(expr)
    refuse = partial(assert_unread, partial(from_bytes, subject, artifact, data, strict), within)
    with interrupted_by(refuse, in_thread=place == "another-thread") as seen:
        if within == "decode":
            subject.from_bytes(message, subject.session())
        else:
            subject.to_bytes(expr)
    assert_equal(seen, [None], "whether the strict session was asked")


@clause("THREAD-18")
@each_place
@each_receiver
@each_family
def test_an_encode_within_an_encode(
    subject: Subject, family: Family, mode: str, place: str
) -> None:
    """While a callable is pickled, a session of its own encodes another expression.

    Both write the bytes that they write alone.
    """
    expr, other = _interrupted(subject, family), sample(subject, family)
    alone, session = subject.to_bytes(expr), receiver(subject, mode)
    encode = partial(subject.to_bytes, other, session)
    with interrupted_by(encode, in_thread=place == "another-thread") as seen:
        data = subject.to_bytes(expr)
    assert_equal(seen, [encode()], "the encode within")
    assert_same_bytes(data, alone, "the expression whose encoding was interrupted")


@clause("THREAD-17")
@each_place
@each_receiver
@each_family
def test_a_decode_within_an_encode(subject: Subject, family: Family, mode: str, place: str) -> None:
    """While a callable is pickled, a session of its own decodes a name.

    The name gives the registered UDF, and the bytes are those without the decode.
    """
    expr, other = _interrupted(subject, family), session_with(subject, times(family, 3), mode)
    alone, named = subject.to_bytes(expr), encode_call_by_name(subject, times(family, 1))
    decode = partial(decode_and_evaluate, subject, family, named, other)
    with interrupted_by(decode, in_thread=place == "another-thread") as seen:
        data = subject.to_bytes(expr)
    assert_result(seen, [expected_values(family, 3)], "the decode within")
    assert_same_bytes(data, alone, "the expression whose encoding was interrupted")


@clause("THREAD-18")
@each_place
@each_receiver
@each_family
def test_an_encode_within_a_decode(subject: Subject, family: Family, mode: str, place: str) -> None:
    """While a callable is unpickled, a session of its own encodes another expression.

    The bytes are those without the decode, and the decoded UDF gives its result.
    """
    data, other = subject.to_bytes(_interrupted(subject, family)), sample(subject, family)
    encode, session = partial(subject.to_bytes, other, receiver(subject, mode)), subject.session()
    with interrupted_by(encode, in_thread=place == "another-thread") as seen:
        expr = subject.from_bytes(data, session)
    assert_equal(seen, [encode()], "the encode within")
    values = evaluate_rows(subject, family, expr, session)
    assert_result(values, expected_values(family, 14), "2 + 10 + 2 times")


@clause("THREAD-19")
@each_place
@each_family
def test_coding_while_a_udf_runs(subject: Subject, family: Family, place: str) -> None:
    """A UDF encodes an expression and decodes another one while it runs.

    Its own result, the bytes and the decoded expression are right.
    """
    udf, other, session = times(family, 7), call_of(subject, times(family, 3)), subject.session()
    data, expr = subject.to_bytes(other), call_of(subject, udf, interruptible(subject, udf))

    def code() -> tuple[bytes, Expression]:
        return subject.to_bytes(other), subject.from_bytes(data, session)

    with interrupted_by(code, in_thread=place == "another-thread") as seen:
        values = evaluate_rows(subject, family, expr, subject.session())
    assert_result(values, expected_values(family, 7), "the UDF that runs")
    assert_equal([written for written, _ in seen], [data], "the bytes that it wrote")
    values = evaluate_rows(subject, family, seen[0][1], session)
    assert_result(values, expected_values(family, 3), "the expression that it decoded")


@clause("THREAD-20")
@each_place
@each_family
def test_registering_within_a_decode(subject: Subject, family: Family, place: str) -> None:
    """While a callable is unpickled, a UDF is registered on the session that decodes.

    The decoded UDF gives its result, and the name of the other one resolves.
    """
    session, udf = subject.session(), times(family, 3, "late")
    register = partial(subject.register, session, function_of(subject, udf))
    data = subject.to_bytes(_interrupted(subject, family))
    with interrupted_by(register, in_thread=place == "another-thread"):
        expr = subject.from_bytes(data, session)
    values = evaluate_rows(subject, family, expr, session)
    assert_result(values, expected_values(family, 14), "2 + 10 + 2 times")
    named = encode_call_by_name(subject, udf)
    values = decode_and_evaluate(subject, family, named, session)
    assert_result(values, expected_values(family, 3), "the UDF that was registered")
