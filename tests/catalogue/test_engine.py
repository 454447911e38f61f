"""Every entry gives its hand-written result on the engine that is installed."""

from __future__ import annotations

from typing import Any

import datafusion  # noqa: F401
import pytest

from conformance.catalogue import ENTRIES, SHAPES, UNANSWERED
from conformance.catalogue.entry import Entry
from conformance.catalogue.source import compile_udf
from conformance.catalogue.sql import EXPRESSIONS, QUERIES, ROWS, Sql
from conformance.subjects.engine import Engine
from conformance.subjects.plans import Layer

ENGINE = Engine()
FRAME = {"scalar": b"DFPYUDF", "aggregate": b"DFPYUDA", "window": b"DFPYUDW"}

each_finding = pytest.mark.parametrize("entry", UNANSWERED.values(), ids=list(UNANSWERED))
each_entry = pytest.mark.parametrize("entry", ENTRIES.values(), ids=list(ENTRIES))


def build(entry: Entry) -> Any:
    functions = {udf: ENGINE.function(udf, compile_udf(udf, ENGINE.bases)) for udf in entry.udfs}
    return ENGINE.expr(entry.expr, functions)


def check(entry: Entry, expr: Any) -> None:
    found = ENGINE.evaluate(
        ENGINE.session(),
        expr,
        entry.record_batches(),
        aggregate=entry.is_aggregate,
        group_by=entry.group_by,
    )
    values = found.to_pylist()
    if entry.group_by:
        assert [list(row.values()) for row in values] == entry.result
    else:
        assert values == entry.result
        assert entry.result_type in (None, found.type)


@each_entry
def test_direct(entry: Entry) -> None:
    check(entry, build(entry))


@each_entry
def test_after_a_round_trip(entry: Entry) -> None:
    data = ENGINE.to_bytes(build(entry))
    for family in entry.families:
        assert FRAME[family] in data
    check(entry, ENGINE.from_bytes(data, ENGINE.session()))


@each_finding
@pytest.mark.parametrize("trip", [False, True], ids=["direct", "trip"])
@pytest.mark.xfail(raises=AssertionError, reason="wrong in every release so far")
def test_finding(entry: Entry, trip: bool) -> None:
    expr = build(entry)
    check(entry, ENGINE.from_bytes(ENGINE.to_bytes(expr)) if trip else expr)


@pytest.mark.parametrize("entry", SHAPES.values(), ids=list(SHAPES))
def test_shape(entry: Entry) -> None:
    check(entry, build(entry))


def sql_functions(sql: Sql) -> list[Any]:
    return [ENGINE.function(udf, compile_udf(udf, ENGINE.bases)) for udf in sql.udfs]


@pytest.mark.parametrize("sql", EXPRESSIONS.values(), ids=list(EXPRESSIONS))
def test_sql_expression(sql: Sql) -> None:
    expr = ENGINE.sql.expression(sql.text, ROWS, sql_functions(sql))
    assert ENGINE.evaluate(ENGINE.session(), expr, [ROWS]).to_pylist() == sql.result


@pytest.mark.parametrize("layer", ["logical", "physical"])
@pytest.mark.parametrize("sql", QUERIES.values(), ids=list(QUERIES))
def test_sql_query(sql: Sql, layer: Layer) -> None:
    session = ENGINE.session()
    plan = ENGINE.sql.plan(session, layer, sql.text, sql_functions(sql))
    rows = ENGINE.plans.execute(session, plan).to_pylist()
    assert sorted([*row.values()] for row in rows) == sql.result
