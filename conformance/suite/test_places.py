"""UDFs at every place of an expression and of a query, parsed from SQL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
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
from conformance.subjects.sql import SqlParser, Stage
from conformance.suite.helpers.canaries import assert_refused_unread
from conformance.suite.helpers.markers import LAYERS, clause, each_layer, needs
from conformance.suite.helpers.same_name_udfs import function_of
from conformance.suite.helpers.samples import plans, strict_session

each_expression = pytest.mark.parametrize("sql", EXPRESSIONS)
OPTIMIZED = ("join-of-two-keys", "union-of-three", "aggregate-of-nothing", "not-in-nulls")
"""Queries whose optimized plans have UDFs where their logical plans have none, or other nodes."""
each_plan = pytest.mark.parametrize(
    ("sql", "stage"),
    [(sql, stage) for stage in LAYERS for sql in QUERIES]
    + [(sql, "optimized") for sql in OPTIMIZED],
)
each_statement = pytest.mark.parametrize(
    ("stage", "statement"),
    [
        *(("logical", one) for one in STATEMENTS),
        # Its scan has the filter.
        ("optimized", "delete"),
        ("physical", "copy"),
        ("physical", "explain-analyze"),
    ],
)
WRITES = {
    "dates": (
        "COPY (SELECT tri(1) AS v, DATE '2024-01-02' AS d) TO '{file}' STORED AS CSV",
        ["v,d", "3,2024-01-02"],
    ),
    "header-and-delimiter": (
        "COPY (SELECT tri(1) AS v, 'x' AS s) TO '{file}' STORED AS CSV "
        "OPTIONS ('format.has_header' 'false', 'format.delimiter' ';')",
        ["3;x"],
    ),
}
"""Statements, and the lines of the file that each writes, but for quotation marks."""
each_write = pytest.mark.parametrize("write", WRITES)
GZIPPED = bytes.fromhex("1f8b08000000000002034be432e432e2020080c27f7006000000")
"""The lines ``a``, ``1`` and ``2``, compressed with gzip. No byte is the end of a line."""
GZIPPED_TABLE = (
    "CREATE EXTERNAL TABLE x (a BIGINT) STORED AS CSV LOCATION '{folder}/x.csv.gz' "
    "OPTIONS ('format.has_header' 'true', 'format.compression' 'gzip')"
)
needs_plans = needs("plans")


def _parser(subject: Subject) -> SqlParser:
    assert subject.sql is not None
    return subject.sql


def _functions(subject: Subject, sql: Sql) -> list[Function]:
    return [function_of(subject, udf) for udf in sql.udfs]


def _parse(subject: Subject, sql: Sql) -> Any:
    return _parser(subject).expression(sql.text, ROWS, _functions(subject, sql))


def _plan(subject: Subject, session: Session, stage: Stage, sql: Sql) -> Any:
    return _parser(subject).plan(session, stage, sql.text, _functions(subject, sql))


@contextmanager
def _plan_of_statement(subject: Subject, stage: Stage, statement: str) -> Iterator[Plan]:
    """Yield the plan of a statement. The file of its table exists only inside the block."""
    session = subject.session()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "x.csv").write_text("a\n1\n", encoding="ascii")
        _parser(subject).plan(session, "logical", STATEMENT_TABLE.format(folder=folder), [])
        sql = STATEMENTS[statement]
        yield _plan(subject, session, stage, replace(sql, text=sql.text.format(folder=folder)))


def _layer(stage: Stage) -> Layer:
    return "physical" if stage == "physical" else "logical"


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
@each_plan
def test_queries(subject: Subject, sql: str, stage: Stage) -> None:
    """The plan of a query with a UDF at this place is encoded, or refused with an error.

    Without a registration the decoded plan returns the hand-written rows.
    """
    _assert_rows(subject, subject.session(), stage, QUERIES[sql])


@clause("PLACE-02")
@needs_plans
@each_layer
def test_columns_of_similar_tables(subject: Subject, layer: Layer) -> None:
    """A query joins the table ``"a.b"`` with the table ``b`` of the schema ``a``.

    In the decoded plan the UDF gets the column of the first one, too.
    """
    session = subject.session()
    for statement in ("CREATE SCHEMA a", "CREATE VIEW a.b AS SELECT CAST(1 AS BIGINT) AS v"):
        _parser(subject).plan(session, "logical", statement, [])
    text = 'SELECT tri("a.b".v) AS v FROM a.b CROSS JOIN (SELECT CAST(5 AS BIGINT) AS v) AS "a.b"'
    _assert_rows(subject, session, layer, Sql("similar-tables", text, [[15]]))


@clause("PLACE-02")
@needs_plans
@each_layer
def test_compressed_files(subject: Subject, layer: Layer) -> None:
    """A query reads a compressed file, and the decoded plan returns its rows, too."""
    with tempfile.TemporaryDirectory() as folder:
        session = subject.session()
        Path(folder, "x.csv.gz").write_bytes(GZIPPED)
        _parser(subject).plan(session, "logical", GZIPPED_TABLE.format(folder=folder), [])
        sql = Sql("compressed-file", "SELECT tri(a) AS v FROM x", [[3], [6]])
        _assert_rows(subject, session, layer, sql)


@clause("PLACE-02")
@needs_plans
@each_statement
def test_statements(subject: Subject, stage: Stage, statement: str) -> None:
    """The plan of a statement that is no query is encoded, or refused with an error.

    Without a registration it is decoded. The decoded plan still holds the UDF.
    """
    with _plan_of_statement(subject, stage, statement) as plan:
        data = _encoded(partial(plans(subject).to_bytes, plan))
        if not data:
            return
        again = plans(subject).from_bytes(_layer(stage), subject.session(), data)
        names = {found.name for found in wire.find(plans(subject).to_bytes(again))}
        assert_equal(names, {"tri"}, "the UDFs in the decoded plan")


@clause("PLACE-05")
@needs_plans
@each_write
@each_layer
def test_written_files(subject: Subject, layer: Layer, write: str) -> None:
    """A COPY with a UDF is encoded, or refused with an error.

    Without a registration the decoded plan writes a file with the hand-written lines.
    """
    text, lines = WRITES[write]
    with tempfile.TemporaryDirectory() as folder:
        file, session = Path(folder, "out.csv"), subject.session()
        copy = Sql(write, text.format(file=file), lines)
        plan = _plan(subject, subject.session(), layer, copy)
        data = _encoded(partial(plans(subject).to_bytes, plan))
        if not data:
            return
        plans(subject).execute(session, plans(subject).from_bytes(layer, session, data))
        written = file.read_text(encoding="utf-8").replace('"', "")
        assert_result(written.splitlines(), lines, text)


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
@each_plan
def test_refused_queries(subject: Subject, sql: str, stage: Stage) -> None:
    """A strict session refuses the plan. If it writes the plan, it writes no frame."""
    plan = _plan(subject, subject.session(), stage, QUERIES[sql])
    _assert_strict_session_refuses(subject, _layer(stage), plan)


@clause("PLACE-04")
@needs_plans
@each_statement
def test_refused_statements(subject: Subject, stage: Stage, statement: str) -> None:
    """A strict session refuses the plan of a statement that is no query, and writes no frame."""
    with _plan_of_statement(subject, stage, statement) as plan:
        _assert_strict_session_refuses(subject, _layer(stage), plan)


def _assert_rows(subject: Subject, planner: Session, stage: Stage, sql: Sql) -> None:
    """Assert that the plan, if it is encoded, decodes to one that returns the rows of ``sql``."""
    data = _encoded(partial(plans(subject).to_bytes, _plan(subject, planner, stage, sql)))
    if not data:
        return
    session = subject.session()
    plan = plans(subject).from_bytes(_layer(stage), session, data)
    table = plans(subject).execute(session, plan)
    columns = [column.to_pylist() for column in table.columns]
    assert_result(sorted(map(list, zip(*columns, strict=True))), sql.result, sql.text)


def _assert_strict_session_refuses(subject: Subject, layer: Layer, plan: Plan) -> None:
    """Assert that a strict session refuses the inline bytes of ``plan``, and writes no frame."""
    strict = strict_session(subject)
    data = _encoded(partial(plans(subject).to_bytes, plan, subject.session()))
    if wire.find(data):
        assert_refused_unread(partial(plans(subject).from_bytes, layer, strict), data)
        named = _encoded(partial(plans(subject).to_bytes, plan, strict))
        assert_equal(wire.find(named), [], "the frames in the bytes of a strict session")
