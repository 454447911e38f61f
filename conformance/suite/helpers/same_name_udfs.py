"""One name, many functions: UDFs that multiply, so that a result tells which of them ran."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from conformance import wire
from conformance.catalogue.nodes import Call, Col, Family, Node, Udf
from conformance.catalogue.query import Group, Query, Select
from conformance.catalogue.source import compile_udf
from conformance.runner.assertions import assert_equal
from conformance.subjects.interface import Expression, Function, Session, Subject

INT = pa.int64()
ROWS = [pa.RecordBatch.from_pydict({"a": [1, 2, 3]})]
_SOURCES: dict[Family, str] = {
    "scalar": "import pyarrow.compute as pc\ndef f(a):\n    return pc.multiply(a, {k})\n",
    "aggregate": (
        "import pyarrow.compute as pc\nclass f(Accumulator):\n    total = 0\n"
        "    def update(self, a): self.total += {k} * pc.sum(a).as_py()\n"
        "    def merge(self, s): self.total += pc.sum(s[0]).as_py()\n"
        "    def state(self): return [self.total]\n"
        "    def evaluate(self): return self.total\n"
    ),
    "window": (
        "import pyarrow.compute as pc\nclass f(WindowEvaluator):\n"
        "    def evaluate_all(self, values, n): return pc.multiply(values[0], {k})\n"
    ),
}
RESULTS: dict[Family, Any] = {"scalar": [7, 14, 21], "aggregate": [42], "window": [7, 14, 21]}
"""What the functions make of 1, 2, 3 with the factor 7."""


def times(family: Family, factor: int, name: str = "times") -> Udf:
    """Return a UDF that multiplies by ``factor``: one name, many functions."""
    state = (INT,) if family == "aggregate" else ()
    source = _SOURCES[family].format(k=factor)
    return Udf(f"namesake/{family}-{factor}", family, name, source, (INT,), INT, state)


def function_of(subject: Subject, udf: Udf) -> Function:
    """Return the subject's function for ``udf``."""
    return subject.function(udf, compile_udf(udf, subject.bases))


def call_of(subject: Subject, udf: Udf, function: Function | None = None) -> Expression:
    """Return a call of ``udf`` on the column ``a``.

    It has a function of its own unless one is given.
    """
    function = function_of(subject, udf) if function is None else function
    return subject.expr(Call(udf, (Col("a"),)), {udf: function})


def expected_values(family: str, factor: int) -> list[int]:
    """Return what the function with this factor makes of 1, 2, 3."""
    return [6 * factor] if family == "aggregate" else [factor, 2 * factor, 3 * factor]


def query_of(udf: Udf, node: Node | None = None) -> Query:
    """Return a query over 1, 2, 3 with one column.

    The column is ``node``, or a call of ``udf`` on the column ``a``.
    """
    call = Call(udf, (Col("a"),))
    aggregates = udf.family == "aggregate" and node is None
    step = Group((), (("v", call),)) if aggregates else Select((("v", node or call),))
    rows = (((1,), (2,), (3,)),)
    schema = pa.schema([("a", INT)])
    return Query("namesake/query", "", "values", schema, rows, (step,), [])


def encode_call_by_name(subject: Subject, udf: Udf) -> bytes:
    """Return a call of ``udf`` on the column ``a``, by name."""
    data = subject.to_bytes(call_of(subject, udf), subject.with_inlining(subject.session(), False))
    assert_equal(wire.find(data), [], "frames in bytes by name")
    return data


def decode_and_evaluate(
    subject: Subject, family: Family, data: bytes, session: Session
) -> list[Any]:
    """Return what the expression in ``data`` gives for 1, 2, 3."""
    return evaluate_rows(subject, family, subject.from_bytes(data, session), session)


def evaluate_rows(
    subject: Subject, family: str, expr: Expression, session: Session | None = None
) -> list[Any]:
    """Return what ``expr`` gives for 1, 2, 3, on a fresh session unless one is given."""
    session = subject.session() if session is None else session
    result = subject.evaluate(session, expr, ROWS, aggregate=family == "aggregate")
    return list(result.to_pylist())
