"""Entries with nested calls and with UDFs that share one name."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.catalogue.build import INT, cols, table_entry
from conformance.catalogue.nodes import Binary, Call, Col, Lit, Node, Over, Sort, Udf
from conformance.catalogue.pieces import (
    AB,
    ADDERS,
    AGGREGATE_TWIN,
    COL,
    MINUS,
    TRIPLE,
    TWINS,
    VOLATILE_TWINS,
    WINDOW_TWINS,
    A,
    triple,
)


def _nest(functions: Sequence[Udf], node: Node) -> Node:
    for function in functions:
        node = Call(function, (node,))
    return node


ENTRIES = (
    table_entry(
        "expression/nested",
        "A call in the argument of another call: the frames are nested.",
        Call(MINUS, (triple(triple(Col("a"))), Call(MINUS, cols("ba")))),
        AB,
        [[[1, 10], [2, 0], [-1, 5]]],
        # 9a - 4 - (b - a) = 10a - b - 4
        [-4, 16, -19],
        result_type=INT,
    ),
    table_entry(
        "expression/same-twice",
        "One UDF at two places is encoded twice. After decoding, the two must not affect each "
        "other.",
        Binary("-", triple(Col("b")), triple(Binary("+", COL, Lit(1)))),
        AB,
        [[[1, 10], [2, 0]]],
        # 3b - 1 - (3a + 2)
        [24, -9],
        result_type=INT,
    ),
    table_entry(
        "expression/two-of-one-name",
        "Two callables with one name and signature must stay two. If they are merged, one "
        "silently runs twice.",
        Binary("-", Call(TWINS[0], (COL,)), Call(TWINS[1], (Col("b"),))),
        AB,
        [[[1, 1], [0, 0], [-2, 3]]],
        # a + 5 - 7b
        [-1, 5, -18],
        result_type=INT,
    ),
    table_entry(
        "expression/two-of-one-name-volatile",
        "Two volatile callables with one name and one argument. No planner may merge them.",
        Binary("-", Call(VOLATILE_TWINS[0], (COL,)), Call(VOLATILE_TWINS[1], (COL,))),
        A,
        [[[1], [0], [-2]]],
        [-1, 5, 17],
        result_type=INT,
    ),
    table_entry(
        "expression/two-of-one-name-nested",
        "Nested calls of two callables with one name. Their order changes the result.",
        Call(TWINS[1], (Call(TWINS[0], (Call(TWINS[1], (COL,)),)),)),
        A,
        [[[1], [0], [-2]]],
        # 7 * (7a + 5)
        [84, 35, -63],
        result_type=INT,
    ),
    table_entry(
        "expression/two-windows-of-one-name",
        "Two evaluators with one name, in two slightly different windows, must stay two.",
        Binary(
            "-",
            Call(WINDOW_TWINS[0], (COL,), over=Over()),
            Call(WINDOW_TWINS[1], (COL,), over=Over((), (Sort(COL),))),
        ),
        A,
        [[[3], [5]], [[2]]],
        # (a - 2) - 5a
        [-14, -22, -10],
        result_type=INT,
    ),
    table_entry(
        "expression/one-name-three-families",
        "A scalar, an aggregate and a window UDF with one name. The family must tell them apart.",
        Binary(
            "+",
            Call(TWINS[1], (Call(WINDOW_TWINS[0], (COL,), over=Over()),)),
            Call(AGGREGATE_TWIN, (COL,), over=Over((), (Sort(Col("b")),))),
        ),
        AB,
        [[[3, 1], [5, 2]], [[2, 3]]],
        # 7 * (a - 2), less the sum so far: 3, 8, 10
        [4, 13, -10],
        result_type=INT,
    ),
    table_entry(
        "expression/many",
        "Eight nested UDFs that differ only in a captured number. Their order changes the result.",
        _nest(ADDERS, COL),
        A,
        [[[0], [1], [-1]]],
        # 256a + (1*64 + 2*32 + 3*16 + 4*8 + 5*4 + 6*2 + 7) = 256a + 247
        [247, 503, -9],
        result_type=INT,
    ),
    table_entry(
        "expression/deep",
        "One UDF nested twenty times: deep protobuf messages with the same callable at each depth.",
        _nest([TRIPLE] * 20, COL),
        A,
        [[[0], [1]]],
        # 3**20 * a - (3**20 - 1) / 2, with 3**20 = 3486784401
        [-1743392200, 1743392201],
        result_type=INT,
    ),
)

UNANSWERED = (
    table_entry(
        "expression/two-of-one-name-one-argument",
        "Two immutable callables with one name over one argument. The planner treats them as a "
        "common subexpression and runs one of them for both.",
        Binary("-", Call(TWINS[0], (COL,)), Call(TWINS[1], (COL,))),
        A,
        [[[1], [0], [-2]]],
        [-1, 5, 17],
        result_type=INT,
    ),
)
