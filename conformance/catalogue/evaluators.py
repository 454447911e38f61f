"""The window UDFs of the catalogue, and one aggregate UDF for sliding window frames."""

from __future__ import annotations

from conformance.catalogue.build import FLOAT, INT, TEXT, aggregate_udf, window_udf

SHARE = window_udf(
    "window/share",
    """
    import pyarrow as pa
    class f(WindowEvaluator):
        def evaluate_all(self, values, num_rows):
            numbers = values[0].to_pylist()
            return pa.array([x * 100 // sum(numbers) for x in numbers], pa.int64())
    """,
    [INT],
    INT,
)
RUNNING = window_udf(
    "window/running",
    """
    import itertools
    import pyarrow as pa
    class Running(WindowEvaluator):
        def __init__(self, start):
            self.start = start
        def evaluate_all(self, values, num_rows):
            sums = itertools.accumulate(values[0].to_pylist(), initial=self.start)
            return pa.array(list(sums)[1:], pa.int64())
    def make(start):
        return lambda: Running(start)
    f = make(1000)
    """,
    [INT],
    INT,
)
RANK = window_udf(
    "window/rank",
    """
    import pyarrow as pa
    class f(WindowEvaluator):
        def include_rank(self):
            return True
        def evaluate_all_with_rank(self, num_rows, ranks_in_partition):
            ranks = [0] * num_rows
            for number, (start, end) in enumerate(ranks_in_partition, 1):
                ranks[start:end] = [number * 10 + end - start] * (end - start)
            return pa.array(ranks, pa.int64())
    """,
    [INT],
    INT,
)
FRAMED = window_udf(
    "window/frame",
    """
    import pyarrow as pa
    class f(WindowEvaluator):
        def uses_window_frame(self):
            return True
        def evaluate(self, values, eval_range):
            start, end = eval_range
            inside = values[0].to_pylist()[start:end]
            return pa.scalar(sum(inside) * 10 + len(inside), pa.int64())
    """,
    [INT],
    INT,
)
BOUNDED = window_udf(
    "window/bounded",
    """
    import pyarrow as pa
    class f(WindowEvaluator):
        def __init__(self):
            self.memory = 1
        def supports_bounded_execution(self):
            return True
        def get_range(self, idx, num_rows):
            return idx, idx + 1
        def evaluate(self, values, eval_range):
            start, _ = eval_range
            self.memory = self.memory * 2 + values[0][start].as_py()
            return pa.scalar(self.memory, pa.int64())
    """,
    [INT],
    INT,
)
SEVERAL = window_udf(
    "window/several-arguments",
    """
    import pyarrow as pa
    class f(WindowEvaluator):
        def evaluate_all(self, values, num_rows):
            words, times, scale = (value.to_pylist() for value in values)
            after = words[1:] + [None]
            return pa.array([
                None if word is None else f"{word * count}{factor}"
                for word, count, factor in zip(after, times, scale)
            ], pa.string())
    """,
    [TEXT, INT, FLOAT],
    TEXT,
)
NULLS = window_udf(
    "window/fill-down",
    """
    import pyarrow as pa
    class f(WindowEvaluator):
        def evaluate_all(self, values, num_rows):
            last, filled = None, []
            for value in values[0].to_pylist():
                last = value if value is not None else last
                filled.append(last)
            return pa.array(filled, pa.string())
    """,
    [TEXT],
    TEXT,
    name='Fill "down"',
    volatility="stable",
)
GLOBALS = window_udf(
    "window/factory-function",
    """
    import pyarrow as pa
    LABELS = {1: "first", 2: "second"}
    class Label(WindowEvaluator):
        def __init__(self, labels, other):
            self.labels, self.other = labels, other
        def evaluate_all(self, values, num_rows):
            return pa.array([self.labels.get(i + 1, self.other) for i in range(num_rows)])
    def f(other="later"):
        return Label(LABELS, other)
    """,
    [INT],
    TEXT,
    volatility="volatile",
)
COUNTDOWN = window_udf(
    "window/no-arguments",
    """
    import pyarrow as pa
    class f(WindowEvaluator):
        def evaluate_all(self, values, num_rows):
            return pa.array([100 * len(values) + n for n in range(num_rows, 0, -1)], pa.int64())
    """,
    [],
    INT,
)
RETRACTING = aggregate_udf(
    "aggregate/sliding",
    """
    import pyarrow as pa
    class f(Accumulator):
        def __init__(self):
            self.total, self.left = 0, 0
        def update(self, a):
            self.total += sum(a.to_pylist())
        def merge(self, states):
            self.total += sum(states[0].to_pylist())
        def supports_retract_batch(self):
            return True
        def retract_batch(self, a):
            self.total -= sum(a.to_pylist())
            self.left += len(a)
        def state(self):
            return [pa.scalar(self.total, pa.int64())]
        def evaluate(self):
            return pa.scalar(self.total * 10 + self.left, pa.int64())
    """,
    [INT],
    INT,
    [INT],
)
