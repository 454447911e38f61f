"""Expressions: where calls may stand, and how many of which family together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

import pyarrow as pa

from conformance.catalogue.aggregate import SUM_SQUARES, udaf
from conformance.catalogue.build import BOOL, FLOAT, INT, TEXT, cols, source, table_entry
from conformance.catalogue.nodes import (
    Alias,
    Binary,
    Builtin,
    Call,
    Case,
    Cast,
    Col,
    Frame,
    InList,
    Lit,
    Node,
    Over,
    Sort,
    TypeOrField,
    Udf,
)
from conformance.catalogue.window import RUNNING, SHARE, udwf


def udf(
    id_: str,
    text: str,
    inputs: Sequence[TypeOrField],
    returns: TypeOrField,
    name: str | None = None,
) -> Udf:
    """Make a scalar UDF."""
    return Udf(
        id=f"expression/{id_}",
        family="scalar",
        name=name or id_.replace("-", "_"),
        source=source(text),
        inputs=tuple(inputs),
        returns=returns,
    )


TRIPLE = udf(
    "triple",
    """
    import pyarrow.compute as pc
    f = lambda a: pc.subtract(pc.multiply(a, 3), 1)
    """,
    [INT],
    INT,
)
_MINUS = udf(
    "minus",
    """
    import pyarrow.compute as pc
    def f(a, b):
        return pc.subtract(a, b)
    """,
    [INT, INT],
    INT,
)
_ODD = udf(
    "odd",
    """
    import pyarrow as pa
    f = lambda a: pa.array([None if x is None else x % 2 == 1 for x in a.to_pylist()], pa.bool_())
    """,
    [INT],
    BOOL,
)
_PARITY = udf(
    "parity",
    """
    import pyarrow as pa
    def f(a):
        return pa.array(["odd" if x % 2 else "even" for x in a.to_pylist()])
    """,
    [INT],
    TEXT,
)
_TWIN_BODIES = ("pc.add(a, 5)", "pc.multiply(a, 7)")
_TWINS = tuple(
    udf(
        f"twin-{number}",
        f"import pyarrow.compute as pc\nf = lambda a: {body}\n",
        [INT],
        INT,
        "twin",
    )
    for number, body in enumerate(_TWIN_BODIES, 1)
)
_VOLATILE_TWINS = tuple(
    replace(twin, id=f"{twin.id}-volatile", volatility="volatile") for twin in _TWINS
)
_WINDOW_TWINS = tuple(
    udwf(
        f"twin-{number}",
        f"""
        import pyarrow as pa
        class f(WindowEvaluator):
            def evaluate_all(self, values, num_rows):
                numbers = values[0].to_pylist()
                return pa.array([{body} for x in numbers], pa.int64())
        """,
        [INT],
        INT,
        name="twin",
    )
    for number, body in enumerate(["x - min(numbers)", "max(numbers) * x"], 1)
)
_AGGREGATE_TWIN = udaf(
    "twin",
    """
    import pyarrow as pa
    class f(Accumulator):
        def __init__(self):
            self.total = 0
        def update(self, a):
            self.total += sum(a.to_pylist())
        def merge(self, states):
            self.total += sum(states[0].to_pylist())
        def state(self):
            return [pa.scalar(self.total, pa.int64())]
        def evaluate(self):
            return pa.scalar(-self.total, pa.int64())
    """,
    [INT],
    INT,
    [INT],
)
_DESCRIBE = """
import pyarrow as pa
def f(*columns):
    rows = zip(*(column.to_pylist() for column in columns))
    return pa.array(["|".join(str(value) for value in row) for row in rows])
"""
_SIMPLE = udf("describe-simple", _DESCRIBE, [INT, INT, FLOAT, TEXT, BOOL], TEXT)
_SCALARS = {
    pa.scalar(b"\xff\x00", pa.binary()): r"b'\xff\x00'",
    pa.scalar(date(2024, 2, 29), pa.date32()): "2024-02-29",
    pa.scalar(datetime(1999, 12, 31, 23, 59), pa.timestamp("us")): "1999-12-31 23:59:00",
    pa.scalar(time(1, 2, 3), pa.time64("us")): "01:02:03",
    pa.scalar(Decimal("-1.50"), pa.decimal128(6, 2)): "-1.50",
    pa.scalar(255, pa.uint8()): "255",
    pa.scalar(-128, pa.int8()): "-128",
    pa.scalar(0.1, pa.float32()): "0.10000000149011612",
}
_TYPED = udf("describe-typed", _DESCRIBE, [INT, *(value.type for value in _SCALARS)], TEXT)
_NULL_INT = Lit(pa.scalar(None, INT))
_NULL_OR = udf(
    "null-or",
    """
    import pyarrow as pa
    def f(a, b):
        rows = zip(a.to_pylist(), b.to_pylist())
        return pa.array([-x if y is None else y for x, y in rows], pa.int64())
    """,
    [INT, INT],
    INT,
)
_ADDERS = tuple(
    udf(
        f"adder-{number}",
        f"""
        import pyarrow.compute as pc
        def make(step):
            return lambda a: pc.add(pc.multiply(a, 2), step)
        f = make({number})
        """,
        [INT],
        INT,
    )
    for number in range(8)
)


def _chain(functions: Sequence[Udf], node: Node) -> Node:
    for function in functions:
        node = Call(function, (node,))
    return node


def _triple(node: Node) -> Node:
    return Call(TRIPLE, (node,))


_COL = Col("a")
_A = {"a": INT}
_AB = {"a": INT, "b": INT}
_KEYED = {"g": TEXT, "a": INT}

CALLS = (
    table_entry(
        "expression/nested",
        "A call in the argument of another: frames stand inside each other.",
        Call(_MINUS, (_triple(_triple(Col("a"))), Call(_MINUS, cols("ba")))),
        _AB,
        [[[1, 10], [2, 0], [-1, 5]]],
        # 9a - 4 - (b - a) = 10a - b - 4
        [-4, 16, -19],
        result_type=INT,
    ),
    table_entry(
        "expression/same-twice",
        "One UDF at two places is written twice; read back, the two must not disturb each other.",
        Binary("-", _triple(Col("b")), _triple(Binary("+", _COL, Lit(1)))),
        _AB,
        [[[1, 10], [2, 0]]],
        # 3b - 1 - (3a + 2)
        [24, -9],
        result_type=INT,
    ),
    table_entry(
        "expression/two-of-one-name",
        "Two callables under one name and signature stay two; merged, one runs twice in silence.",
        Binary("-", Call(_TWINS[0], (_COL,)), Call(_TWINS[1], (Col("b"),))),
        _AB,
        [[[1, 1], [0, 0], [-2, 3]]],
        # a + 5 - 7b
        [-1, 5, -18],
        result_type=INT,
    ),
    table_entry(
        "expression/two-of-one-name-volatile",
        "Two volatile callables of one name and one argument, which no planner may merge.",
        Binary("-", Call(_VOLATILE_TWINS[0], (_COL,)), Call(_VOLATILE_TWINS[1], (_COL,))),
        _A,
        [[[1], [0], [-2]]],
        [-1, 5, 17],
        result_type=INT,
    ),
    table_entry(
        "expression/two-of-one-name-nested",
        "Two callables of one name in each other, where the order matters.",
        Call(_TWINS[1], (Call(_TWINS[0], (Call(_TWINS[1], (_COL,)),)),)),
        _A,
        [[[1], [0], [-2]]],
        # 7 * (7a + 5)
        [84, 35, -63],
        result_type=INT,
    ),
    table_entry(
        "expression/two-windows-of-one-name",
        "Two evaluators under one name stay two, in windows that are not quite the same.",
        Binary(
            "-",
            Call(_WINDOW_TWINS[0], (_COL,), over=Over()),
            Call(_WINDOW_TWINS[1], (_COL,), over=Over((), (Sort(_COL),))),
        ),
        _A,
        [[[3], [5]], [[2]]],
        # (a - 2) - 5a
        [-14, -22, -10],
        result_type=INT,
    ),
    table_entry(
        "expression/one-name-three-families",
        "A scalar, an aggregate and a window UDF of one name: the family is part of who they are.",
        Binary(
            "+",
            Call(_TWINS[1], (Call(_WINDOW_TWINS[0], (_COL,), over=Over()),)),
            Call(_AGGREGATE_TWIN, (_COL,), over=Over((), (Sort(Col("b")),))),
        ),
        _AB,
        [[[3, 1], [5, 2]], [[2, 3]]],
        # 7 * (a - 2), less the sum so far: 3, 8, 10
        [4, 13, -10],
        result_type=INT,
    ),
    table_entry(
        "expression/many",
        "Eight UDFs in each other, alike but for a captured number, in an order that matters.",
        _chain(_ADDERS, _COL),
        _A,
        [[[0], [1], [-1]]],
        # 256a + (1*64 + 2*32 + 3*16 + 4*8 + 5*4 + 6*2 + 7) = 256a + 247
        [247, 503, -9],
        result_type=INT,
    ),
    table_entry(
        "expression/deep",
        "Twenty levels of one UDF: depth in the protobuf, and the same callable twenty times.",
        _chain([TRIPLE] * 20, _COL),
        _A,
        [[[0], [1]]],
        # 3**20 * a - (3**20 - 1) / 2, with 3**20 = 3486784401
        [-1743392200, 1743392201],
        result_type=INT,
    ),
)

FAMILIES = (
    table_entry(
        "expression/scalar-in-aggregate",
        "A scalar UDF in the argument and in the filter of an aggregate one: three frames.",
        Call(SUM_SQUARES, (_triple(_COL),), filter=Call(_ODD, (_COL,))),
        _A,
        [[[1], [2], [None]], [[3]]],
        # 2 * 2 + 8 * 8
        [68],
        result_type=INT,
    ),
    table_entry(
        "expression/scalar-in-distinct",
        "Values are distinct after the inner UDF, not before.",
        Call(SUM_SQUARES, (Call(_MINUS, (_COL, Col("b"))),), distinct=True),
        _AB,
        [[[5, 2], [4, 1], [9, 5]], [[7, 3]]],
        # 3, 3, 4, 4
        [25],
        result_type=INT,
    ),
    table_entry(
        "expression/scalar-of-window",
        "A scalar UDF around a window one, whose call is planned apart.",
        Call(_MINUS, (Call(SHARE, (_COL,), over=Over()), _triple(_COL))),
        _A,
        [[[1], [5]], [[2], [2]]],
        # 10, 50, 20, 20, less 3a - 1
        [8, 36, 15, 15],
        result_type=INT,
    ),
    table_entry(
        "expression/window-of-scalar",
        "Scalar UDFs as argument, partition key and sort key of a window one: four frames.",
        Call(
            RUNNING,
            (_triple(_COL),),
            over=Over((Call(_PARITY, (_COL,)),), (Sort(Call(_MINUS, cols("ba"))),)),
        ),
        _AB,
        [[[1, 0], [2, 9], [3, 0]], [[4, 0], [5, 9]]],
        # odd: 3 (-3), 1 (-1), 5 (4) with 8, 2, 14; even: 4 (-4), 2 (7) with 11, 5
        [1010, 1016, 1008, 1011, 1024],
        result_type=INT,
    ),
    table_entry(
        "expression/three-families",
        "All three families in one expression, one of them at two places.",
        Binary(
            "-",
            _triple(Call(SHARE, (_COL,), over=Over((Col("g"),)))),
            Call(SUM_SQUARES, (_triple(_COL),), over=Over((Col("g"),))),
        ),
        _KEYED,
        [[["x", 1], ["y", 2]], [["x", 3]]],
        # x: shares 25 and 75, squares 4 + 64; y: share 100, squares 25
        [6, 274, 156],
        result_type=INT,
    ),
    table_entry(
        "expression/window-beside-aggregate",
        "A window UDF and an aggregate one over two windows, with frames of their own.",
        Binary(
            "+",
            Call(RUNNING, (_COL,), over=Over((), (Sort(_COL, ascending=False),))),
            Call(SUM_SQUARES, (_COL,), over=Over((), (Sort(_COL),), Frame("rows", None, 0))),
        ),
        _A,
        [[[3], [1]], [[2]]],
        # 1003, 1006, 1005 and 14, 1, 5
        [1017, 1007, 1010],
        result_type=INT,
    ),
)

PLACES = (
    table_entry(
        "expression/case",
        "UDFs as condition, as value and as the rest of a CASE.",
        Case(
            (
                (Call(_ODD, (_COL,)), _triple(_COL)),
                (Binary(">", _triple(_COL), Lit(10)), Lit(-1)),
            ),
            Call(_MINUS, (Lit(100), _COL)),
        ),
        _A,
        [[[3], [2], [8], [-4]]],
        [8, 98, -1, 104],
        result_type=INT,
    ),
    table_entry(
        "expression/cast",
        "A cast around a UDF and one inside it: types stand in the protobuf and in the frame.",
        Cast(_triple(Cast(Col("s"), INT)), TEXT),
        {"s": TEXT},
        [[["7"], [None], ["-1"]]],
        ["20", None, "-4"],
        result_type=TEXT,
    ),
    table_entry(
        "expression/coercion",
        "A narrower column is widened to the declared type, after decoding too.",
        Call(_MINUS, cols("ab")),
        {"a": pa.int32(), "b": pa.int8()},
        [[[2147483647, -1], [5, 127]]],
        [2147483648, -122],
        result_type=INT,
    ),
    table_entry(
        "expression/in-list",
        "UDFs before the IN and among its values.",
        InList(_triple(_COL), (Lit(8), Call(_MINUS, cols("ba")), Lit(-1))),
        _AB,
        [[[3, 0], [2, 7], [1, 0], [0, 9]]],
        # 8, 5 = 7 - 2, 2, -1
        [True, True, False, True],
        result_type=BOOL,
    ),
    table_entry(
        "expression/not-in-list",
        "The negation is one bit beside the list.",
        InList(_triple(_COL), (Lit(8), Call(_MINUS, cols("ba"))), negated=True),
        _AB,
        [[[3, 0], [2, 7], [1, 0]]],
        [False, False, True],
        result_type=BOOL,
    ),
    table_entry(
        "expression/sort-key",
        "A UDF in the sort key of a window alone: a walker that visits arguments misses it.",
        Call(RUNNING, (_COL,), over=Over((), (Sort(Call(_MINUS, cols("ba"))),))),
        _AB,
        [[[1, 9], [2, 0]], [[4, 6]]],
        # keys 8, -2, 2
        [1007, 1002, 1006],
        result_type=INT,
    ),
    table_entry(
        "expression/partition-key",
        "A UDF in the partition key alone.",
        Call(SHARE, (_COL,), over=Over((Call(_PARITY, (_COL,)),))),
        _A,
        [[[1], [2]], [[3], [6]]],
        [25, 25, 75, 75],
        result_type=INT,
    ),
    table_entry(
        "expression/filter",
        "A UDF in the filter of an aggregate alone.",
        Call(SUM_SQUARES, (_COL,), filter=Call(_ODD, (Col("b"),))),
        _AB,
        [[[2, 1], [3, 2]], [[5, 7], [9, 4]]],
        [29],
        result_type=INT,
    ),
    table_entry(
        "expression/aggregate-sort-key",
        "A UDF in the ordering of an aggregate, whose update is handed the key as well.",
        Call(
            udaf(
                "pairs",
                """
                import pyarrow as pa
                class f(Accumulator):
                    def __init__(self):
                        self.total = 0
                    def update(self, a, *order):
                        rows = zip(a.to_pylist(), order[0].to_pylist())
                        self.total += sum(x * key for x, key in rows)
                    def merge(self, states):
                        self.total += sum(states[0].to_pylist())
                    def state(self):
                        return [pa.scalar(self.total, pa.int64())]
                    def evaluate(self):
                        return pa.scalar(self.total, pa.int64())
                """,
                [INT],
                INT,
                [INT],
            ),
            (_COL,),
            order_by=(Sort(_triple(_COL)),),
        ),
        _A,
        [[[1], [3]], [[2]]],
        # 1 * 2 + 3 * 8 + 2 * 5
        [36],
        result_type=INT,
    ),
    table_entry(
        "expression/builtin",
        "Built-in functions around, inside and beside a UDF, and by name where it is inline.",
        Builtin(
            "coalesce",
            (Builtin("abs", (_triple(Builtin("abs", (_COL,))),)), Builtin("abs", (Col("b"),))),
        ),
        _AB,
        [[[-3, 1], [None, -6], [0, 9]]],
        [8, 6, 1],
        result_type=INT,
    ),
    table_entry(
        "expression/operators",
        "Comparison and logic over UDFs, three operators deep.",
        Binary(
            "or",
            Binary("and", Call(_ODD, (_COL,)), Binary(">", _triple(_COL), Lit(5))),
            Binary("<=", _COL, Call(_MINUS, cols("ba"))),
        ),
        _AB,
        [[[3, 0], [1, 0], [2, 4], [4, 7]]],
        [True, False, True, False],
        result_type=BOOL,
    ),
    table_entry(
        "expression/alias",
        "An alias around a UDF and another in its argument.",
        Alias(_triple(Alias(_COL, "inner")), 'Outer "x"'),
        _A,
        [[[2], [-5]]],
        [5, -16],
        result_type=INT,
    ),
    table_entry(
        "expression/odd-columns",
        "Column names with case, quotes, dots and more than ASCII, which no decoder may re-parse.",
        Call(_MINUS, (Col('Größe "x"'), Col("größe.X"))),
        {'Größe "x"': INT, "größe.X": INT},
        [[[9, 2], [1, 5]]],
        [7, -4],
        result_type=INT,
    ),
    table_entry(
        "expression/literals",
        "An int, a float, a text and a truth value as arguments.",
        Call(_SIMPLE, (_COL, Lit(-(2**63)), Lit(-0.5), Lit("é'\""), Lit(True))),
        _A,
        [[[1], [2]]],
        ["1|-9223372036854775808|-0.5|é'\"|True", "2|-9223372036854775808|-0.5|é'\"|True"],
        result_type=TEXT,
    ),
    table_entry(
        "expression/typed-literals",
        "Literals of eight Arrow types, each of which the protobuf holds in a field of its own.",
        Call(_TYPED, (_COL, *(Lit(value) for value in _SCALARS))),
        _A,
        [[[1], [2]]],
        ["|".join([row, *_SCALARS.values()]) for row in "12"],
        result_type=TEXT,
    ),
    table_entry(
        "expression/null-literal",
        "A typed null literal as argument, which must not become a zero or lose its type.",
        Call(_NULL_OR, (_COL, _NULL_INT)),
        _A,
        [[[1], [-2]]],
        [-1, 2],
        result_type=INT,
    ),
    table_entry(
        "expression/only-literals",
        "A call without a column, which the engine may work out while it plans.",
        Binary("+", _COL, Call(_MINUS, (Lit(50), Lit(8)))),
        _A,
        [[[1], [-2]]],
        [43, 40],
        result_type=INT,
    ),
)

ENTRIES = (*CALLS, *FAMILIES, *PLACES)

FINDINGS = (
    table_entry(
        "expression/two-of-one-name-one-argument",
        "Two immutable callables of one name over one argument: the planner takes them for a "
        "common subexpression, and one runs for both.",
        Binary("-", Call(_TWINS[0], (_COL,)), Call(_TWINS[1], (_COL,))),
        _A,
        [[[1], [0], [-2]]],
        [-1, 5, 17],
        result_type=INT,
    ),
)
