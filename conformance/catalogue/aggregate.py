"""Entries with aggregate UDFs: state, merging, grouping, and the modifiers of a call."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from conformance.catalogue.accumulators import (
    BIASED_MAX,
    FACTORY_DEF,
    FIELDS,
    MERGE,
    ORDERED,
    SCALAR_STATE,
    STATES,
    SUM_SQUARES,
    WEIGHTED,
)
from conformance.catalogue.build import FLOAT, INT, TEXT, cols, table_entry
from conformance.catalogue.collectors import LIST, RANGE_TYPE, STABLE, STRUCT, VOLATILE
from conformance.catalogue.nodes import Binary, Call, Col, Lit, Sort

_A = {"a": INT}
_KEYED = {"g": TEXT, "a": INT}
_KEYED_ROWS: list[list[list[Any]]] = [
    [["y", 1], ["x", 2], ["y", 3]],
    [["x", 4], ["z", None], ["y", 5]],
]

ENTRIES = (
    table_entry(
        "aggregate/class",
        "The accumulator class itself is the factory. It extends a base class that both sides "
        "import.",
        Call(SUM_SQUARES, cols("a")),
        _A,
        [[[1], [2], [3]]],
        [14],
        result_type=INT,
    ),
    table_entry(
        "aggregate/factory-closure",
        "The factory captures a parameter. If the parameter is lost or replaced, the result is "
        "off by 1000.",
        Call(BIASED_MAX, cols("a")),
        _A,
        [[[4], [9], [2]], [[5]]],
        [1009],
        result_type=INT,
    ),
    table_entry(
        "aggregate/factory-function",
        "The factory is a function. Its class and its constant are globals of the sender.",
        Call(FACTORY_DEF, cols("s")),
        {"s": TEXT},
        [[["a"], [None], ["b"]], [["c"]]],
        [21],
        result_type=INT,
    ),
    table_entry(
        "aggregate/inheritance",
        "A class that extends another class of the sender, with super(), a static method and a "
        "pyarrow scalar as a class attribute.",
        Call(SCALAR_STATE, cols("a")),
        _A,
        [[[1], [2]], [[10]]],
        [40],
        result_type=INT,
    ),
    table_entry(
        "aggregate/several-states",
        "Four state fields of four types. If one is lost or two are swapped, partitions cannot "
        "merge.",
        Call(STATES, cols("a")),
        {"a": FLOAT},
        [[[1.5], [None]], [[-2.0], [4.0]]],
        ["3;3.5;-2.0,1.5,4.0;True"],
        result_type=TEXT,
    ),
    table_entry(
        "aggregate/state-fields",
        "Fields instead of types in every schema. Their names, nullability and metadata must not "
        "change the result.",
        Call(FIELDS, cols("a")),
        _A,
        [[[5], [3]], [[8], [4]]],
        ["3..8"],
        result_type=TEXT,
    ),
    table_entry(
        "aggregate/several-arguments",
        "Three arguments of three types. The schema of the first argument alone is not enough.",
        Call(WEIGHTED, cols("vws")),
        {"v": FLOAT, "w": INT, "s": TEXT},
        [[[2.0, 3, "+"], [1.5, 2, "-"]], [[8.0, 3, "+"]]],
        # (6 - 3 + 24) / 8
        [3.375],
        result_type=FLOAT,
    ),
    table_entry(
        "aggregate/merge",
        "The result counts the three partitions. Calling update instead of merge changes it.",
        Call(MERGE, cols("a")),
        _A,
        [[[1], [2]], [[30]], [[400], [5]]],
        # the total is 438, from three parts
        [4383],
        result_type=INT,
    ),
    table_entry(
        "aggregate/grouped",
        "The factory creates one accumulator per group. A shared accumulator would mix the groups.",
        Call(SUM_SQUARES, cols("a")),
        _KEYED,
        _KEYED_ROWS,
        [["x", 20], ["y", 35], ["z", 0]],
        group_by=("g",),
    ),
    table_entry(
        "aggregate/grouped-by-two",
        "Two group keys with a state of two fields.",
        Call(MERGE, cols("a")),
        {"g": TEXT, "h": INT, "a": INT},
        [[["x", 1, 5], ["x", 2, 6], ["w", 2, 7]], [["x", 1, 8]]],
        [["w", 2, 71], ["x", 1, 132], ["x", 2, 61]],
        group_by=("g", "h"),
    ),
    table_entry(
        "aggregate/filter",
        "The bytes hold the filter next to the call. Without it, all rows count.",
        Call(SUM_SQUARES, cols("a"), filter=Binary(">", Col("a"), Lit(2))),
        _A,
        [[[1], [2], [3]], [[5]]],
        [34],
        result_type=INT,
    ),
    table_entry(
        "aggregate/distinct",
        "DISTINCT is a one-bit flag. Without it, repeated values count twice.",
        Call(SUM_SQUARES, cols("a"), distinct=True),
        _A,
        [[[3], [2], [3]], [[2], [1]]],
        [14],
        result_type=INT,
    ),
    table_entry(
        "aggregate/ordered",
        "The engine passes the sort keys to update as further arguments. If the order is lost, "
        "they are missing.",
        Call(ORDERED, cols("s"), order_by=(Sort(Col("k"), ascending=False),)),
        {"s": TEXT, "k": INT},
        [[["a", 2], ["b", 9]], [["c", 5]]],
        ["b9 c5 a2"],
        result_type=TEXT,
    ),
    table_entry(
        "aggregate/nulls",
        "A group with nulls only: its state is null too, and the state field must allow that.",
        Call(BIASED_MAX, cols("a")),
        _KEYED,
        [[["x", None], ["y", 3]], [["x", None]]],
        [["x", None], ["y", 1003]],
        group_by=("g",),
    ),
    table_entry(
        "aggregate/empty",
        "No rows: the initial state from the factory is the result.",
        Call(FACTORY_DEF, cols("s")),
        {"s": TEXT},
        [[]],
        [0],
        result_type=INT,
    ),
    table_entry(
        "aggregate/list",
        "A list as state and as result: each schema has one field with a child.",
        Call(LIST, cols("a")),
        _A,
        [[[4], [1]], [[9]]],
        [[9, 4, 1]],
        result_type=pa.list_(INT),
    ),
    table_entry(
        "aggregate/struct",
        "A struct as result: its schema has one field with three children.",
        Call(STRUCT, cols("a")),
        _A,
        [[[4], [1]], [[9]]],
        [{"high": 9, "low": 1, "count": 3}],
        result_type=RANGE_TYPE,
    ),
    table_entry(
        "aggregate/stable",
        "A stable aggregate UDF with a name that needs quotes.",
        Call(STABLE, cols("a")),
        _A,
        [[[4], [1]], [[9]]],
        [904],
        result_type=INT,
    ),
    table_entry(
        "aggregate/volatile",
        "A volatile aggregate UDF. Its volatility has another position in the tuple than a scalar "
        "UDF's.",
        Call(VOLATILE, cols("a")),
        _A,
        [[[4], [1]], [[9]]],
        [8],
        result_type=INT,
    ),
)
