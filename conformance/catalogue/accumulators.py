"""The aggregate UDFs of the catalogue."""

from __future__ import annotations

import pyarrow as pa

from conformance.catalogue.build import FLOAT, INT, TEXT, aggregate_udf

SUM_SQUARES = aggregate_udf(
    "aggregate/sum-squares",
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
BIASED_MAX = aggregate_udf(
    "aggregate/factory-closure",
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
FACTORY_DEF = aggregate_udf(
    "aggregate/factory-function",
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
STATES = aggregate_udf(
    "aggregate/several-states",
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
WEIGHTED = aggregate_udf(
    "aggregate/several-arguments",
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
MERGE = aggregate_udf(
    "aggregate/merge",
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
ORDERED = aggregate_udf(
    "aggregate/ordered",
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
FIELDS = aggregate_udf(
    "aggregate/state-fields",
    """
    import pyarrow as pa
    class f(Accumulator):
        def __init__(self):
            self.first, self.last = None, None
        def update(self, a):
            values = a.to_pylist()
            self.first = min(values + ([] if self.first is None else [self.first]))
            self.last = max(values + ([] if self.last is None else [self.last]))
        def merge(self, states):
            for state in states:
                self.update(state)
        def state(self):
            return [pa.scalar(self.first, pa.int64()), pa.scalar(self.last, pa.int64())]
        def evaluate(self):
            return pa.scalar(f"{self.first}..{self.last}")
    """,
    [pa.field("value", INT, nullable=False)],
    pa.field("range", TEXT, metadata={"unit": "mm"}),
    [
        pa.field("first", INT, nullable=False),
        pa.field("last", INT, metadata={"edge": "right"}),
    ],
)
SCALAR_STATE = aggregate_udf(
    "aggregate/state-from-helper",
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
