"""Snippets in plain datafusion that show what a case does, without the suite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from conformance.spec import CLAUSES, Divergence

REFUSALS = ("STRICT-01", "STRICT-02", "STRICT-03", "STRICT-04", "STRICT-05", "STRICT-06")
"""The clauses on the error with which a strict session refuses a frame."""

UDFS: Mapping[str, str] = {
    "scalar": """\
import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "lambda")
""",
    "aggregate": """\
import pyarrow as pa
from datafusion import Accumulator, Expr, SessionContext, col, udaf

class Nothing(Accumulator):
    update = merge = state = evaluate = lambda self, *values: [pa.scalar(0)]

f = udaf(Nothing, pa.int64(), pa.int64(), [pa.int64()], "immutable", "sum_squares")
""",
    "window": """\
import pyarrow as pa
from datafusion import Expr, SessionContext, col, udwf
from datafusion.user_defined import WindowEvaluator

class Nothing(WindowEvaluator):
    def evaluate_all(self, values, num_rows):
        return values[0]

f = udwf(Nothing, [pa.int64()], pa.int64(), "immutable", "share")
""",
}
"""A UDF of each family, as ``f``, with the name that the cases give it."""

WAYS: Mapping[str, str] = {
    "from_bytes": """\
strict = SessionContext().with_python_udf_inlining(enabled=False)
print(Expr.from_bytes(f(col("a")).to_bytes(), strict))  # must raise the refusal
""",
    "pickle": """\
import pickle
from datafusion.ipc import set_worker_ctx

data = pickle.dumps(f(col("a")))
set_worker_ctx(SessionContext().with_python_udf_inlining(enabled=False))
print(pickle.loads(data))  # must raise the refusal
""",
}
"""How a strict session gets the frame."""


def snippet(clause: str, parameters: Mapping[str, Any]) -> str:
    """Return a script that does what a case of ``clause`` does, or ``""`` where there is none."""
    family, way = str(parameters.get("family")), str(parameters.get("way"))
    if clause in REFUSALS and family in UDFS and way in WAYS:
        return UDFS[family] + WAYS[way]
    path = CLAUSES[clause].snippet
    return path.read_text(encoding="utf-8") if path else ""


def script(case: str, clause: str, known: Iterable[Divergence]) -> str:
    """Return the command for the script of a known divergence of the clause, or ``""``.

    That of a divergence which covers the case comes first.
    """
    of_clause = [one for one in known if one.clause == clause and one.reproduction.is_file()]
    of_clause.sort(key=lambda one: not one.covers(case))
    if not of_clause:
        return ""
    first = of_clause[0]
    return f"python {first.reproduction}\nIt shows the known divergence {first.id}: {first.reason}"
