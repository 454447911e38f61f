"""Two UDFs of one name, code or text stay two."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pyarrow as pa
import pytest

from conformance import wire
from conformance.catalogue import ENTRIES, UNANSWERED, get
from conformance.catalogue.nodes import Binary, Call, Col, Family, Lit, Node, Over, Udf
from conformance.catalogue.source import compile_udf
from conformance.runner.assertions import assert_raises, assert_result, assert_succeeds
from conformance.runner.results import assert_entry_result
from conformance.subjects.interface import Expression, Subject
from conformance.suite.helpers.markers import clause, each_family
from conformance.suite.helpers.same_name_udfs import (
    FORMS,
    INT,
    RESULTS,
    ROWS,
    call_of,
    evaluate_rows,
    expected_values,
    function_of,
    functions_of_one_code,
    times,
)
from conformance.suite.helpers.samples import build_expression, has_unique_names
from conformance.wire import Frame

SAME_NAME_ENTRIES = [
    *UNANSWERED,
    *(key for key, entry in ENTRIES.items() if not has_unique_names(entry)),
]
"""Entries with two UDFs of one family that share a name."""


PLACES: dict[str, tuple[Family, Over | None]] = {
    "scalar": ("scalar", None),
    "aggregate": ("aggregate", None),
    "window": ("window", None),
    "aggregate-over": ("aggregate", Over()),
}


TIMES_MINUS_FIVE = {
    "scalar": [-5, -10, -15],
    "aggregate": [-30],
    "window": [-5, -10, -15],
    "aggregate-over": [-30, -30, -30],
}


TIMES_FOURTEEN = {
    "scalar": [14, 28, 42],
    "aggregate": [84],
    "window": [14, 28, 42],
    "aggregate-over": [84, 84, 84],
}


ROUND_TRIPS: dict[str, Callable[[Subject, Expression], Expression]] = {
    "bytes": lambda subject, expr: subject.from_bytes(subject.to_bytes(expr), subject.session()),
    "pickle": lambda _, expr: pickle.loads(pickle.dumps(expr)),
    "copy": lambda _, expr: copy.copy(expr),
    "deepcopy": lambda _, expr: copy.deepcopy(expr),
}


@pytest.mark.parametrize(
    "trip",
    [
        pytest.param(trip, marks=clause(f"INLINE-{n:02}"))
        for n, trip in enumerate(ROUND_TRIPS, start=1)
    ],
)
@each_family
def test_namesakes_in_turn(subject: Subject, family: Family, trip: str) -> None:
    """Three UDFs with one name make round trips in turn. Each gives its own result."""
    for factor in (2, 7, 3):
        again = ROUND_TRIPS[trip](subject, call_of(subject, times(family, factor)))
        seen = evaluate_rows(subject, family, again)
        assert_result(seen, expected_values(family, factor), f"times {factor}")


@clause("INLINE-01")
@each_family
def test_namesake_of_a_refused_message(subject: Subject, family: Family) -> None:
    """A message has two calls of a name, and either frame is broken: it is refused.

    The next message has another UDF of that name, which gives its own result.
    """
    functions = functions_of_one_code(subject, family, [2, 3])
    two, three = (Call(udf, (Col("a"),)) for udf in functions)
    refused = subject.to_bytes(subject.expr(Binary("-", two, three), functions))
    data, session = subject.to_bytes(call_of(subject, times(family, 7))), subject.session()
    for found in wire.find(refused):
        broken = found.data[: Frame.HEADER_SIZE] + pickle.dumps("no tuple")
        broken = wire.replace(refused, {found.path: broken})
        assert_raises(partial(subject.from_bytes, broken, session), "a broken frame")
        seen = evaluate_rows(subject, family, subject.from_bytes(data, session), session)
        assert_result(seen, RESULTS[family], "the message after a refused one")


_HOLDS: dict[str, tuple[str, Sequence[str]]] = {
    "equal objects": ("Held({k})", ("7", "8")),
    "equal numbers": ("(lambda k: lambda a: text(a, k))({k})", ("1", "True")),
    "alike arrays": (
        "(lambda k: lambda a: text(a, k[50]))(pa.array([*range(50), {k}, *range(50)]))",
        ("7", "8"),
    ),
}
"""Callables that hold a value, of which two compare equal or show as the same text."""


@clause("INLINE-10")
@pytest.mark.parametrize("held", _HOLDS)
def test_alike_callables_stay_two(subject: Subject, held: str) -> None:
    """Two messages have callables that are alike and hold different values. Each gives its own."""
    source, values = _HOLDS[held]
    context = (
        "import pyarrow as pa\n"
        "def text(a, k): return pa.array([str(k)] * len(a))\n"
        "class Held:\n"
        "    def __init__(self, k): self.k = k\n"
        "    def __eq__(self, other): return type(other).__name__ == 'Held'\n"
        "    def __hash__(self): return 1\n"
        "    def __call__(self, a): return text(a, self.k)\n"
    )
    udfs = [
        Udf(
            f"inline/{held}-{k}",
            "scalar",
            "u",
            f"{context}f = {source.format(k=k)}\n",
            (INT,),
            pa.string(),
        )
        for k in values
    ]
    written = [subject.to_bytes(call_of(subject, udf)) for udf in udfs]
    decoded = [subject.from_bytes(data, subject.session()) for data in written]
    for expr, value in zip(decoded, values, strict=True):
        assert_result(evaluate_rows(subject, "scalar", expr), [value] * 3, held)


@clause("INLINE-10")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("entry", SAME_NAME_ENTRIES)
def test_two_stay_two(subject: Subject, entry: str, decode: bool) -> None:
    """Two UDFs have one name and different callables.

    Each gives its own result, before and after decoding.
    """
    expr = build_expression(subject, get(entry))
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr))
    assert_entry_result(subject, expr, get(entry))


@clause("INLINE-10")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("place", list(PLACES))
def test_two_stay_two_of_each_family(subject: Subject, place: str, decode: bool) -> None:
    """An expression subtracts times 7 from times 2, both named ``times``, over one column.

    Each function gives its own result.
    """
    family, over = PLACES[place]
    two, seven = times(family, 2), times(family, 7)
    node = Binary("-", Call(two, (Col("a"),), over=over), Call(seven, (Col("a"),), over=over))
    expr = subject.expr(node, {udf: function_of(subject, udf) for udf in (two, seven)})
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr))
    values = subject.evaluate(subject.session(), expr, ROWS, aggregate=place == "aggregate")
    assert_result(values.to_pylist(), TIMES_MINUS_FIVE[place], "times 2 minus times 7")


@clause("INLINE-10")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", list(PLACES))
def test_one_code_stays_two(subject: Subject, place: str, form: str) -> None:
    """Times 2 of 1, 2, 3 minus times 7 of 2, 3, 4: one code, which holds the factors apart."""
    family, over = PLACES[place]
    functions = functions_of_one_code(subject, family, [2, 7], form)
    arguments: list[Node] = [Col("a"), Binary("+", Col("a"), Lit(1))]
    two, seven = (Call(u, (arg,), over=over) for u, arg in zip(functions, arguments, strict=True))
    expr = subject.expr(Binary("-", two, seven), functions)
    expr = subject.from_bytes(subject.to_bytes(expr), subject.session())
    values = subject.evaluate(subject.session(), expr, ROWS, aggregate=place == "aggregate")
    expected = [-12, -17, -22] if family != "aggregate" else [-51] * len(values)
    assert_result(values.to_pylist(), expected, "the difference")


@clause("INLINE-10")
@pytest.mark.parametrize("way", ["pickle", "deepcopy"])
@each_family
def test_one_text_stays_two(subject: Subject, family: Family, way: str) -> None:
    """A list holds two expressions of one text and one code. Copied, each gives its own result."""
    functions = functions_of_one_code(subject, family, [2, 7])
    held = [call_of(subject, udf, function) for udf, function in functions.items()]
    again = copy.deepcopy(held) if way == "deepcopy" else pickle.loads(pickle.dumps(held))
    for expr, factor in zip(again, (2, 7), strict=True):
        values = evaluate_rows(subject, family, expr)
        assert_result(values, expected_values(family, factor), f"times {factor}")


@clause("INLINE-10")
def test_equal_frames_stay_two(subject: Subject) -> None:
    """Two UDFs of one factory count the rows that they have seen. Decoded, each counts its own."""
    source = (
        "import pyarrow as pa\ndef make():\n    seen = []\n    def f(a):\n"
        "        seen.extend(a.to_pylist())\n        return pa.array([len(seen)] * len(a))\n"
        "    return f\n"
    )
    udfs = [Udf(f"inline/rows-{n}", "scalar", "rows", source, (INT,), INT) for n in (1, 2)]
    make = compile_udf(replace(udfs[0], attribute="make"), subject.bases)
    # Of other arguments, so that no optimizer takes the two calls for one.
    first, second = (Call(udf, (Binary("+", Col("a"), Lit(n)),)) for n, udf in enumerate(udfs))
    node = Binary("+", Binary("*", Lit(100), first), second)
    expr = subject.expr(node, {udf: subject.function(udf, make()) for udf in udfs})
    expr, session = subject.from_bytes(subject.to_bytes(expr)), subject.session()
    assert_result(subject.evaluate(session, expr, ROWS).to_pylist(), [303] * 3, "rows and rows")


@clause("INLINE-16")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("place", list(PLACES))
def test_one_called_twice(subject: Subject, place: str, decode: bool) -> None:
    """An expression adds one UDF call to itself, and the callable is a closure.

    The result is times 14.
    """
    family, over = PLACES[place]
    udf = times(family, 7)
    inner = compile_udf(udf, subject.bases)
    call = Call(udf, (Col("a"),), over=over)
    function = subject.function(udf, lambda *arguments: inner(*arguments))
    expr = subject.expr(Binary("+", call, call), {udf: function})
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr))
    values = assert_succeeds(
        lambda: subject.evaluate(subject.session(), expr, ROWS, aggregate=place == "aggregate"),
        "a query",
    )
    assert_result(values.to_pylist(), TIMES_FOURTEEN[place], "times 7 plus times 7")
