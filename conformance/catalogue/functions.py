"""Entries with scalar UDFs, one per kind of Python callable."""

from __future__ import annotations

from conformance.catalogue.build import INT, TEXT, scalar_entry

ENTRIES = (
    scalar_entry(
        "scalar/lambda",
        "The shortest possible UDF. If this one fails, no inline UDF works.",
        """
        import pyarrow.compute as pc
        f = lambda a: pc.add(pc.multiply(a, 3), 1)
        """,
        [INT],
        INT,
        [[2, 0, 5]],
        [7, 1, 16],
    ),
    scalar_entry(
        "scalar/def",
        "A plain function with a docstring and annotations, which are pickled too.",
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
        "Only the sender has the captured value. If it is lost or taken from the receiver, the "
        "result is silently wrong.",
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
        "Three levels of cells, one shared by two functions. Mixed-up cells give wrong numbers.",
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
        "The function, not its code object, holds the defaults. Without them the call lacks "
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
        "Keyword-only defaults are pickled separately from positional ones and are easily lost.",
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
        "scalar/star-args",
        "A function with *args: only the signature fixes the number of arguments.",
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
        "scalar/callable-object",
        "An instance with __call__ is pickled with its class and its state. Either can be lost.",
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
        "A bound method is a function and an instance. The instance holds the lookup table.",
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
        "A functools.partial has no code object and no __qualname__. Its frozen arguments must "
        "keep their positions.",
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
        "The function refers to itself through its globals. A naive pickler never finishes this "
        "cycle.",
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
        "The function refers to itself through its own cell. The cell must be filled after the "
        "function exists.",
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
        "A constant and a helper function from the sender's module, which no receiver can import.",
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
        "scalar/decorated",
        "The wrapper holds the wrapped function twice: in its cell and as __wrapped__. The "
        "wrapped function alone gives another result.",
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
)
