"""Aggregate UDFs: accumulators, their state and how partitions are merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from conformance.catalogue.build import FLOAT, INT, TEXT, cols, source, table_entry
from conformance.catalogue.nodes import (
    Binary,
    Call,
    Col,
    Lit,
    Sort,
    TypeOrField,
    Udf,
    Volatility,
)


def udaf(
    id_: str,
    text: str,
    inputs: Sequence[TypeOrField],
    returns: TypeOrField,
    state: Sequence[TypeOrField],
    *,
    name: str | None = None,
    volatility: Volatility = "immutable",
) -> Udf:
    """Make an aggregate UDF."""
    return Udf(
        id=f"aggregate/{id_}",
        family="aggregate",
        name=name or id_.replace("-", "_"),
        source=source(text),
        inputs=tuple(inputs),
        returns=returns,
        state=tuple(state),
        volatility=volatility,
    )


SUM_SQUARES = udaf(
    "sum-squares",
    """
    import pyarrow as pa
    class f(Accumulator):
        def __init__(self):
            self.total = 0
        def update(self, a):
            self.total += sum(x * x for x in a.to_pylist() if x is not None)
        def merge(self, states):
            self.total += sum(x for x in states[0].to_pylist() if x is not None)
        def state(self):
            return [pa.scalar(self.total, pa.int64())]
        def evaluate(self):
            return pa.scalar(self.total, pa.int64())
    """,
    [INT],
    INT,
    [INT],
)
BIASED_MAX = udaf(
    "factory-closure",
    """
    import pyarrow as pa
    class Maximum(Accumulator):
        def __init__(self, bias):
            self.bias = bias
            self.best = None
        def see(self, values):
            self.best = max((x for x in values if x is not None), default=self.best)
        def update(self, a):
            self.see([self.best, *a.to_pylist()])
        def merge(self, states):
            self.see([self.best, *states[0].to_pylist()])
        def state(self):
            return [pa.scalar(self.best, pa.int64())]
        def evaluate(self):
            return pa.scalar(None if self.best is None else self.best + self.bias, pa.int64())
    def make(bias):
        return lambda: Maximum(bias)
    f = make(1000)
    """,
    [INT],
    INT,
    [INT],
)
_FACTORY_DEF = udaf(
    "factory-function",
    """
    import pyarrow as pa
    STEP = 7
    class Count(Accumulator):
        def __init__(self, step):
            self.step, self.seen = step, 0
        def update(self, a):
            self.seen += len(a) - a.null_count
        def merge(self, states):
            self.seen += sum(states[0].to_pylist())
        def state(self):
            return [pa.scalar(self.seen, pa.int64())]
        def evaluate(self):
            return pa.scalar(self.seen * self.step, pa.int64())
    def f():
        return Count(STEP)
    """,
    [TEXT],
    INT,
    [INT],
)
_STATES = udaf(
    "several-states",
    """
    import pyarrow as pa
    class f(Accumulator):
        def __init__(self):
            self.count, self.total, self.words, self.any = 0, 0.0, [], False
        def update(self, a):
            values = [x for x in a.to_pylist() if x is not None]
            self.count += len(values)
            self.total += sum(values)
            self.words += [str(x) for x in values]
            self.any = self.any or any(x < 0 for x in values)
        def merge(self, states):
            for count, total, words, any_ in zip(*(state.to_pylist() for state in states)):
                self.count += count
                self.total += total
                self.words += words
                self.any = self.any or any_
        def state(self):
            return [
                pa.scalar(self.count, pa.int32()),
                pa.scalar(self.total, pa.float64()),
                pa.scalar(self.words, pa.list_(pa.string())),
                pa.scalar(self.any, pa.bool_()),
            ]
        def evaluate(self):
            words = ",".join(sorted(self.words))
            return pa.scalar(f"{self.count};{self.total};{words};{self.any}")
    """,
    [FLOAT],
    TEXT,
    [pa.int32(), FLOAT, pa.list_(TEXT), pa.bool_()],
)
_WEIGHTED = udaf(
    "several-arguments",
    """
    import pyarrow as pa
    class f(Accumulator):
        def __init__(self):
            self.top, self.bottom = 0.0, 0
        def update(self, value, weight, sign):
            for v, w, s in zip(value.to_pylist(), weight.to_pylist(), sign.to_pylist()):
                self.top += v * w * (1 if s == "+" else -1)
                self.bottom += w
        def merge(self, states):
            self.top += sum(states[0].to_pylist())
            self.bottom += sum(states[1].to_pylist())
        def state(self):
            return [pa.scalar(self.top, pa.float64()), pa.scalar(self.bottom, pa.int64())]
        def evaluate(self):
            return pa.scalar(self.top / self.bottom, pa.float64())
    """,
    [FLOAT, INT, TEXT],
    FLOAT,
    [FLOAT, INT],
)
_MERGE = udaf(
    "merge",
    """
    import pyarrow as pa
    class f(Accumulator):
        def __init__(self):
            self.total, self.parts = 0, 0
        def update(self, a):
            self.total += sum(a.to_pylist())
            self.parts = 1
        def merge(self, states):
            for total, parts in zip(states[0].to_pylist(), states[1].to_pylist()):
                self.total += total
                self.parts += parts
        def state(self):
            return [pa.scalar(self.total, pa.int64()), pa.scalar(self.parts, pa.int64())]
        def evaluate(self):
            return pa.scalar(self.total * 10 + self.parts, pa.int64())
    """,
    [INT],
    INT,
    [INT, INT],
)
_ORDERED = udaf(
    "ordered",
    """
    import pyarrow as pa
    class f(Accumulator):
        def __init__(self):
            self.rows = []
        def update(self, a, *order):
            self.rows += zip(order[0].to_pylist(), a.to_pylist())
        def merge(self, states):
            for keys, values in zip(states[0].to_pylist(), states[1].to_pylist()):
                self.rows += zip(keys, values)
        def state(self):
            keys, values = [k for k, _ in self.rows], [v for _, v in self.rows]
            return [
                pa.scalar(keys, pa.list_(pa.int64())),
                pa.scalar(values, pa.list_(pa.string())),
            ]
        def evaluate(self):
            ordered = sorted(self.rows, key=lambda row: -row[0])
            return pa.scalar(" ".join(f"{v}{k}" for k, v in ordered))
    """,
    [TEXT],
    TEXT,
    [pa.list_(INT), pa.list_(TEXT)],
)
_COLLECT = """
import pyarrow as pa
class f(Accumulator):
    def __init__(self):
        self.seen = []
    def update(self, a):
        self.seen += a.to_pylist()
    def merge(self, states):
        for values in states[0].to_pylist():
            self.seen += values
    def state(self):
        return [pa.scalar(self.seen, pa.list_(pa.int64()))]
    def evaluate(self):
        seen = sorted(self.seen, reverse=True)
"""
_LIST = udaf(
    "list-result",
    _COLLECT + "        return pa.scalar(seen, pa.list_(pa.int64()))\n",
    [INT],
    pa.list_(INT),
    [pa.list_(INT)],
)
_RANGE_TYPE = pa.struct([("high", INT), ("low", INT), ("count", pa.int32())])
_STRUCT = udaf(
    "struct-result",
    _COLLECT
    + """\
        type_ = pa.struct([("high", pa.int64()), ("low", pa.int64()), ("count", pa.int32())])
        return pa.scalar({"high": seen[0], "low": seen[-1], "count": len(seen)}, type_)
""",
    [INT],
    _RANGE_TYPE,
    [pa.list_(INT)],
)
_SCALAR_STATE = udaf(
    "state-from-helper",
    """
    import pyarrow as pa
    ZERO = pa.scalar(0, pa.int64())
    class Base(Accumulator):
        total = ZERO
        def update(self, a):
            self.total = pa.scalar(self.total.as_py() + self.weigh(a), pa.int64())
        def merge(self, states):
            self.total = pa.scalar(sum(states[0].to_pylist(), self.total.as_py()), pa.int64())
        def state(self):
            return [self.total]
        def evaluate(self):
            return self.total
    class f(Base):
        @staticmethod
        def weigh(a):
            return sum(3 * x for x in a.to_pylist())
        def evaluate(self):
            return pa.scalar(super().evaluate().as_py() + 1, pa.int64())
    """,
    [INT],
    INT,
    [INT],
)
_STABLE = udaf(
    "stable",
    _COLLECT + "        return pa.scalar(seen[0] * 100 + seen[1], pa.int64())\n",
    [INT],
    INT,
    [pa.list_(INT)],
    name='Größte "zwei"',
    volatility="stable",
)
_VOLATILE = udaf(
    "volatile",
    _COLLECT + "        return pa.scalar(seen[0] - seen[-1], pa.int64())\n",
    [INT],
    INT,
    [pa.list_(INT)],
    volatility="volatile",
)

_A = {"a": INT}
_KEYED = {"g": TEXT, "a": INT}
_KEYED_ROWS: list[list[list[Any]]] = [
    [["y", 1], ["x", 2], ["y", 3]],
    [["x", 4], ["z", None], ["y", 5]],
]

ENTRIES = (
    table_entry(
        "aggregate/class",
        "The class itself is the factory, a subclass of a base that both sides import.",
        Call(SUM_SQUARES, cols("a")),
        _A,
        [[[1], [2], [3]]],
        [14],
        result_type=INT,
    ),
    table_entry(
        "aggregate/factory-closure",
        "The factory captures a parameter; with the receiver's or none the result is off by it.",
        Call(BIASED_MAX, cols("a")),
        _A,
        [[[4], [9], [2]], [[5]]],
        [1009],
        result_type=INT,
    ),
    table_entry(
        "aggregate/factory-function",
        "The factory is a function whose class and constant are globals of the sender.",
        Call(_FACTORY_DEF, cols("s")),
        {"s": TEXT},
        [[["a"], [None], ["b"]], [["c"]]],
        [21],
        result_type=INT,
    ),
    table_entry(
        "aggregate/inheritance",
        "A class over a class of the sender, with super(), a static method and a scalar of "
        "pyarrow's as attribute.",
        Call(_SCALAR_STATE, cols("a")),
        _A,
        [[[1], [2]], [[10]]],
        [40],
        result_type=INT,
    ),
    table_entry(
        "aggregate/several-states",
        "Four state fields of four types; one lost, or two swapped, and partitions cannot merge.",
        Call(_STATES, cols("a")),
        {"a": FLOAT},
        [[[1.5], [None]], [[-2.0], [4.0]]],
        ["3;3.5;-2.0,1.5,4.0;True"],
        result_type=TEXT,
    ),
    table_entry(
        "aggregate/several-arguments",
        "Three arguments of three types; the schema of the first one alone does not do.",
        Call(_WEIGHTED, cols("vws")),
        {"v": FLOAT, "w": INT, "s": TEXT},
        [[[2.0, 3, "+"], [1.5, 2, "-"]], [[8.0, 3, "+"]]],
        # (6 - 3 + 24) / 8
        [3.375],
        result_type=FLOAT,
    ),
    table_entry(
        "aggregate/merge",
        "Three partitions, counted in the result: an update where a merge belongs shows.",
        Call(_MERGE, cols("a")),
        _A,
        [[[1], [2]], [[30]], [[400], [5]]],
        # the total is 438, from three parts
        [4383],
        result_type=INT,
    ),
    table_entry(
        "aggregate/grouped",
        "One accumulator a group, made anew by the factory; a shared one would mix the groups.",
        Call(SUM_SQUARES, cols("a")),
        _KEYED,
        _KEYED_ROWS,
        [["x", 20], ["y", 35], ["z", 0]],
        group_by=("g",),
    ),
    table_entry(
        "aggregate/grouped-by-two",
        "Two keys, and a state of two fields beside them.",
        Call(_MERGE, cols("a")),
        {"g": TEXT, "h": INT, "a": INT},
        [[["x", 1, 5], ["x", 2, 6], ["w", 2, 7]], [["x", 1, 8]]],
        [["w", 2, 71], ["x", 1, 132], ["x", 2, 61]],
        group_by=("g", "h"),
    ),
    table_entry(
        "aggregate/filter",
        "The filter stands beside the call in the bytes; dropped, all rows count.",
        Call(SUM_SQUARES, cols("a"), filter=Binary(">", Col("a"), Lit(2))),
        _A,
        [[[1], [2], [3]], [[5]]],
        [34],
        result_type=INT,
    ),
    table_entry(
        "aggregate/distinct",
        "A flag of one bit; dropped, repeated values count twice.",
        Call(SUM_SQUARES, cols("a"), distinct=True),
        _A,
        [[[3], [2], [3]], [[2], [1]]],
        [14],
        result_type=INT,
    ),
    table_entry(
        "aggregate/ordered",
        "The engine hands the sort keys to update as further arguments; dropped, there are none.",
        Call(_ORDERED, cols("s"), order_by=(Sort(Col("k"), ascending=False),)),
        {"s": TEXT, "k": INT},
        [[["a", 2], ["b", 9]], [["c", 5]]],
        ["b9 c5 a2"],
        result_type=TEXT,
    ),
    table_entry(
        "aggregate/nulls",
        "Only nulls: the state is null as well, and must be allowed to be.",
        Call(BIASED_MAX, cols("a")),
        _KEYED,
        [[["x", None], ["y", 3]], [["x", None]]],
        [["x", None], ["y", 1003]],
        group_by=("g",),
    ),
    table_entry(
        "aggregate/empty",
        "No row at all: the factory's first state is the result.",
        Call(_FACTORY_DEF, cols("s")),
        {"s": TEXT},
        [[]],
        [0],
        result_type=INT,
    ),
    table_entry(
        "aggregate/list",
        "A list as state and as result: one field with a child in each schema.",
        Call(_LIST, cols("a")),
        _A,
        [[[4], [1]], [[9]]],
        [[9, 4, 1]],
        result_type=pa.list_(INT),
    ),
    table_entry(
        "aggregate/struct",
        "A struct as result, with three children in a schema that has one field.",
        Call(_STRUCT, cols("a")),
        _A,
        [[[4], [1]], [[9]]],
        [{"high": 9, "low": 1, "count": 3}],
        result_type=_RANGE_TYPE,
    ),
    table_entry(
        "aggregate/stable",
        "A stable aggregate, by a name that needs quotes.",
        Call(_STABLE, cols("a")),
        _A,
        [[[4], [1]], [[9]]],
        [904],
        result_type=INT,
    ),
    table_entry(
        "aggregate/volatile",
        "A volatile aggregate; its volatility stands in another place of the tuple than a "
        "scalar's.",
        Call(_VOLATILE, cols("a")),
        _A,
        [[[4], [1]], [[9]]],
        [8],
        result_type=INT,
    ),
)
