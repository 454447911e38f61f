"""Entries with window UDFs: all interfaces by which an evaluator sees its partition."""

from __future__ import annotations

from typing import Any

from conformance.catalogue.accumulators import BIASED_MAX, SUM_SQUARES
from conformance.catalogue.build import FLOAT, INT, TEXT, cols, table_entry
from conformance.catalogue.evaluators import (
    BOUNDED,
    COUNTDOWN,
    FRAMED,
    GLOBALS,
    NULLS,
    RANK,
    RETRACTING,
    RUNNING,
    SEVERAL,
    SHARE,
)
from conformance.catalogue.nodes import Binary, Call, Col, Frame, Over, Sort

_BY_A = (Sort(Col("a")),)
_DESCENDING = (Sort(Col("a"), ascending=False),)
_G = (Col("g"),)
_A = {"a": INT}
_KEYED = {"g": TEXT, "a": INT}
_ROWS: list[list[list[Any]]] = [
    [["x", 3], ["y", 5], ["x", 1]],
    [["y", 2], ["x", 6]],
]

ENTRIES = (
    table_entry(
        "window/whole-partition",
        "All rows at once in evaluate_all, without partition or order.",
        Call(SHARE, cols("a"), over=Over()),
        _A,
        [[[1], [5]], [[2], [2]]],
        [10, 50, 20, 20],
        result_type=INT,
    ),
    table_entry(
        "window/partition",
        "Partition keys stand beside the call; dropped, the shares are of everything.",
        Call(SHARE, cols("a"), over=Over(_G)),
        _KEYED,
        _ROWS,
        # x holds 10 in all, y holds 7
        [30, 71, 10, 28, 60],
        result_type=INT,
    ),
    table_entry(
        "window/order",
        "The order decides what runs before what; lost or turned round, the sums differ.",
        Call(RUNNING, cols("a"), over=Over((), _DESCENDING)),
        _A,
        [[[3], [9]], [[5]]],
        [1017, 1009, 1014],
        result_type=INT,
    ),
    table_entry(
        "window/factory-closure",
        "The factory captures a parameter, and makes one evaluator a partition: a shared one "
        "or another parameter shows in the sums.",
        Call(RUNNING, cols("a"), over=Over(_G, _BY_A)),
        _KEYED,
        _ROWS,
        [1004, 1007, 1001, 1002, 1010],
        result_type=INT,
    ),
    table_entry(
        "window/factory-function",
        "A function with a default and a global as the factory, of a volatile UDF.",
        Call(GLOBALS, cols("a"), over=Over((), _BY_A)),
        _A,
        [[[8], [2], [5]]],
        ["later", "first", "second"],
        result_type=TEXT,
    ),
    table_entry(
        "window/rank",
        "Only the ranks of the rows reach the evaluator, ties together.",
        Call(RANK, cols("a"), over=Over((), _BY_A)),
        _A,
        [[[7], [4]], [[7], [1]]],
        [32, 21, 32, 11],
        result_type=INT,
    ),
    table_entry(
        "window/frame",
        "The frame's units and bounds stand beside the call; another frame gives other sums.",
        Call(FRAMED, cols("a"), over=Over((), _BY_A, Frame("rows", 1, 1))),
        _A,
        [[[4], [1]], [[2], [8]]],
        # in order: 1 2 4 8; frames 1+2, 1+2+4, 2+4+8, 4+8
        [143, 32, 73, 122],
        result_type=INT,
    ),
    table_entry(
        "window/frame-unbounded",
        "A bound without a number, to the end of each partition.",
        Call(FRAMED, cols("a"), over=Over(_G, _BY_A, Frame("rows", 0, None))),
        _KEYED,
        _ROWS,
        # x in order: 1 3 6; y in order: 2 5
        [92, 51, 103, 72, 61],
        result_type=INT,
    ),
    table_entry(
        "window/bounded",
        "Bounded execution, row after row, by an evaluator that remembers.",
        Call(BOUNDED, cols("a"), over=Over((), _BY_A)),
        _A,
        [[[3], [1], [2]]],
        # 1*2+1 = 3, 3*2+2 = 8, 8*2+3 = 19
        [19, 3, 8],
        result_type=INT,
    ),
    table_entry(
        "window/no-arguments",
        "No input field at all: only the number of rows counts.",
        Call(COUNTDOWN, (), over=Over(_G, _BY_A)),
        _KEYED,
        _ROWS,
        [2, 1, 3, 2, 1],
        result_type=INT,
    ),
    table_entry(
        "window/several-arguments",
        "Three arguments of three types, and a result that looks one row ahead.",
        Call(SEVERAL, cols("wax"), over=Over((), _BY_A)),
        {"w": TEXT, "a": INT, "x": FLOAT},
        [[["p", 2, 0.5], ["q", 1, 1.5]], [["r", 3, 2.5]]],
        ["rr0.5", "p1.5", None],
        result_type=TEXT,
    ),
    table_entry(
        "window/nulls",
        "Nulls in and out, by a stable UDF whose name needs quotes.",
        Call(NULLS, cols("w"), over=Over((), _BY_A)),
        {"w": TEXT, "a": INT},
        [[[None, 1], ["q", 4]], [["p", 2], [None, 3]]],
        [None, "q", "p", "p"],
        result_type=TEXT,
    ),
    table_entry(
        "window/two-orders",
        "Two sort keys, one of them computed, with nulls first in a falling order.",
        Call(
            RUNNING,
            cols("a"),
            over=Over((), (Sort(Col("k"), False, True), Sort(Binary("%", Col("a"), Col("m"))))),
        ),
        {"k": INT, "a": INT, "m": INT},
        [[[1, 8, 5], [None, 40, 7]], [[2, 200, 9], [1, 6, 5]]],
        # order: 40 (null), 200 (k=2), 6 (6 % 5 = 1), 8 (8 % 5 = 3)
        [1254, 1040, 1240, 1246],
        result_type=INT,
    ),
    table_entry(
        "window/aggregate",
        "An aggregate UDF as a window: another frame family at the same place in the bytes.",
        Call(SUM_SQUARES, cols("a"), over=Over(_G)),
        _KEYED,
        _ROWS,
        [46, 29, 46, 29, 46],
        result_type=INT,
    ),
    table_entry(
        "window/aggregate-running",
        "An aggregate UDF whose state grows along the default frame of an order.",
        Call(BIASED_MAX, cols("a"), over=Over((), (Sort(Col("k")),))),
        {"k": INT, "a": INT},
        [[[2, 9], [1, 4]], [[3, 5], [4, 11]]],
        [1009, 1004, 1009, 1011],
        result_type=INT,
    ),
    table_entry(
        "window/aggregate-sliding",
        "A sliding frame takes rows back by a method that no abstract base declares.",
        Call(RETRACTING, cols("a"), over=Over((), _BY_A, Frame("rows", 1, 0))),
        _A,
        [[[4], [1]], [[2], [8]]],
        # in order: 1 2 4 8; sums 1, 1+2, 2+4, 4+8; rows given back 0, 0, 1, 2
        [61, 10, 30, 122],
        result_type=INT,
    ),
)
