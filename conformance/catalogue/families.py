"""Entries whose expressions combine UDF families."""

from __future__ import annotations

from conformance.catalogue.accumulators import SUM_SQUARES
from conformance.catalogue.build import INT, cols, table_entry
from conformance.catalogue.evaluators import RUNNING, SHARE
from conformance.catalogue.nodes import Binary, Call, Col, Frame, Over, Sort
from conformance.catalogue.pieces import AB, COL, KEYED, MINUS, ODD, PARITY, A, triple

ENTRIES = (
    table_entry(
        "expression/scalar-in-aggregate",
        "A scalar UDF in the argument and in the filter of an aggregate UDF: three frames.",
        Call(SUM_SQUARES, (triple(COL),), filter=Call(ODD, (COL,))),
        A,
        [[[1], [2], [None]], [[3]]],
        # 2 * 2 + 8 * 8
        [68],
        result_type=INT,
    ),
    table_entry(
        "expression/scalar-in-distinct",
        "DISTINCT applies to the results of the inner UDF, not to its inputs.",
        Call(SUM_SQUARES, (Call(MINUS, (COL, Col("b"))),), distinct=True),
        AB,
        [[[5, 2], [4, 1], [9, 5]], [[7, 3]]],
        # 3, 3, 4, 4
        [25],
        result_type=INT,
    ),
    table_entry(
        "expression/scalar-of-window",
        "A scalar UDF around a window UDF, which the planner plans separately.",
        Call(MINUS, (Call(SHARE, (COL,), over=Over()), triple(COL))),
        A,
        [[[1], [5]], [[2], [2]]],
        # 10, 50, 20, 20, less 3a - 1
        [8, 36, 15, 15],
        result_type=INT,
    ),
    table_entry(
        "expression/window-of-scalar",
        "Scalar UDFs as argument, partition key and sort key of a window UDF: four frames.",
        Call(
            RUNNING,
            (triple(COL),),
            over=Over((Call(PARITY, (COL,)),), (Sort(Call(MINUS, cols("ba"))),)),
        ),
        AB,
        [[[1, 0], [2, 9], [3, 0]], [[4, 0], [5, 9]]],
        # odd: 3 (-3), 1 (-1), 5 (4) with 8, 2, 14; even: 4 (-4), 2 (7) with 11, 5
        [1010, 1016, 1008, 1011, 1024],
        result_type=INT,
    ),
    table_entry(
        "expression/three-families",
        "All three families in one expression, one of them twice.",
        Binary(
            "-",
            triple(Call(SHARE, (COL,), over=Over((Col("g"),)))),
            Call(SUM_SQUARES, (triple(COL),), over=Over((Col("g"),))),
        ),
        KEYED,
        [[["x", 1], ["y", 2]], [["x", 3]]],
        # x: shares 25 and 75, squares 4 + 64; y: share 100, squares 25
        [6, 274, 156],
        result_type=INT,
    ),
    table_entry(
        "expression/window-beside-aggregate",
        "A window UDF and an aggregate UDF over two windows, each with its own window frame.",
        Binary(
            "+",
            Call(RUNNING, (COL,), over=Over((), (Sort(COL, ascending=False),))),
            Call(SUM_SQUARES, (COL,), over=Over((), (Sort(COL),), Frame("rows", None, 0))),
        ),
        A,
        [[[3], [1]], [[2]]],
        # 1003, 1006, 1005 and 14, 1, 5
        [1017, 1007, 1010],
        result_type=INT,
    ),
)
