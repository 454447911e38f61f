"""The rows that a decoded UDF gets and gives: arguments, results, errors, partitions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from textwrap import indent
from typing import Any

import pyarrow as pa
import pytest

from conformance.catalogue.nodes import Call, Col, Family, Frame, Over, Sort, Udf, udfs
from conformance.catalogue.runs import ACCUMULATORS, EVALUATORS, Run
from conformance.catalogue.structures import STRUCTURES
from conformance.runner.assertions import (
    assert_equal,
    assert_message_contains,
    assert_raises,
    assert_result,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers.interrupting import interrupted_by, interruptible
from conformance.suite.helpers.markers import clause
from conformance.suite.helpers.same_name_udfs import INT, ROWS, call_of, function_of, times
from conformance.suite.helpers.samples import SAMPLES
from conformance.suite.helpers.specimens import Specimen

COLUMNS_OF_TYPES: dict[str, tuple[pa.Array, list[str]]] = {
    "slice-of-flags": (
        pa.array([False, True, None, False, True]).slice(1),
        ["bool True", "bool None", "bool False", "bool True"],
    ),
    "slice-of-texts": (
        pa.array(["x", "a", "", None]).slice(1),
        ["string a", "string ", "string None"],
    ),
    "only-nulls": (pa.array([None, None], INT), ["int64 None", "int64 None"]),
    "text-view": (
        pa.array(["a", "b" * 20], pa.string_view()),
        ["string_view a", f"string_view {'b' * 20}"],
    ),
    "bytes-view": (pa.array([b"a"], pa.binary_view()), ["binary_view b'a'"]),
    "large-text": (pa.array(["a"], pa.large_string()), ["large_string a"]),
    "dictionary": (
        pa.array(["a", "b", "a"]).dictionary_encode(),
        [f"dictionary<values=string, indices=int32, ordered=0> {one}" for one in "aba"],
    ),
}
"""Columns, and what a UDF writes of each row."""


_RAISES: dict[str, tuple[Family, str, str]] = {
    "scalar": (
        "scalar",
        "def f(a): raise ValueError('no rate for ' + str(a.to_pylist()[0]))",
        "no rate for 1",
    ),
    "division": ("scalar", "def f(a): return 1 // len(a[:0])", "division"),
    "StopIteration": ("scalar", "def f(a): raise StopIteration('no rate')", "no rate"),
    "update": ("aggregate", "    def update(self, a): raise ValueError('no rate')\n", "no rate"),
    "merge": ("aggregate", "    def merge(self, s): raise ValueError('no rate')\n", "no rate"),
    "state": ("aggregate", "    def state(self): raise ValueError('no rate')\n", "no rate"),
    "evaluate": ("aggregate", "    def evaluate(self): raise ValueError('no rate')\n", "no rate"),
    "window": (
        "window",
        "    def evaluate_all(self, values, n): raise ValueError('no rate')\n",
        "no rate",
    ),
    "StopIteration-update": (
        "aggregate",
        "    def update(self, a): raise StopIteration('no rate')\n",
        "no rate",
    ),
    "StopIteration-window": (
        "window",
        "    def evaluate_all(self, values, n): raise StopIteration('no rate')\n",
        "no rate",
    ),
}
"""By what raises the error: a family, what a scalar UDF is or its class gets, and the text."""


@clause("INLINE-27")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("raises", _RAISES)
def test_errors_of_a_udf(subject: Subject, raises: str, decode: bool) -> None:
    """A UDF raises an error when it runs. The query fails, and the error contains its text."""
    family, source, text = _RAISES[raises]
    udf, aggregate = times(family, 7), family == "aggregate"
    udf = replace(udf, source=source if family == "scalar" else udf.source + source)
    expr, session = call_of(subject, udf), subject.session()
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr), session)
    # Two partitions, so that states are merged.
    rows = [ROWS[0].slice(0, 1), ROWS[0].slice(1)] if aggregate else ROWS
    run = partial(subject.evaluate, session, expr, rows, aggregate=aggregate)
    assert_message_contains(assert_raises(run, "a query"), [text], "the error of the query")


_RAISES_OVER: dict[str, tuple[Family, str]] = {
    "evaluate": ("window", "uses_window_frame(self): return True\ndef evaluate(self, v, r)"),
    "get_range": (
        "window",
        "supports_bounded_execution(self): return True\ndef get_range(self, i, n)",
    ),
    "ranks": ("window", "include_rank(self): return True\ndef evaluate_all_with_rank(self, n, r)"),
    "uses_window_frame": ("window", "uses_window_frame(self)"),
    "include_rank": ("window", "include_rank(self)"),
    "supports_bounded_execution": ("window", "supports_bounded_execution(self)"),
    "retract_batch": (
        "aggregate",
        "supports_retract_batch(self): return True\ndef retract_batch(self, a)",
    ),
}
"""The methods that are called over a window: a family, and the head of the one that raises."""


@clause("INLINE-27")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("method", _RAISES_OVER)
def test_errors_over_a_window(subject: Subject, method: str, decode: bool) -> None:
    """A method that is called over a window raises an error. The query fails with its text."""
    family, head = _RAISES_OVER[method]
    udf, session = times(family, 7), subject.session()
    body = indent(f"def {head}: raise ValueError('no rate')\n", "    ")
    udf = replace(udf, source=udf.source + body)
    over = Over((), (Sort(Col("a")),), Frame("rows", 1, 0))
    expr = subject.expr(Call(udf, (Col("a"),), over=over), {udf: function_of(subject, udf)})
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr), session)
    error = assert_raises(partial(subject.evaluate, session, expr, ROWS), "a query")
    assert_message_contains(error, ["no rate"], "the error of the query")


@clause("INLINE-27")
@pytest.mark.parametrize("decode", [False, True], ids=["direct", "decoded"])
@pytest.mark.parametrize("family", ["aggregate", "window"])
def test_errors_of_a_factory(subject: Subject, family: Family, decode: bool) -> None:
    """A factory raises an error when a query calls it. The query fails with its text."""

    def fail() -> None:
        raise ValueError("no rate")

    udf, session = times(family, 7), subject.session()
    expr = call_of(subject, udf, interruptible(subject, udf))
    if decode:
        expr = subject.from_bytes(subject.to_bytes(expr), session)
    run = partial(subject.evaluate, session, expr, ROWS, aggregate=family == "aggregate")
    with interrupted_by(fail, in_thread=False):
        assert_message_contains(assert_raises(run, "a query"), ["no rate"], "the query's error")


@clause("INLINE-32")
@pytest.mark.parametrize("column", list(COLUMNS_OF_TYPES))
def test_arguments_as_they_are(subject: Subject, column: str) -> None:
    """A decoded UDF writes the type and the values of its argument, as the original does."""
    values, expected = COLUMNS_OF_TYPES[column]
    source = (
        "import pyarrow as pa\ndef f(a): return pa.array([f'{a.type} {v}' for v in a.to_pylist()])"
    )
    udf = Udf("inline/writes", "scalar", "writes", source, (values.type,), pa.string())
    session = subject.session()
    expr = subject.from_bytes(subject.to_bytes(call_of(subject, udf), session), session)
    rows = [pa.RecordBatch.from_arrays([values], ["a"])]
    assert_result(subject.evaluate(session, expr, rows).to_pylist(), expected, "type and value")


@clause("INLINE-32")
def test_results_as_they_are(subject: Subject) -> None:
    """A decoded UDF returns no number and infinities. They are no nulls."""
    source = (
        "import pyarrow as pa\n"
        "def f(a): return pa.array([float('nan'), float('-inf'), None][:len(a)], pa.float64())"
    )
    udf = replace(times("scalar", 7), source=source, returns=pa.float64())
    session = subject.session()
    expr = subject.from_bytes(subject.to_bytes(call_of(subject, udf), session), session)
    seen = subject.evaluate(session, expr, ROWS).to_pylist()
    assert_equal(repr(seen), "[nan, -inf, None]", "the result")


def _assert_runs(subject: Subject, run: Run) -> None:
    """Assert that an expression has its result, before it is encoded and after it was decoded."""
    session, functions = subject.session(), {u: function_of(subject, u) for u in udfs(run.node)}
    expr = subject.expr(run.node, functions)
    again = subject.from_bytes(subject.to_bytes(expr, session), session)
    options: Any = {"aggregate": run.is_aggregate, "group_by": run.group_by}
    for one, what in ((expr, "before it is encoded"), (again, "decoded")):
        seen = subject.evaluate(session, one, run.batches, **options).to_pylist()
        values = [tuple(row.values()) for row in seen] if run.group_by else seen
        assert_result(values, run.result, what)


@clause("INLINE-01")
@pytest.mark.parametrize("run", STRUCTURES)
def test_structures(subject: Subject, run: str) -> None:
    """The result of an expression shows a part of its structure, also after it was decoded."""
    _assert_runs(subject, STRUCTURES[run])


@clause("INLINE-30")
@pytest.mark.parametrize("run", ACCUMULATORS)
def test_accumulators(subject: Subject, run: str) -> None:
    """An accumulator shows which rows and which states it got. A decoded one gets the same."""
    _assert_runs(subject, ACCUMULATORS[run])


@clause("INLINE-31")
@pytest.mark.parametrize("run", EVALUATORS)
def test_evaluators(subject: Subject, run: str) -> None:
    """An evaluator shows which values and ranks it got. A decoded one gets the same."""
    _assert_runs(subject, EVALUATORS[run])


PARTITIONS: dict[str, list[list[int]]] = {
    "no rows": [[]],
    "an empty partition between two": [[1, 2], [], [3]],
    "one row each": [[row] for row in range(15)],
    "a batch and one row": [list(range(8193))],
    "many rows": [list(range(20_000)), list(range(5))],
}


@clause("INLINE-28")
@pytest.mark.parametrize(
    ("family", "rows"),
    # The aggregate of no rows is the accumulator's own matter.
    [(f, r) for f in SAMPLES for r in PARTITIONS if (f, r) != ("aggregate", "no rows")],
)
def test_partitions(subject: Subject, family: Family, rows: str) -> None:
    """A decoded UDF runs over partitions of these sizes. Every row counts, once."""
    specimen, session = Specimen(family), subject.session()
    expr = subject.from_bytes(specimen.encode(subject, "expression", session), session)
    schema, parts = pa.schema([("c0", INT)]), PARTITIONS[rows]
    batches = [pa.RecordBatch.from_pydict({"c0": part}, schema) for part in parts]
    values = [7 * value for part in parts for value in part]
    seen = subject.evaluate(session, expr, batches, aggregate=family == "aggregate")
    expected = [sum(values)] if family == "aggregate" else values
    assert_result(seen.to_pylist(), expected, "7 times the values")
