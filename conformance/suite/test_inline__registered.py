"""A UDF that came inline is run, whatever is registered on the receiver."""

from __future__ import annotations

import operator
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from conformance.catalogue import get
from conformance.catalogue.nodes import Binary, Builtin, Cast, Col, Family, Lit
from conformance.runner.assertions import assert_raises, assert_result, assert_succeeds
from conformance.runner.results import assert_entry_result
from conformance.subjects.interface import Subject
from conformance.suite.helpers import callables, handmade_frames
from conformance.suite.helpers.artifacts import (
    Artifact,
    assert_multiplies,
    each_artifact,
    encode_inline,
    from_bytes,
)
from conformance.suite.helpers.callables import CALLABLES
from conformance.suite.helpers.codec import (
    MAGIC,
    PYTHON,
    decode_by_route,
    encode_for_route,
    replace_frame,
    set_header_byte,
)
from conformance.suite.helpers.markers import clause, each_family, each_route
from conformance.suite.helpers.same_name_udfs import (
    RESULTS,
    ROWS,
    call_of,
    encode_call_by_name,
    evaluate_rows,
    function_of,
    times,
)
from conformance.suite.helpers.samples import (
    SAMPLES,
    build_expression,
    receiver,
    sample,
    sample_function,
    strict_session,
)


@clause("INLINE-11")
@each_route
@each_family
def test_registered_does_not_replace(subject: Subject, family: Family, route: str) -> None:
    """The receiver has a UDF of the same name that multiplies by 2.

    The inline one multiplies by 7.
    """
    expr, session = call_of(subject, times(family, 7)), subject.session()
    subject.register(session, function_of(subject, times(family, 2)))
    again = decode_by_route(subject, route, encode_for_route(subject, route, expr), session)
    assert_result(evaluate_rows(subject, family, again, session), RESULTS[family], "the result")


@dataclass
class _Reduced:
    """An object whose unpickling calls a function."""

    call: Callable[..., Any]
    arguments: tuple[Any, ...]

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call, self.arguments


def _calls(call: Callable[..., Any], *arguments: Any) -> Callable[[Family], bytes]:
    """Return a whole payload by its family; its callable is what the call returns."""
    return lambda family: pickle.dumps(
        handmade_frames.payload_members(family, callable=_Reduced(call, arguments))
    )


BROKEN: dict[str, Callable[[Family], bytes]] = {
    "a missing module": lambda family: handmade_frames.payload_of(family).replace(
        callables.__name__.encode(), f"{callables.__name__}_gone".encode()
    ),
    "a missing name": lambda family: handmade_frames.payload_of(family).replace(
        CALLABLES[family].__name__.encode(), b"gone"
    ),
    "a ValueError": _calls(int, "seven"),
    "a TypeError": _calls(int, None),
    "a KeyError": _calls(operator.getitem, {}, "seven"),
    "an OSError": _calls(os.listdir, "/no such folder"),
    "a cut pickle": lambda family: handmade_frames.payload_of(family)[:-20],
    "no tuple": lambda _: pickle.dumps("no tuple"),
    "a short tuple": lambda family: pickle.dumps(handmade_frames.payload_members(family)[:-1]),
}


@clause("INLINE-24")
@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("mode", ["inlining", "strict"])
@each_route
@each_family
def test_registered_does_not_stand_in(
    subject: Subject, family: Family, route: str, mode: str, broken: str
) -> None:
    """A frame cannot be decoded, and the receiver has a UDF of its name. Decoding fails."""
    session, payload = receiver(subject, mode), BROKEN[broken](family)
    for name in ("times", handmade_frames.NAME):
        subject.register(session, function_of(subject, times(family, 2, name)))
    expr = call_of(subject, times(family, 7))
    header = MAGIC[family] + bytes((1, *PYTHON))
    data = replace_frame(encode_for_route(subject, route, expr), lambda _: header + payload)
    # A decoder may pass on Python's own error, such as a ModuleNotFoundError.
    decode = partial(decode_by_route, subject, route, data, session)
    assert_raises(decode, broken, any_error=True)


@clause("INLINE-24")
@pytest.mark.parametrize("header", ["another version", "another Python", "a cut header"])
@pytest.mark.parametrize("mode", ["inlining", "strict"])
@each_route
@each_family
def test_registered_does_not_stand_in_for_another_version(
    subject: Subject, family: Family, route: str, mode: str, header: str
) -> None:
    """A frame is of another version, and the receiver has a UDF of its name. Decoding fails."""
    session = receiver(subject, mode)
    subject.register(session, function_of(subject, times(family, 2)))
    change: dict[str, Callable[[bytes], bytes]] = {
        "another version": set_header_byte(7, 9),
        "another Python": set_header_byte(9, 99),
        "a cut header": lambda frame: frame[:8],
    }
    data = encode_for_route(subject, route, call_of(subject, times(family, 7)))
    data = replace_frame(data, change[header])
    assert_raises(partial(decode_by_route, subject, route, data, session), header)


@clause("INLINE-14")
@each_family
def test_nothing_is_registered(subject: Subject, family: Family) -> None:
    """An inline UDF is decoded and runs. Its name is still not registered on any session."""
    entry, session = get(SAMPLES[family]), subject.session()
    expr = build_expression(subject, entry)
    assert_entry_result(
        subject, subject.from_bytes(subject.to_bytes(expr), session), entry, session
    )
    by_name = subject.to_bytes(sample(subject, family), strict_session(subject))
    for other in (session, subject.session(), subject.global_session()):
        assert_raises(partial(subject.from_bytes, by_name, other), "the UDF's name after decoding")
    subject.register(session, sample_function(subject, family))
    assert_succeeds(partial(subject.from_bytes, by_name, session), "the name once it is registered")


@clause("INLINE-14")
@each_artifact
@each_family
def test_no_artifact_registers(subject: Subject, family: Family, artifact: Artifact) -> None:
    """A session decodes a call, in an expression, a pickle or a plan. Its name is unknown to it."""
    session = subject.session()
    call = from_bytes(subject, artifact, encode_inline(subject, artifact, family), session)
    assert_multiplies(subject, artifact, family, call, session)
    by_name = encode_call_by_name(subject, times(family, 7))
    for other in (session, subject.session(), subject.global_session()):
        assert_raises(partial(subject.from_bytes, by_name, other), "the UDF's name after decoding")
    subject.register(session, function_of(subject, times(family, 7)))
    assert_succeeds(partial(subject.from_bytes, by_name, session), "the name once it is registered")


@clause("INLINE-18")
@each_route
def test_builtin_is_not_replaced(subject: Subject, route: str) -> None:
    """The receiver has a UDF named ``abs``. A call of the built-in abs still runs the built-in."""
    node = Builtin("abs", (Cast(Binary("-", Col("a"), Lit(3)), pa.int64()),))
    data, session = encode_for_route(subject, route, subject.expr(node, {})), subject.session()
    subject.register(session, function_of(subject, times("scalar", 7, "abs")))
    expr = decode_by_route(subject, route, data, session)
    assert_result(subject.evaluate(session, expr, ROWS).to_pylist(), [2, 1, 0], "abs(a - 3)")
