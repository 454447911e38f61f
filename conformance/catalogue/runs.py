"""Aggregate and window UDFs whose results show how they are called, with results by hand.

The store has no goldens of them: what they check is what happens when a decoded UDF runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import indent
from typing import Any

import pyarrow as pa

from conformance.catalogue.build import INT, aggregate_udf, window_udf
from conformance.catalogue.nodes import Call, Col, Frame, Node, Over, Sort, Udf, udfs


@dataclass(frozen=True)
class Run:
    """An expression over partitions, the columns of each, and the result.

    With ``group_by`` the result has a tuple of keys and value for each group.
    """

    node: Node
    parts: tuple[Mapping[str, Sequence[int | None]], ...]
    result: list[Any]
    group_by: tuple[str, ...] = ()

    @property
    def batches(self) -> list[pa.RecordBatch]:
        """The partitions as record batches of numbers."""
        schema = pa.schema([(name, INT) for name in self.parts[0]])
        return [pa.RecordBatch.from_pydict(dict(part), schema) for part in self.parts]

    @property
    def is_aggregate(self) -> bool:
        """True if an aggregate UDF is called, and the outermost call has no window."""
        over = self.node.over if isinstance(self.node, Call) else None
        return over is None and any(udf.family == "aggregate" for udf in udfs(self.node))


def _body(source: str) -> str:
    """Return the methods of a class from their source."""
    return indent(f"{source.strip()}\n", "    ")


def _accumulator(id_: str, source: str, *, arguments: int = 1, states: int = 1) -> Udf:
    head = "import pyarrow as pa\nclass f(Accumulator):\n    def __init__(self): self.n = 0\n"
    tail = "    def evaluate(self): return pa.scalar(self.n, pa.int64())\n"
    types = [INT] * arguments
    return aggregate_udf(f"runs/{id_}", head + _body(source) + tail, types, INT, [INT] * states)


_ONE_STATE = """
def state(self): return [pa.scalar(self.n, pa.int64())]
def merge(self, states): self.n += sum(states[0].to_pylist())
"""
_SUM = _accumulator("sum", f"def update(self, a): self.n += sum(a.to_pylist()){_ONE_STATE}")
_NULLS = _accumulator(
    "nulls", f"def update(self, a): self.n += 1000 * a.null_count + len(a){_ONE_STATE}"
)
_PAIRS = _accumulator(
    "pairs",
    "def update(self, a, b): self.n += 100 * len(a) + 10 * a.null_count + b.null_count"
    f"{_ONE_STATE}",
    arguments=2,
)
_FIVE_STATES = _accumulator(
    "five-states",
    """
held = [0] * 5
def update(self, a): self.add([sum(a.to_pylist()), 0, 0, len(a), 1000 * len(a)])
def add(self, more):
    self.held = [a + b for a, b in zip(self.held, more)]
    self.n = self.held[0] + 10 * self.held[3] + self.held[4]
def merge(self, states): self.add([sum(one.to_pylist()) for one in states])
def state(self): return [pa.scalar(one, pa.int64()) for one in self.held]
""",
    states=5,
)
_NULL_STATE = _accumulator(
    "null-state",
    """
def update(self, a): self.n += len(a)
def merge(self, states):
    self.n += sum(n for none, n in zip(*(one.to_pylist() for one in states)) if none is None)
def state(self): return [pa.scalar(None, pa.int64()), pa.scalar(self.n, pa.int64())]
""",
    states=2,
)

_NO_ZEROS = _accumulator(
    "no-zeros",
    """
def update(self, a): self.n += sum(a.to_pylist())
def merge(self, states): self.n += sum(n or 0 for n in states[0].to_pylist())
def state(self): return [pa.scalar(self.n or None, pa.int64())]
""",
)
"""The sum. Its state is a null where the sum is 0."""

GROUPS = 600

ACCUMULATORS: Mapping[str, Run] = {
    "many-groups": Run(
        Call(_SUM, (Col("a"),)),
        ({"g": [*range(GROUPS)], "a": [7 * n for n in range(GROUPS)]},) * 2,
        [(n, 14 * n) for n in range(GROUPS)],
        ("g",),
    ),
    "only-nulls-in-a-part": Run(
        Call(_NULLS, (Col("a"),)), ({"a": [None, None]}, {"a": [3]}), [2003]
    ),
    "two-arguments-with-nulls": Run(
        Call(_PAIRS, (Col("a"), Col("b"))),
        ({"a": [1, 2], "b": [None, 3]}, {"a": [None], "b": [5]}),
        [311],
    ),
    "five-fields-of-a-state": Run(
        Call(_FIVE_STATES, (Col("a"),)), ({"a": [1, 2]}, {"a": [3]}), [3036]
    ),
    "a-null-in-a-state": Run(Call(_NULL_STATE, (Col("a"),)), ({"a": [1, 2]}, {"a": [3]}), [3]),
    "many-states-of-a-group": Run(
        Call(_NO_ZEROS, (Col("a"),)),
        tuple({"g": [5], "a": [n // 2]} for n in range(12)),
        [(5, 30)],
        ("g",),
    ),
}
"""Runs of accumulators."""


def _evaluator(id_: str, source: str) -> Udf:
    head = "import pyarrow as pa\nclass f(WindowEvaluator):\n"
    return window_udf(f"runs/{id_}", head + _body(source), [INT], INT)


_RANKS = _evaluator(
    "ranks",
    """
def include_rank(self): return True
def evaluate_all_with_rank(self, num_rows, ranks_in_partition):
    return pa.array([len(ranks_in_partition)] * num_rows, pa.int64())
""",
)
_GAPS = _evaluator(
    "gaps",
    """
def uses_window_frame(self): return True
def evaluate(self, values, eval_range):
    total = sum(values[0].to_pylist()[slice(*eval_range)])
    return pa.scalar(None if total == 3 else total, pa.int64())
""",
)
_KEYS = _evaluator(
    "keys",
    """
def uses_window_frame(self): return True
def evaluate(self, values, eval_range):
    last = [one.to_pylist()[eval_range[1] - 1] for one in values]
    return pa.scalar(1000 * len(values) + 100 * last[1] + 10 * last[2] + last[0], pa.int64())
""",
)
_CAUSAL = _evaluator(
    "causal",
    """
def is_causal(self): return True
def supports_bounded_execution(self): return True
def evaluate(self, values, eval_range): return pa.scalar(len(values[0]), pa.int64())
""",
)
_A, _B = Sort(Col("p")), Sort(Col("o"))
_TO_HERE = Frame("rows", None, 0)

EVALUATORS: Mapping[str, Run] = {
    "ranks-of-each-partition": Run(
        Call(_RANKS, (Col("a"),), over=Over((Col("p"),), (_B,))),
        ({"p": [1, 1, 2, 2], "o": [1, 1, 1, 2], "a": [0, 0, 0, 0]},),
        [1, 1, 2, 2],
    ),
    "null-results": Run(
        Call(_GAPS, (Col("a"),), over=Over(order_by=(_B,), frame=_TO_HERE)),
        ({"o": [1, 2, 3], "a": [1, 2, 3]},),
        [1, None, 6],
    ),
    "two-sort-keys": Run(
        Call(_KEYS, (Col("a"),), over=Over(order_by=(_A, _B), frame=_TO_HERE)),
        ({"p": [1, 1, 2], "o": [4, 5, 6], "a": [7, 8, 9]},),
        [3147, 3158, 3269],
    ),
    "rows-of-a-causal-evaluator": Run(
        Call(_CAUSAL, (Col("a"),), over=Over(order_by=(_B,))),
        ({"o": [1, 2, 3], "a": [0, 0, 0]},),
        [3, 3, 3],
    ),
}
"""Runs of window evaluators."""
