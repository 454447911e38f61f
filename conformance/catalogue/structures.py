"""Expressions whose result shows each part of their structure, with results by hand.

The store has no goldens of them. The same structures in SQL are in ``sql.toml``, for subjects
that parse it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from conformance.catalogue.build import BOOL, INT, aggregate_udf, scalar_udf, window_udf
from conformance.catalogue.nodes import (
    Binary,
    Call,
    Case,
    Cast,
    Col,
    Frame,
    InList,
    Lit,
    Over,
    Sort,
)
from conformance.catalogue.runs import Run

_SAME = scalar_udf("structures/same", "def f(a): return a\n", [INT], INT)
_PAIR = scalar_udf(
    "structures/pair",
    "import pyarrow.compute as pc\ndef f(a, b): return pc.add(pc.multiply(a, 10), b)\n",
    [INT, INT],
    INT,
)
_KEYS = aggregate_udf(
    "structures/keys",
    """
import pyarrow as pa
class f(Accumulator):
    def __init__(self): self.n = 0
    def update(self, *columns):
        for n, column in enumerate(columns): self.n += 1000 ** n * sum(column.to_pylist())
    def merge(self, states): self.n += sum(states[0].to_pylist())
    def state(self): return [pa.scalar(self.n, pa.int64())]
    def evaluate(self): return pa.scalar(self.n, pa.int64())
""",
    [INT],
    INT,
    [INT],
)
"""The sum of the values, plus 1,000 times that of the first sort key, and so on."""
_TWO = replace(_KEYS, id="structures/two", inputs=(INT, INT))
"""The same of two arguments: they are the first two columns, before the sort keys."""
_LEAVING = aggregate_udf(
    "structures/leaving",
    """
import pyarrow as pa
class f(Accumulator):
    def __init__(self): self.n = 0
    def size(self, a, b): return 100 * len(a) + 10 * a.null_count + sum(b.to_pylist())
    def update(self, a, b): self.n += self.size(a, b)
    def retract_batch(self, a, b): self.n -= self.size(a, b)
    def supports_retract_batch(self): return True
    def merge(self, states): self.n += sum(states[0].to_pylist())
    def state(self): return [pa.scalar(self.n, pa.int64())]
    def evaluate(self): return pa.scalar(self.n, pa.int64())
""",
    [INT, INT],
    INT,
    [INT],
)
"""A hundred for each row, 10 for each null in the first column, and the sum of the second."""
_TOTAL = window_udf(
    "structures/total",
    """
import pyarrow as pa
class f(WindowEvaluator):
    def uses_window_frame(self): return True
    def evaluate(self, values, eval_range):
        return pa.scalar(sum(values[0].to_pylist()[slice(*eval_range)]), pa.int64())
""",
    [INT],
    INT,
)
"""The sum of the rows in the frame."""

_CALL = Call(_SAME, (Col("a"),))
_NULL = Lit(pa.scalar(None, INT))
_O, _P = Sort(Col("o")), Sort(Col("p"), ascending=False)


def _framed(frame: Frame) -> Call:
    return Call(_TOTAL, (Col("a"),), over=Over((), (_O,), frame))


def _ones(count: int) -> tuple[dict[str, list[int]]]:
    return ({"o": [*range(count)], "a": [1] * count},)


_TIES = ({"o": [1, 1, 3, 4], "a": [10, 11, 5, 7]},)
_ROWS = ({"p": [1, 2, 2, 1, 1], "o": [5, 4, 3, 2, 1], "a": [1, 2, 3, 4, 4]},)

STRUCTURES: Mapping[str, Run] = {
    "difference-on-the-right": Run(
        Binary("-", Lit(100), Binary("-", Lit(10), _CALL)), ({"a": [1, 4]},), [91, 94]
    ),
    "difference-on-the-left": Run(
        Binary("-", Binary("-", Lit(100), _CALL), Lit(10)), ({"a": [1, 4]},), [89, 86]
    ),
    "quotient-on-the-right": Run(
        Binary("/", Lit(100), Binary("/", Lit(20), _CALL)), ({"a": [2, 5]},), [10, 25]
    ),
    "three-branches": Run(
        Case(tuple((Binary("==", _CALL, Lit(n)), Lit(10 * n)) for n in (1, 2, 3)), Lit(40)),
        ({"a": [3, 2, 1, 4]},),
        [30, 20, 10, 40],
    ),
    "not-in-one-value": Run(
        InList(_CALL, (Lit(2),), negated=True), ({"a": [1, 2]},), [True, False]
    ),
    "in-values-with-null": Run(InList(_CALL, (Lit(1), _NULL)), ({"a": [1, 2]},), [True, None]),
    "not-in-values-with-null": Run(
        InList(_CALL, (Lit(1), _NULL), negated=True), ({"a": [1, 2]},), [False, None]
    ),
    "one-column-twice": Run(Call(_PAIR, (Col("a"), Col("a"))), ({"a": [1, 2]},), [11, 22]),
    "case-as-argument": Run(
        Call(_PAIR, (Case(((Binary("<", Col("a"), Lit(2)), Lit(5)),), Lit(6)), Col("a"))),
        ({"a": [1, 2]},),
        [51, 62],
    ),
    "aggregate-as-argument": Run(
        Call(_PAIR, (Call(_KEYS, (Col("a"),)), Lit(3))), ({"a": [1, 2]},), [33]
    ),
    "cast-of-a-cast": Run(Cast(Cast(_CALL, BOOL), INT), ({"a": [5, 0]},), [1, 0]),
    "two-sort-keys": Run(Call(_KEYS, (Col("a"),), order_by=(_P, _O)), _ROWS, [15_007_014]),
    "filter-and-sort-keys": Run(
        Call(_KEYS, (Col("a"),), order_by=(_P, _O), filter=Binary("<", Col("a"), Lit(4))),
        _ROWS,
        [12_005_006],
    ),
    "two-arguments-and-a-sort-key": Run(
        Call(_TWO, (Col("a"), Lit(2)), order_by=(Sort(Col("o"), nulls_first=True),)),
        _ROWS,
        [15_010_014],
    ),
    "two-partition-keys": Run(
        Call(_TOTAL, (Col("a"),), over=Over((Col("p"), Col("q")))),
        ({"p": [1, 1, 2, 2, 1], "q": [1, 2, 1, 1, 1], "a": [3, 4, 5, 6, 7]},),
        [10, 4, 11, 11, 10],
    ),
    "rows-that-leave-the-frame": Run(
        Call(_LEAVING, (Col("a"), Col("b")), over=Over((), (_O,), Frame("rows", 1, 0))),
        ({"o": [1, 2, 3, 4], "a": [1, None, 3, None], "b": [1, 2, 3, 4]},),
        [101, 213, 215, 217],
    ),
    "range-over-ties": Run(_framed(Frame("range", None, 0)), _TIES, [21, 21, 26, 33]),
    "range-around-the-row": Run(_framed(Frame("range", 1, 1)), _TIES, [21, 21, 12, 12]),
    "groups-over-ties": Run(_framed(Frame("groups", 1, 0)), _TIES, [21, 21, 26, 12]),
    "rows-over-ties": Run(_framed(Frame("rows", 0, 1)), _TIES, [21, 16, 12, 7]),
    "a-large-bound": Run(_framed(Frame("rows", 65_537, 0)), _TIES, [10, 21, 26, 33]),
    "a-long-frame": Run(
        _framed(Frame("rows", 130, 0)), _ones(135), [*range(1, 132), 131, 131, 131, 131]
    ),
}
"""Expressions over partitions of numbers."""
