"""Entries with scalar UDFs whose function bodies are hard to pickle."""

from __future__ import annotations

from conformance.catalogue.build import BOOL, INT, TEXT, scalar_entry

ENTRIES = (
    scalar_entry(
        "scalar/import-inside",
        "The body imports a module. The import runs on the receiver and needs builtins there.",
        """
        def f(a):
            import math
            import pyarrow as pa
            return pa.array([math.gcd(x, 12) for x in a.to_pylist()], pa.int64())
        """,
        [INT],
        INT,
        [[8, 9, 18]],
        [4, 3, 6],
    ),
    scalar_entry(
        "scalar/set-constant",
        "A frozenset of strings is among the constants. Its order, and thus the bytes, depend on "
        "the hash seed; the result must not.",
        """
        import pyarrow as pa
        def f(a):
            return pa.array([x in {"red", "green", "blue", "black"} for x in a.to_pylist()])
        """,
        [TEXT],
        BOOL,
        [["green", "white", "black", ""]],
        [True, False, True, False],
    ),
    scalar_entry(
        "scalar/nested-def",
        "A nested function is a code object among the constants of another code object.",
        """
        import pyarrow as pa
        def f(a):
            def sign(x):
                return (x > 0) - (x < 0)
            def code(x):
                return sign(x) * 10 + abs(x) % 10
            return pa.array([code(x) for x in a.to_pylist()], pa.int64())
        """,
        [INT],
        INT,
        [[-13, 0, 27]],
        [-7, 0, 17],
    ),
    scalar_entry(
        "scalar/comprehensions",
        "Generator, list, set and dict comprehensions compile differently in each Python.",
        """
        import pyarrow as pa
        def f(a):
            values = a.to_pylist()
            rank = {x: i for i, x in enumerate(sorted({x for x in values}))}
            total = sum(x for x in values if x > 0)
            return pa.array([rank[x] * 100 + total for x in values], pa.int64())
        """,
        [INT],
        INT,
        [[9, -1, 3, 9]],
        [221, 21, 121, 221],
    ),
    scalar_entry(
        "scalar/class-inside",
        "Each call creates a class. The code of the class is only a constant.",
        """
        import pyarrow as pa
        def f(a):
            class Interval:
                step = 4
                def __init__(self, x):
                    self.low = x - x % self.step
                @property
                def label(self):
                    return f"[{self.low},{self.low + self.step})"
            return pa.array([Interval(x).label for x in a.to_pylist()])
        """,
        [INT],
        TEXT,
        [[0, 7, 9]],
        ["[0,4)", "[4,8)", "[8,12)"],
    ),
    scalar_entry(
        "scalar/large-closure",
        "A cell of several kB: lengths need more than two varint bytes, and buffers need more "
        "than one block.",
        """
        import pyarrow as pa
        def make(table):
            return lambda a: pa.array([table[x] for x in a.to_pylist()], pa.int64())
        f = make([i * 7919 % 10007 for i in range(2000)])
        """,
        [INT],
        INT,
        [[1, 2, 1999]],
        # 2 * 7919 = 15838 = 10007 + 5831; 1999 * 7919 = 15830081 = 1581 * 10007 + 9014
        [7919, 5831, 9014],
    ),
    scalar_entry(
        "scalar/try-with",
        "Since Python 3.11 the code object keeps its handlers in an exception table. Without the "
        "table, errors propagate.",
        """
        import contextlib
        import pyarrow as pa
        def parse(text):
            value = -1
            with contextlib.suppress(TypeError):
                try:
                    value = int(text)
                except ValueError:
                    value = -2
                finally:
                    value *= 10
            return value
        def f(a):
            return pa.array([parse(x) for x in a.to_pylist()], pa.int64())
        """,
        [TEXT],
        INT,
        [["12", "x", None]],
        [120, -20, -10],
    ),
    scalar_entry(
        "scalar/nulls",
        "The input and the output have nulls, in different rows.",
        """
        import pyarrow as pa
        def f(a):
            return pa.array([-1 if x is None else None if x > 9 else x * 2 for x in a.to_pylist()])
        """,
        [INT],
        INT,
        [[1, None, 12, 4]],
        [2, -1, None, 8],
    ),
)
