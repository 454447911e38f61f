"""UDFs at every place of an expression and of a query, parsed from SQL."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conformance import wire
from conformance.catalogue.sql import (
    EXPRESSIONS,
    QUERIES,
    ROWS,
    STATEMENT_TABLE,
    STATEMENTS,
    Sql,
)
from conformance.runner.assertions import assert_equal, assert_result
from conformance.subjects.interface import Function, Session, Subject
from conformance.subjects.plans import Layer, Plan
from conformance.subjects.sql import SqlParser
from conformance.suite.helpers.canaries import assert_refused_unread
from conformance.suite.helpers.markers import clause, each_layer, needs
from conformance.suite.helpers.same_name_udfs import function_of
from conformance.suite.helpers.samples import plans, strict_session

each_expression = pytest.mark.parametrize("sql", EXPRESSIONS)
each_query = pytest.mark.parametrize("sql", QUERIES)
needs_plans = needs("plans")


def _parser(subject: Subject) -> SqlParser:
    assert subject.sql is not None
    return subject.sql


def _functions(subject: Subject, sql: Sql) -> list[Function]:
    return [function_of(subject, udf) for udf in sql.udfs]


def _parse(subject: Subject, sql: Sql) -> Any:
    return _parser(subject).expression(sql.text, ROWS, _functions(subject, sql))


def _plan(subject: Subject, session: Session, layer: Layer, sql: Sql) -> Any:
    return _parser(subject).plan(session, layer, sql.text, _functions(subject, sql))


def _encoded(encode: Any) -> bytes:
    """Return the bytes, or none where the encoder raises an error."""
    try:
        data: bytes = encode()
    except Exception:  # noqa: BLE001 - an implementation has errors of its own
        return b""
    return data


@clause("PLACE-01")
@each_expression
def test_expressions(subject: Subject, sql: str) -> None:
    """An expression with a UDF at this place is encoded, or refused with an error.

    Without a registration the decoded expression gives its hand-written result.
    """
    case = EXPRESSIONS[sql]
    data = _encoded(partial(subject.to_bytes, _parse(subject, case)))
    if not data:
        return
    session = subject.session()
    values = subject.evaluate(session, subject.from_bytes(data, session), [ROWS])
    assert_result(values.to_pylist(), case.result, case.text)


@clause("PLACE-02")
@needs_plans
@each_layer
@each_query
def test_queries(subject: Subject, sql: str, layer: Layer) -> None:
    """The plan of a query with a UDF at this place is encoded, or refused with an error.

    Without a registration the decoded plan returns the hand-written rows.
    """
    case, planner, session = QUERIES[sql], subject.session(), subject.session()
    data = _encoded(partial(plans(subject).to_bytes, _plan(subject, planner, layer, case)))
    if not data:
        return
    table = plans(subject).execute(session, plans(subject).from_bytes(layer, session, data))
    columns = [column.to_pylist() for column in table.columns]
    assert_result(sorted(map(list, zip(*columns, strict=True))), case.result, case.text)


@clause("PLACE-03")
@each_expression
def test_refused_expressions(subject: Subject, sql: str) -> None:
    """A strict session refuses the expression. If it writes the expression, it writes no frame."""
    expr, strict = _parse(subject, EXPRESSIONS[sql]), strict_session(subject)
    data = _encoded(partial(subject.to_bytes, expr))
    if wire.find(data):
        assert_refused_unread(lambda given: subject.from_bytes(given, strict), data)
        named = _encoded(partial(subject.to_bytes, expr, strict))
        assert_equal(wire.find(named), [], "the frames in the bytes of a strict session")


@clause("PLACE-04")
@needs_plans
@each_layer
@each_query
def test_refused_queries(subject: Subject, sql: str, layer: Layer) -> None:
    """A strict session refuses the plan. If it writes the plan, it writes no frame."""
    plan = _plan(subject, subject.session(), layer, QUERIES[sql])
    _assert_strict_session_refuses(subject, layer, plan)


@clause("PLACE-04")
@needs_plans
@pytest.mark.parametrize(
    ("layer", "statement"),
    [
        *(("logical", one) for one in STATEMENTS),
        ("physical", "copy"),
        ("physical", "explain-analyze"),
    ],
)
def test_refused_statements(subject: Subject, layer: Layer, statement: str) -> None:
    """A strict session refuses the plan of a statement that is no query, and writes no frame."""
    sql, planner = STATEMENTS[statement], subject.session()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "x.csv").write_text("a\n1\n", encoding="ascii")
        _parser(subject).plan(planner, "logical", STATEMENT_TABLE.format(folder=folder), [])
        text = sql.text.format(folder=folder)
        plan = _parser(subject).plan(planner, layer, text, _functions(subject, sql))
        _assert_strict_session_refuses(subject, layer, plan)


def _assert_strict_session_refuses(subject: Subject, layer: Layer, plan: Plan) -> None:
    """Assert that a strict session refuses the inline bytes of ``plan``, and writes no frame."""
    strict = strict_session(subject)
    data = _encoded(partial(plans(subject).to_bytes, plan, subject.session()))
    if wire.find(data):
        assert_refused_unread(partial(plans(subject).from_bytes, layer, strict), data)
        named = _encoded(partial(plans(subject).to_bytes, plan, strict))
        assert_equal(wire.find(named), [], "the frames in the bytes of a strict session")
