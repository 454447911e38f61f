"""Scalar UDFs: the shapes in which Python holds a callable."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from conformance.catalogue.build import BOOL, FLOAT, INT, TEXT, scalar_entry
from conformance.catalogue.nodes import Binary, Call, Col, Lit

_LAMBDA = scalar_entry(
    "scalar/lambda",
    "The shortest UDF there is; if this one fails, nothing travels at all.",
    """
    import pyarrow.compute as pc
    f = lambda a: pc.add(pc.multiply(a, 3), 1)
    """,
    [INT],
    INT,
    [[2, 0, 5]],
    [7, 1, 16],
)

_ZERO = scalar_entry(
    "scalar/zero-arguments",
    "No input field at all: an encoder that takes a schema from its first field has none.",
    """
    import pyarrow as pa
    f = lambda: pa.array([40], pa.int64())
    """,
    [],
    INT,
    [],
    [],
)

_VOLATILE = scalar_entry(
    "scalar/volatile",
    "A volatile UDF of a literal runs for every row; decoded as immutable it would be folded into "
    "one value and every row would get the first.",
    """
    import pyarrow as pa
    def f(a):
        return pa.array([x * 10 + i for i, x in enumerate(a.to_pylist())], pa.int64())
    """,
    [INT],
    INT,
    [[4, 5, 6]],
    [70, 71, 72],
    volatility="volatile",
)

CALLABLES = (
    _LAMBDA,
    scalar_entry(
        "scalar/def",
        "A plain function with a docstring and annotations, which are pickled with it.",
        '''
        import pyarrow as pa
        def f(a: pa.Array) -> pa.Array:
            """Squares less one."""
            return pa.array([x * x - 1 for x in a.to_pylist()], pa.int64())
        ''',
        [INT],
        INT,
        [[3, -2, 1]],
        [8, 3, 0],
    ),
    scalar_entry(
        "scalar/closure",
        "The captured value exists on the sender only; lost or taken from the receiver, "
        "the result is silently another.",
        """
        import pyarrow.compute as pc
        def make(offset):
            def inner(a):
                return pc.add(a, offset)
            return inner
        f = make(100)
        """,
        [INT],
        INT,
        [[1, 2, 30]],
        [101, 102, 130],
    ),
    scalar_entry(
        "scalar/nested-closure",
        "Three levels of cells, one shared by two functions: cells mixed up give wrong numbers.",
        """
        import pyarrow as pa
        def outer(base):
            def middle(factor):
                def shift(x):
                    return x * factor + base
                def inner(a):
                    return pa.array([shift(x) - factor for x in a.to_pylist()], pa.int64())
                return inner
            return middle
        f = outer(7)(10)
        """,
        [INT],
        INT,
        [[1, 0, -3]],
        [7, -3, -33],
    ),
    scalar_entry(
        "scalar/default-arguments",
        "Defaults live on the function and not in its code; without them the call has too few "
        "arguments.",
        """
        import pyarrow.compute as pc
        def f(a, factor=3, offset=-4):
            return pc.add(pc.multiply(a, factor), offset)
        """,
        [INT],
        INT,
        [[2, 5, 0]],
        [2, 11, -4],
    ),
    scalar_entry(
        "scalar/keyword-defaults",
        "Keyword-only defaults are pickled apart from the positional ones and are easily lost.",
        """
        import pyarrow.compute as pc
        def f(a, *, factor=5, offset=2):
            return pc.subtract(pc.multiply(a, factor), offset)
        """,
        [INT],
        INT,
        [[1, 4, -1]],
        [3, 18, -7],
    ),
    scalar_entry(
        "scalar/many-arguments",
        "Five types in one signature: fields in another order or number fail or swap columns.",
        """
        import pyarrow as pa
        def f(i, s, x, b, d):
            rows = zip(*(column.to_pylist() for column in (i, s, x, b, d)))
            return pa.array([f"{i}|{s}|{x}|{b}|{d.hex()}" for i, s, x, b, d in rows])
        """,
        [INT, TEXT, FLOAT, BOOL, pa.binary()],
        TEXT,
        [[1, -2], ["x", "y z"], [0.5, -4.25], [True, False], [b"\x00\xff", b""]],
        ["1|x|0.5|True|00ff", "-2|y z|-4.25|False|"],
    ),
    replace(
        _ZERO,
        expr=Binary("+", Col("a"), Call(_ZERO.udfs[0], ())),
        schema=pa.schema([("a", INT)]),
        batches=({"a": [1, 2, 5]},),
        result=[41, 42, 45],
    ),
    scalar_entry(
        "scalar/callable-object",
        "An instance with __call__ travels with its class and its state; either may be lost.",
        """
        import pyarrow.compute as pc
        class Scale:
            def __init__(self, factor):
                self.factor = factor
            def __call__(self, a):
                return pc.multiply(a, self.factor)
        f = Scale(-6)
        """,
        [INT],
        INT,
        [[1, 2, -3]],
        [-6, -12, 18],
    ),
    scalar_entry(
        "scalar/bound-method",
        "A bound method is a function and an instance; the instance holds the table.",
        """
        import pyarrow as pa
        class Codes:
            def __init__(self, **codes):
                self.codes = codes
            def look_up(self, a):
                return pa.array([self.codes.get(x, 0) for x in a.to_pylist()], pa.int64())
        f = Codes(red=3, green=9).look_up
        """,
        [TEXT],
        INT,
        [["green", "blue", "red"]],
        [9, 0, 3],
    ),
    scalar_entry(
        "scalar/partial",
        "functools.partial has no code object and no __qualname__; its frozen arguments must "
        "stay in their places.",
        """
        import functools
        import pyarrow.compute as pc
        def base(left, a, *, factor):
            return pc.subtract(left, pc.multiply(a, factor))
        f = functools.partial(base, 50, factor=4)
        """,
        [INT],
        INT,
        [[1, 10, 12]],
        [46, 10, 2],
    ),
    scalar_entry(
        "scalar/recursion",
        "The function finds itself through its globals: a cycle that a naive pickler never ends.",
        """
        import pyarrow as pa
        def digits(n):
            return n if n < 10 else n % 10 + digits(n // 10)
        def f(a):
            return pa.array([digits(x) for x in a.to_pylist()], pa.int64())
        """,
        [INT],
        INT,
        [[7, 48, 1999]],
        [7, 12, 28],
    ),
    scalar_entry(
        "scalar/recursive-closure",
        "The function finds itself through its own cell, which must be filled after it exists.",
        """
        import pyarrow as pa
        def make():
            def triangle(n):
                return 0 if n <= 0 else n + triangle(n - 1)
            return lambda a: pa.array([triangle(x) for x in a.to_pylist()], pa.int64())
        f = make()
        """,
        [INT],
        INT,
        [[4, 1, 6]],
        [10, 1, 21],
    ),
    scalar_entry(
        "scalar/globals",
        "A constant and a helper of the sender's module, which no receiver can import.",
        """
        import pyarrow as pa
        RATES = {"eur": 3, "usd": 2}
        FEE = 10
        def charge(currency):
            return RATES[currency] * 100 + FEE
        def f(a):
            return pa.array([charge(x) for x in a.to_pylist()], pa.int64())
        """,
        [TEXT],
        INT,
        [["usd", "eur", "usd"]],
        [210, 310, 210],
    ),
    scalar_entry(
        "scalar/import-inside",
        "An import in the body runs on the receiver and needs builtins there.",
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
        "A frozenset of strings among the constants: its order, and so the bytes, follow the "
        "hash seed, while the result must not.",
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
        "A function in a function is a code object among the constants of another.",
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
        "A class made on every call, by code that is itself only a constant.",
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
        "Several kB in a cell: lengths need more than two varint bytes, and buffers more "
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
        "Since 3.11 handlers stand in an exception table beside the code; without it, errors "
        "come through.",
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
        "scalar/star-args",
        "The number of arguments is known from the signature alone.",
        """
        import pyarrow.compute as pc
        def f(first, *rest):
            for weight, column in enumerate(rest, 2):
                first = pc.add(first, pc.multiply(column, weight))
            return first
        """,
        [INT, INT, INT],
        INT,
        [[1, 2], [10, 20], [100, -100]],
        [321, -258],
    ),
    scalar_entry(
        "scalar/decorated",
        "The wrapper holds the wrapped twice, in its cell and as __wrapped__; the bare one "
        "alone gives another result.",
        """
        import functools
        import pyarrow.compute as pc
        def negated(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return pc.negate(function(*args, **kwargs))
            return wrapper
        @negated
        def f(a):
            return pc.add(a, 5)
        """,
        [INT],
        INT,
        [[1, -5, -9]],
        [-6, 0, 4],
    ),
    scalar_entry(
        "scalar/nulls",
        "Nulls go in and come out, and not in the same rows.",
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

NAMES = tuple(
    scalar_entry(
        f"scalar/{id_}",
        note,
        f"""
        import pyarrow.compute as pc
        f = lambda a: pc.subtract({number}, a)
        """,
        [INT],
        INT,
        [[1, 5, -2]],
        [number - 1, number - 5, number + 2],
        name=name,
    )
    for number, (id_, name, note) in enumerate(
        [
            (
                "unicode-name",
                "größe_数_\U0001f980",
                "A name of two, three and four UTF-8 bytes a character, counted once as one.",
            ),
            (
                "quoted-name",
                "odd \"name\"; with 'quotes' \\ and . dots",
                "A name that SQL would have to quote, and whoever re-parses it will break.",
            ),
            (
                "mixed-case-name",
                "CamelCase",
                "A name that a receiver which folds case would look for under another.",
            ),
            ("empty-name", "", "An empty name is left out of proto3 bytes, and is no error."),
            ("blank-name", " ", "A name that is lost if anyone strips it."),
            (
                "builtin-name",
                "abs",
                "The name of a built-in function, which must not be run instead of the callable.",
            ),
        ],
        20,
    )
)

SIGNATURES = (
    scalar_entry(
        "scalar/stable",
        "The volatility between the two others; one kept as a flag has no room for it.",
        """
        import pyarrow.compute as pc
        f = lambda a: pc.subtract(pc.multiply(a, a), 3)
        """,
        [INT],
        INT,
        [[1, 2, -4]],
        [-2, 1, 13],
        volatility="stable",
    ),
    replace(_VOLATILE, expr=Call(_VOLATILE.udfs[0], (Lit(7),))),
    scalar_entry(
        "scalar/not-null",
        "A result field declared non-nullable; made nullable, plans no longer agree on schemas.",
        """
        import pyarrow.compute as pc
        f = lambda a: pc.fill_null(pc.multiply(a, 4), -1)
        """,
        [INT],
        pa.field("quadruple", INT, nullable=False),
        [[2, None, 3]],
        [8, -1, 12],
    ),
    scalar_entry(
        "scalar/metadata",
        "Metadata on the result field, which extension types are made of, must survive.",
        """
        import pyarrow.compute as pc
        f = lambda a: pc.divide(a, 2.0)
        """,
        [FLOAT],
        pa.field("half", FLOAT, metadata={"unit": "mm", "größe": "ja"}),
        [[1.0, -3.0, 0.5]],
        [0.5, -1.5, 0.25],
    ),
    scalar_entry(
        "scalar/input-fields",
        "Input fields with names, metadata and nullability, of which only the types count.",
        """
        import pyarrow.compute as pc
        f = lambda a, b: pc.subtract(a, b)
        """,
        [
            pa.field("x", INT, nullable=False),
            pa.field("y", INT, metadata={"unit": "mm"}),
        ],
        INT,
        [[9, 2, None], [4, 7, 1]],
        [5, -5, None],
    ),
)

ENTRIES = (*CALLABLES, *NAMES, *SIGNATURES)
