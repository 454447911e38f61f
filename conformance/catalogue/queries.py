"""The catalogue's queries over each kind of source, with hand-written results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from conformance.catalogue.accumulators import BIASED_MAX, MERGE, STATES, SUM_SQUARES
from conformance.catalogue.build import FLOAT, INT, TEXT
from conformance.catalogue.evaluators import RUNNING, SHARE
from conformance.catalogue.nodes import Binary, Builtin, Call, Cast, Col, Lit, Over, Sort
from conformance.catalogue.pieces import ADDERS, MINUS, ODD, PARITY, TRIPLE, TWINS
from conformance.catalogue.query import (
    First,
    Group,
    Join,
    Limit,
    Named,
    OrderBy,
    Query,
    Select,
    Source,
    Step,
    Where,
)
from conformance.catalogue.signatures import VOLATILE

SOURCES: tuple[Source, ...] = ("values", "memory", "csv", "parquet")

_SCHEMA = pa.schema([("g", TEXT), ("a", INT)])
_ROWS = ((("y", 4), ("x", 1)), (("x", 3), ("y", 7)), (("x", 6),))
_A, _G = Col("a"), Col("g")
_KEY: Named = (("g", _G),)
_ODD = Where(Call(ODD, (_A,)))
_DESCENDING = Sort(Call(MINUS, (Lit(0), _A)))
_DUPLICATE_KEY = Call(ADDERS[2], (Binary("%", _A, Lit(2)),))
_BIASED = Call(BIASED_MAX, (_A,))
_SQUARES = Call(SUM_SQUARES, (_A,))
_OVER_G = Over((_G,))


def _queries(
    sources: tuple[Source, ...], name: str, note: str, steps: tuple[Step, ...], result: list[Any]
) -> tuple[Query, ...]:
    """Return one query per source."""
    return tuple(
        Query(f"plan/{name}-{source}", note, source, _SCHEMA, _ROWS, steps, result)
        for source in sources
    )


_FAMILIES = (
    *_queries(
        SOURCES,
        "projection-scalar",
        "A scalar UDF in a projection.",
        (Select((*_KEY, ("r", Call(TRIPLE, (_A,))))),),
        [["x", 2], ["x", 8], ["x", 17], ["y", 11], ["y", 20]],
    ),
    *_queries(
        SOURCES,
        "filter-scalar",
        "A scalar UDF in a filter. A file scan may evaluate it again to skip rows.",
        (_ODD,),
        [["x", 1], ["x", 3], ["y", 7]],
    ),
    *_queries(
        SOURCES,
        "group-aggregate",
        "An aggregate UDF with one accumulator per group.",
        (Group(_KEY, (("r", _SQUARES),)),),
        [["x", 46], ["y", 65]],
    ),
    *_queries(
        SOURCES,
        "partition-window",
        "A window UDF over partitions.",
        (Select((*_KEY, ("a", _A), ("r", Call(SHARE, (_A,), over=_OVER_G)))),),
        # x holds 10 in all, y holds 11
        [["x", 1, 10], ["x", 3, 30], ["x", 6, 60], ["y", 4, 36], ["y", 7, 63]],
    ),
    *_queries(
        SOURCES,
        "aggregate-as-window",
        "An aggregate UDF over a growing window frame.",
        (
            Select(
                (*_KEY, ("r", Call(SUM_SQUARES, (_A,), over=Over((_G,), (Sort(_A),))))),
            ),
        ),
        [["x", 1], ["x", 10], ["x", 46], ["y", 16], ["y", 65]],
    ),
    *_queries(
        SOURCES,
        "all-families",
        "A filter, a window, an aggregate, a projection and a sort key: five frames.",
        (
            _ODD,
            Select((*_KEY, ("w", Call(SHARE, (_A,), over=_OVER_G)))),
            Group(_KEY, (("s", Call(SUM_SQUARES, (Col("w"),))),)),
            Select((*_KEY, ("r", Call(TRIPLE, (Col("s"),))))),
            OrderBy((Sort(Call(MINUS, (Lit(0), Col("r")))),)),
        ),
        # x: 1 and 3 with shares 25 and 75, squares 6250; y: 7 with 100, squares 10000
        [["y", 29999], ["x", 18749]],
    ),
)

_SHAPES = (
    *_queries(
        ("values", "memory"),
        "filter-group-projection",
        "A scalar UDF below and above an aggregate UDF.",
        (
            _ODD,
            Group(_KEY, (("s", _SQUARES),)),
            Select((*_KEY, ("r", Call(TRIPLE, (Col("s"),))))),
        ),
        # x: 1 + 9, y: 49
        [["x", 29], ["y", 146]],
    ),
    *_queries(
        ("values", "memory"),
        "having-aggregate",
        "A filter over the result of an aggregate UDF.",
        (
            Group(_KEY, (("s", _SQUARES),)),
            Where(Call(ODD, (Col("s"),))),
        ),
        [["y", 65]],
    ),
    *_queries(
        ("values", "memory"),
        "group-key",
        "A scalar UDF as the group key, and an aggregate UDF whose factory is a closure.",
        (Group((("k", Call(PARITY, (_A,))),), (("r", _BIASED),)),),
        [["even", 1006], ["odd", 1007]],
    ),
    *_queries(
        ("values", "memory"),
        "sort",
        "A scalar UDF as the sort key.",
        (OrderBy((_DESCENDING,)),),
        [["y", 7], ["x", 6], ["y", 4], ["x", 3], ["x", 1]],
    ),
    *_queries(
        SOURCES,
        "top-k",
        "A scalar UDF as the sort key under a limit. The planner merges both into one node.",
        (OrderBy((_DESCENDING,)), Limit(2)),
        [["y", 7], ["x", 6]],
    ),
    *_queries(
        ("values", "memory"),
        "join-filter",
        "An equality, which the planner hashes, and a scalar UDF decide which rows join.",
        (
            Join(
                Binary(
                    "and",
                    Binary("==", _G, Col("other_g")),
                    Call(ODD, (Binary("-", _A, Col("other_a")),)),
                )
            ),
            Select((("a", _A), ("b", Col("other_a")))),
        ),
        [[1, 6], [3, 6], [4, 7], [6, 1], [6, 3], [7, 4]],
    ),
    *_queries(
        ("values", "memory"),
        "join-loop",
        "Only a scalar UDF decides which rows join, so the engine compares every pair.",
        (
            Join(
                Binary(
                    ">",
                    Call(MINUS, (_A, Col("other_a"))),
                    Lit(2),
                )
            ),
            Select((("a", _A), ("b", Col("other_a")))),
        ),
        [[4, 1], [6, 1], [6, 3], [7, 1], [7, 3], [7, 4]],
    ),
    *_queries(
        ("values", "memory"),
        "two-of-one-name",
        "Two callables with one name at two places of a plan must stay two.",
        (
            Where(Binary(">", Call(TWINS[0], (_A,)), Lit(8))),
            Select((("r", Call(TWINS[1], (_A,))),)),
        ),
        # a + 5 > 8 keeps 4, 7, 6
        [[28], [42], [49]],
    ),
    *_queries(
        ("memory",),
        "no-column",
        "A volatile scalar UDF of a literal. The scan below it yields rows without columns.",
        (Select((("r", Call(VOLATILE, (Lit(7),))),)),),
        # its place in the partition added to 70: partitions of two rows, two, one
        [[70], [70], [70], [71], [71]],
    ),
    *_queries(
        ("memory",),
        "merge",
        "The result counts the three partitions. Calling update instead of merge changes it.",
        (Group((), (("r", Call(MERGE, (_A,))),)),),
        # the total is 21, from three parts
        [[213]],
    ),
    *_queries(
        ("memory",),
        "merge-groups",
        "Groups with rows in three partitions and in two.",
        (Group(_KEY, (("r", Call(MERGE, (_A,))),)),),
        [["x", 103], ["y", 112]],
    ),
    *_queries(
        ("memory",),
        "merge-states",
        "The two stages of an aggregate exchange four state fields of four types.",
        (Group(_KEY, (("r", Call(STATES, (Cast(_A, FLOAT),))),)),),
        [["x", "3;10.0;1.0,3.0,6.0;False"], ["y", "2;11.0;4.0,7.0;False"]],
    ),
)

_UNANSWERED = (
    *_queries(
        ("values", "memory"),
        "window-keys",
        "Scalar UDFs as partition key and sort key of a window UDF.",
        (
            Select(
                (
                    ("a", _A),
                    (
                        "r",
                        Call(RUNNING, (_A,), over=Over((Call(PARITY, (_A,)),), (_DESCENDING,))),
                    ),
                )
            ),
        ),
        # odd: 7 3 1, even: 6 4
        [[1, 1011], [3, 1010], [4, 1010], [6, 1006], [7, 1007]],
    ),
    *_queries(
        ("values",),
        "aggregate-twice",
        "One aggregate UDF twice in one expression.",
        (Group(_KEY, (("r", Binary("+", _BIASED, _BIASED)),)),),
        # x: 2 * 1006, y: 2 * 1007
        [["x", 2012], ["y", 2014]],
    ),
    *_queries(
        ("values",),
        "scalar-in-aggregate-twice",
        "One scalar UDF in the arguments of two calls of an aggregate function.",
        (
            Group(
                _KEY,
                (
                    (
                        "r",
                        Binary(
                            "*",
                            Builtin("max", (Call(ADDERS[5], (_A,)),)),
                            Builtin("max", (Call(ADDERS[5], (_A,)),)),
                        ),
                    ),
                ),
            ),
        ),
        # 2 * 6 + 5 and 2 * 7 + 5, squared
        [["x", 289], ["y", 361]],
    ),
    *_queries(
        ("values",),
        "first-of-each",
        "A scalar UDF defines which rows are duplicates and how they sort: DISTINCT ON.",
        (First(_DUPLICATE_KEY, (("g", _G), ("a", _A)), (Sort(_DUPLICATE_KEY), Sort(_A))),),
        [["x", 1], ["y", 4]],
    ),
)

QUERIES: Mapping[str, Query] = {query.id: query for query in (*_FAMILIES, *_SHAPES)}
"""Queries, by id."""

UNANSWERED: Mapping[str, Query] = {query.id: query for query in _UNANSWERED}
"""Queries that every released engine gets wrong after encoding the plan in at least one layer."""
