"""Literals, casts, columns, closures and metadata in an expression keep their values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from conformance.catalogue.nodes import Alias, Builtin, Call, Cast, Col, Family, Lit, Node
from conformance.catalogue.source import compile_udf
from conformance.runner.assertions import assert_equal, assert_result, assert_succeeds
from conformance.subjects.interface import Subject
from conformance.suite.helpers.codec import decode_by_route, encode_for_route
from conformance.suite.helpers.markers import clause, each_family, each_route
from conformance.suite.helpers.same_name_udfs import (
    INT,
    RESULTS,
    ROWS,
    call_of,
    evaluate_rows,
    expected_values,
    function_holding,
    function_of,
    times,
)
from conformance.suite.helpers.samples import strict_session
from conformance.suite.helpers.specimens import describe_type


@clause("INLINE-20")
@each_family
def test_closures_are_captured(subject: Subject, family: Family) -> None:
    """The function in a callable's closure is replaced before and after each encoding.

    Each encoding keeps the function of its time.
    """
    udf = times(family, 3)
    implementation = [compile_udf(udf, subject.bases)]
    expr = call_of(
        subject, udf, subject.function(udf, lambda *arguments: implementation[0](*arguments))
    )
    written = {}
    for factor in (7, 9):
        implementation[0] = compile_udf(times(family, factor), subject.bases)
        written[factor] = subject.to_bytes(expr)
    implementation[0] = compile_udf(udf, subject.bases)
    for factor, data in written.items():
        seen = evaluate_rows(subject, family, subject.from_bytes(data))
        assert_result(seen, expected_values(family, factor), f"times {factor}, as it was encoded")


@clause("INLINE-21")
@pytest.mark.parametrize("when", ["encode", "decode"])
@each_family
def test_explicit_session_in_closures(subject: Subject, family: Family, when: str) -> None:
    """The callable's closure holds an expression, and a slot holds a session that would fail.

    The explicit session encodes and decodes all of it.
    """
    udf, inner = times(family, 7), times("scalar", 2)
    absolute = subject.get_function(subject.session(), "scalar", "abs")
    if when == "encode":
        captured = call_of(subject, inner)
        subject.set_slot("sender", strict_session(subject))
    else:
        captured = subject.expr(Builtin("abs", (Col("a"),)), {})
        without = subject.session()
        subject.deregister(without, absolute)
        subject.set_slot("worker", without)
    call = call_of(subject, udf, function_holding(subject, udf, captured))
    session = subject.session()
    data = subject.to_bytes(call, session)
    expr = assert_succeeds(lambda: subject.from_bytes(data, session), "an expression in a closure")
    assert_result(evaluate_rows(subject, family, expr, session), RESULTS[family], "the result")


TAGS = (("key", "value"), ("unit", "m"), ("empty", ""))

TAGGED: dict[str, Node] = {"alias": Alias(Col("a"), "b", TAGS), "literal": Lit(1, TAGS)}


@clause("INLINE-22")
@pytest.mark.parametrize("node", list(TAGGED))
@each_route
def test_field_metadata(subject: Subject, route: str, node: str) -> None:
    """A field has metadata with three keys, one of them for an empty text.

    The metadata is the same before and after a round trip.
    """
    expr, session = subject.expr(TAGGED[node], {}), subject.session()
    tags = {"key": "value", "unit": "m", "empty": ""}
    assert_equal(dict(subject.metadata(session, expr, ROWS)), tags, "the metadata before encoding")
    again = decode_by_route(subject, route, encode_for_route(subject, route, expr), session)
    assert_equal(dict(subject.metadata(session, again, ROWS)), tags, "the metadata after decoding")


def _scalar(type_: pa.DataType, data: bytes) -> Any:
    """Return a scalar of a fixed-width type from its bytes."""
    return pa.Array.from_buffers(type_, 1, [None, pa.py_buffer(data)])[0]


LITERALS = {
    str(scalar.type): scalar
    for scalar in [
        _scalar(pa.float16(), b"\x00\x3e"),  # 1.5
        pa.scalar(2**64 - 1, pa.uint64()),
        pa.scalar(-(2**15), pa.int16()),
        pa.scalar(0.1, pa.float32()),
        pa.scalar(Decimal("-12345678901234567890.5"), pa.decimal128(30, 1)),
        pa.scalar(Decimal("1.25"), pa.decimal256(60, 2)),
        pa.scalar("text", pa.large_string()),
        pa.scalar(b"\x00\xff", pa.large_binary()),
        pa.scalar(b"\x00\xff", pa.binary(2)),
        pa.scalar(-1, pa.date32()),
        pa.scalar(1, pa.time64("us")),
        pa.scalar(1, pa.timestamp("us", "Europe/Vienna")),
        pa.scalar(-1, pa.duration("ms")),
        pa.scalar([1, None], pa.list_(INT)),
        pa.scalar({"x": 1, "y": None}, pa.struct({"x": INT, "y": pa.string()})),
        pa.scalar(None, pa.float64()),
        pa.scalar(None, pa.null()),
    ]
} | {
    "minus zero": pa.scalar(-0.0),
    "not a number": pa.scalar(float("nan")),
    "infinity": pa.scalar(float("-inf"), pa.float32()),
    "the smallest number": pa.scalar(-(2**63)),
    "the smallest fraction": pa.scalar(5e-324),
    "a time before 1970": pa.scalar(-86_400_000_001, pa.timestamp("us")),
    "a second before 1970": pa.scalar(-1, pa.timestamp("s")),
    "no text": pa.scalar(""),
    "no bytes": pa.scalar(b""),
    "null text": pa.scalar(None, pa.string()),
    "a text with NUL": pa.scalar("a\0b"),
    "a text beyond ASCII": pa.scalar("e\u0301 \U0001f600 \ufeff"),
    "a long text": pa.scalar("x" * 70_000),
    "no items": pa.scalar([], pa.list_(INT)),
    "a struct of nulls": pa.scalar({"x": None}, pa.struct({"x": INT})),
    "null decimal": pa.scalar(None, pa.decimal128(9, 2)),
    "null time with a zone": pa.scalar(None, pa.timestamp("ns", "+05:30")),
    "a negative interval": pa.scalar((1, -2, -3), pa.month_day_nano_interval()),
}


PYTHON_LITERALS = {
    "false": False,
    "true": True,
    "a number of 33 bits": 2**32 + 1,
    "a number of 54 bits": 2**53 + 1,
    "the largest number": 2**63 - 1,
    "the smallest number": -(2**63),
    "infinity": float("inf"),
    "the largest fraction": 1.7976931348623157e308,
    "a text with NUL": "a\0b",
    "a text beyond ASCII": "e\u0301 \U0001f600 \ufeff",
    "a text of 500": "x" * 500,
}
"""Literals that are values of Python: the engine chooses their types."""


@clause("INLINE-23")
@pytest.mark.parametrize("literal", PYTHON_LITERALS)
def test_literals_of_python(subject: Subject, literal: str) -> None:
    """A literal is a value of Python. Before and after a trip it has this value and one type."""
    value, session = PYTHON_LITERALS[literal], subject.session()
    expr = subject.expr(Lit(value), {})
    again = subject.from_bytes(subject.to_bytes(expr))
    before, after = (subject.evaluate(session, one, ROWS) for one in (expr, again))
    assert_equal(after.type, before.type, "the type after decoding")
    for values, what in ((before, "before encoding"), (after, "after decoding")):
        assert_equal(repr(values.to_pylist()), repr([value] * 3), what)


@clause("INLINE-23")
@pytest.mark.parametrize("literal", list(LITERALS))
def test_literals(subject: Subject, literal: str) -> None:
    """A literal of each type, or with this value, is encoded and decoded. It stays the same."""
    expected, session = LITERALS[literal], subject.session()
    expr = subject.expr(Lit(expected), {})
    again = subject.from_bytes(subject.to_bytes(expr))
    for one, what in (
        (expr, "the literal before encoding"),
        (again, "the literal after decoding"),
    ):
        values = subject.evaluate(session, one, ROWS)
        assert_equal(values.type, expected.type, f"the type of {what}")
        # As texts, -0.0 is not 0.0, and NaN is equal to itself.
        assert_equal(repr(values.to_pylist()), repr([expected.as_py()] * 3), what)


_ZONE = pa.timestamp("s", "+09:00")

_FULL = pa.list_(pa.field("item", INT, nullable=False))

_TWO = Lit(pa.scalar([1, 2], pa.list_(INT)))

CASTS: dict[str, tuple[Node, pa.Array]] = {
    "to a zone": (Cast(Col("a"), _ZONE), pa.array([1, 2, 3], _ZONE)),
    "to items that are not null": (Cast(_TWO, _FULL), pa.array([[1, 2]] * 3, _FULL)),
    "to two items": (Cast(_TWO, pa.list_(INT, 2)), pa.array([[1, 2]] * 3, pa.list_(INT, 2))),
    "of a cast": (Cast(Cast(Lit(True), INT), pa.string()), pa.array(["1"] * 3)),
}
"""Casts, and the column of their results."""


@clause("INLINE-01")
@pytest.mark.parametrize("cast", CASTS)
def test_casts(subject: Subject, cast: str) -> None:
    """A cast is encoded and decoded. Its result has the type and the values of before."""
    (node, expected), session = CASTS[cast], subject.session()
    expr = subject.expr(node, {})
    again = subject.from_bytes(subject.to_bytes(expr), session)
    for one, what in ((expr, "before encoding"), (again, "after decoding")):
        values = subject.evaluate(session, one, ROWS)
        assert_equal(describe_type(values.type), describe_type(expected.type), f"the type {what}")
        assert_result(values.to_pylist(), expected.to_pylist(), f"the values {what}")


COLUMNS = {
    "plain": "n",
    "byte-order-mark": "\ufeffn",
    "composed": "\u00e9",
    "decomposed": "e\u0301",
}
"""Names of columns, some of which would be one if they were normalised."""


@clause("INLINE-29")
@pytest.mark.parametrize("column", COLUMNS)
def test_columns(subject: Subject, column: str) -> None:
    """A UDF is called on a column of this name, among others with similar names."""
    data = {name: [n, n + 20, n + 40] for n, name in enumerate(COLUMNS.values(), 1)}
    rows, udf, session = [pa.RecordBatch.from_pydict(data)], times("scalar", 7), subject.session()
    call = subject.expr(Call(udf, (Col(COLUMNS[column]),)), {udf: function_of(subject, udf)})
    again = subject.from_bytes(subject.to_bytes(call, session), session)
    expected = [7 * value for value in data[COLUMNS[column]]]
    assert_result(subject.evaluate(session, again, rows).to_pylist(), expected, "the result")
