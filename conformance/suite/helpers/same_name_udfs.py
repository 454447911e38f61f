"""UDFs of one name that multiply by different factors, so that a result shows which one ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from textwrap import indent
from typing import Any

import pyarrow as pa

from conformance import wire
from conformance.catalogue.nodes import Call, Col, Family, Node, Udf
from conformance.catalogue.query import Group, Query, Select
from conformance.catalogue.source import compile_udf
from conformance.runner.assertions import assert_equal, assert_result, assert_succeeds
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
_FORMS = """import functools
def run(k, *arguments): return make(k)(*arguments)
def make_partial(k): return functools.partial(run, k)
class Holder:
    def __init__(self, k): self.k = k
    def __call__(self, *arguments): return run(self.k, *arguments)
    def method(self, *arguments): return run(self.k, *arguments)
def make_method(k): return Holder(k).method
def make_default(k):
    def f(*arguments, k=k): return run(k, *arguments)
    return f
def make_attribute(k):
    def f(*arguments): return run(f.k, *arguments)
    f.k = k
    return f
"""
FORMS = {
    "closure": "make",
    "partial": "make_partial",
    "method": "make_method",
    "instance": "Holder",
    "default": "make_default",
    "attribute": "make_attribute",
}
"""Forms of a callable that holds its factor, and the function in the source that makes each."""
RESULTS: dict[Family, Any] = {"scalar": [7, 14, 21], "aggregate": [42], "window": [7, 14, 21]}
"""The results of the UDFs with the factor 7 for the rows 1, 2, 3."""


def times(family: Family, factor: int, name: str = "times") -> Udf:
    """Return a UDF that multiplies by ``factor``; the name does not depend on the factor."""
    state = (INT,) if family == "aggregate" else ()
    source = _SOURCES[family].format(k=factor)
    return Udf(f"namesake/{family}-{factor}", family, name, source, (INT,), INT, state)


def function_of(subject: Subject, udf: Udf) -> Function:
    """Return the subject's function for ``udf``."""
    return subject.function(udf, compile_udf(udf, subject.bases))


def functions_of_one_code(
    subject: Subject, family: Family, factors: Sequence[int], form: str = "closure"
) -> dict[Udf, Function]:
    """Return functions named ``times`` of one code: each holds its factor as ``form`` says."""
    source = f"{_FORMS}def make(k):\n{indent(_SOURCES[family].format(k='k'), '    ')}    return f\n"
    form_udf = replace(times(family, 0), id=f"namesake/{family}-{form}", source=source)
    form_of = compile_udf(replace(form_udf, attribute=FORMS[form]), subject.bases)
    udfs = [times(family, factor) for factor in factors]
    return {u: subject.function(u, form_of(k)) for u, k in zip(udfs, factors, strict=True)}


def function_holding(subject: Subject, udf: Udf, held: Any) -> Function:
    """Return the subject's function for ``udf``; its callable holds an object in a closure."""
    inner = compile_udf(udf, subject.bases)
    return subject.function(udf, lambda *arguments: (held, inner(*arguments))[1])


def call_of(subject: Subject, udf: Udf, function: Function | None = None) -> Expression:
    """Return a call of ``udf`` on column ``a``, with a new function unless one is given."""
    function = function_of(subject, udf) if function is None else function
    return subject.expr(Call(udf, (Col("a"),)), {udf: function})


def expected_values(family: str, factor: int) -> list[int]:
    """Return the result of the UDF with this factor for the rows 1, 2, 3."""
    return [6 * factor] if family == "aggregate" else [factor, 2 * factor, 3 * factor]


def query_of(udf: Udf, node: Node | None = None) -> Query:
    """Return a query over 1, 2, 3 with one column.

    The column is ``node``, or else a call of ``udf`` on column ``a``.
    """
    call = Call(udf, (Col("a"),))
    aggregates = udf.family == "aggregate" and node is None
    step = Group((), (("v", call),)) if aggregates else Select((("v", node or call),))
    rows = (((1,), (2,), (3,)),)
    schema = pa.schema([("a", INT)])
    return Query("namesake/query", "", "values", schema, rows, (step,), [])


def encode_call_by_name(subject: Subject, udf: Udf) -> bytes:
    """Return a call of ``udf`` on column ``a``, encoded by a strict session: a name, no frame."""
    data = subject.to_bytes(call_of(subject, udf), subject.with_inlining(subject.session(), False))
    assert_equal(wire.find(data), [], "the frames in the bytes of a strict session")
    return data


def decode_and_evaluate(
    subject: Subject, family: Family, data: bytes, session: Session
) -> list[Any]:
    """Decode the expression in ``data`` and return its result for 1, 2, 3."""
    return evaluate_rows(subject, family, subject.from_bytes(data, session), session)


def evaluate_rows(
    subject: Subject, family: str, expr: Expression, session: Session | None = None
) -> list[Any]:
    """Return the result of ``expr`` for 1, 2, 3, on a new session unless one is given."""
    session = subject.session() if session is None else session
    result = subject.evaluate(session, expr, ROWS, aggregate=family == "aggregate")
    return list(result.to_pylist())


def assert_times_seven(subject: Subject, family: Family, data: bytes, what: str) -> None:
    """Assert that ``data`` decodes to a call of ``times`` that multiplies by 7."""
    expr = assert_succeeds(lambda: subject.from_bytes(data), what)
    assert_result(evaluate_rows(subject, family, expr), RESULTS[family], what)
