"""Entries with UDF calls at every position in an expression, and with all kinds of arguments."""

from __future__ import annotations

import pyarrow as pa

from conformance.catalogue.accumulators import SUM_SQUARES
from conformance.catalogue.build import BOOL, INT, TEXT, cols, table_entry
from conformance.catalogue.evaluators import RUNNING, SHARE
from conformance.catalogue.nodes import (
    Alias,
    Binary,
    Builtin,
    Call,
    Case,
    Cast,
    Col,
    InList,
    Lit,
    Over,
    Sort,
)
from conformance.catalogue.pieces import (
    AB,
    COL,
    MINUS,
    NULL_INT,
    NULL_OR,
    ODD,
    PAIRS,
    PARITY,
    SCALARS,
    SIMPLE,
    TYPED,
    A,
    triple,
)

ENTRIES = (
    table_entry(
        "expression/case",
        "UDFs in the condition, the value and the ELSE branch of a CASE.",
        Case(
            (
                (Call(ODD, (COL,)), triple(COL)),
                (Binary(">", triple(COL), Lit(10)), Lit(-1)),
            ),
            Call(MINUS, (Lit(100), COL)),
        ),
        A,
        [[[3], [2], [8], [-4]]],
        [8, 98, -1, 104],
        result_type=INT,
    ),
    table_entry(
        "expression/cast",
        "One cast around a UDF and one inside its argument. The protobuf and the frame both hold "
        "types.",
        Cast(triple(Cast(Col("s"), INT)), TEXT),
        {"s": TEXT},
        [[["7"], [None], ["-1"]]],
        ["20", None, "-4"],
        result_type=TEXT,
    ),
    table_entry(
        "expression/coercion",
        "The engine widens a narrower column to the declared type, also after decoding.",
        Call(MINUS, cols("ab")),
        {"a": pa.int32(), "b": pa.int8()},
        [[[2147483647, -1], [5, 127]]],
        [2147483648, -122],
        result_type=INT,
    ),
    table_entry(
        "expression/in-list",
        "UDFs as the operand of IN and among its values.",
        InList(triple(COL), (Lit(8), Call(MINUS, cols("ba")), Lit(-1))),
        AB,
        [[[3, 0], [2, 7], [1, 0], [0, 9]]],
        # 8, 5 = 7 - 2, 2, -1
        [True, True, False, True],
        result_type=BOOL,
    ),
    table_entry(
        "expression/not-in-list",
        "One bit next to the list holds the negation.",
        InList(triple(COL), (Lit(8), Call(MINUS, cols("ba"))), negated=True),
        AB,
        [[[3, 0], [2, 7], [1, 0]]],
        [False, False, True],
        result_type=BOOL,
    ),
    table_entry(
        "expression/sort-key",
        "A UDF only in the sort key of a window. A walker that visits only arguments misses it.",
        Call(RUNNING, (COL,), over=Over((), (Sort(Call(MINUS, cols("ba"))),))),
        AB,
        [[[1, 9], [2, 0]], [[4, 6]]],
        # keys 8, -2, 2
        [1007, 1002, 1006],
        result_type=INT,
    ),
    table_entry(
        "expression/partition-key",
        "A UDF only in the partition key.",
        Call(SHARE, (COL,), over=Over((Call(PARITY, (COL,)),))),
        A,
        [[[1], [2]], [[3], [6]]],
        [25, 25, 75, 75],
        result_type=INT,
    ),
    table_entry(
        "expression/filter",
        "A UDF only in the filter of an aggregate.",
        Call(SUM_SQUARES, (COL,), filter=Call(ODD, (Col("b"),))),
        AB,
        [[[2, 1], [3, 2]], [[5, 7], [9, 4]]],
        [29],
        result_type=INT,
    ),
    table_entry(
        "expression/aggregate-sort-key",
        "A UDF in the ordering of an aggregate. The engine also passes the sort key to update.",
        Call(
            PAIRS,
            (COL,),
            order_by=(Sort(triple(COL)),),
        ),
        A,
        [[[1], [3]], [[2]]],
        # 1 * 2 + 3 * 8 + 2 * 5
        [36],
        result_type=INT,
    ),
    table_entry(
        "expression/builtin",
        "Built-in functions around, inside and next to an inline UDF. The bytes hold only their "
        "names.",
        Builtin(
            "coalesce",
            (Builtin("abs", (triple(Builtin("abs", (COL,))),)), Builtin("abs", (Col("b"),))),
        ),
        AB,
        [[[-3, 1], [None, -6], [0, 9]]],
        [8, 6, 1],
        result_type=INT,
    ),
    table_entry(
        "expression/operators",
        "Comparison and logic over UDFs, with operators nested three deep.",
        Binary(
            "or",
            Binary("and", Call(ODD, (COL,)), Binary(">", triple(COL), Lit(5))),
            Binary("<=", COL, Call(MINUS, cols("ba"))),
        ),
        AB,
        [[[3, 0], [1, 0], [2, 4], [4, 7]]],
        [True, False, True, False],
        result_type=BOOL,
    ),
    table_entry(
        "expression/alias",
        "An alias around a UDF and another alias in its argument.",
        Alias(triple(Alias(COL, "inner")), 'Outer "x"'),
        A,
        [[[2], [-5]]],
        [5, -16],
        result_type=INT,
    ),
    table_entry(
        "expression/odd-columns",
        "Column names with upper case, quotes, dots and non-ASCII characters. No decoder may "
        "re-parse them.",
        Call(MINUS, (Col('Größe "x"'), Col("größe.X"))),
        {'Größe "x"': INT, "größe.X": INT},
        [[[9, 2], [1, 5]]],
        [7, -4],
        result_type=INT,
    ),
    table_entry(
        "expression/literals",
        "An integer, a float, a string and a boolean as literal arguments.",
        Call(SIMPLE, (COL, Lit(-(2**63)), Lit(-0.5), Lit("é'\""), Lit(True))),
        A,
        [[[1], [2]]],
        ["1|-9223372036854775808|-0.5|é'\"|True", "2|-9223372036854775808|-0.5|é'\"|True"],
        result_type=TEXT,
    ),
    table_entry(
        "expression/typed-literals",
        "Literals of eight Arrow types. The protobuf has a separate field for each type.",
        Call(TYPED, (COL, *(Lit(value) for value in SCALARS))),
        A,
        [[[1], [2]]],
        ["|".join([row, *SCALARS.values()]) for row in "12"],
        result_type=TEXT,
    ),
    table_entry(
        "expression/null-literal",
        "A typed null literal as argument. It must not become zero or lose its type.",
        Call(NULL_OR, (COL, NULL_INT)),
        A,
        [[[1], [-2]]],
        [-1, 2],
        result_type=INT,
    ),
    table_entry(
        "expression/only-literals",
        "A call without a column. The engine may evaluate it during planning.",
        Binary("+", COL, Call(MINUS, (Lit(50), Lit(8)))),
        A,
        [[[1], [-2]]],
        [43, 40],
        result_type=INT,
    ),
)
