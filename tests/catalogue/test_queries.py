"""Every query gives its hand-written result on the engine that is installed, at both layers."""

from __future__ import annotations

from pathlib import Path

import datafusion  # noqa: F401
import pytest

from conformance.catalogue.queries import QUERIES, SOURCES, UNANSWERED
from conformance.catalogue.query import Query
from conformance.catalogue.source import compile_udf
from conformance.subjects.engine import Engine
from conformance.subjects.plans import Layer

ENGINE = Engine()
ALL = {**QUERIES, **UNANSWERED}
LAYERS: tuple[Layer, ...] = ("logical", "physical")

each_layer = pytest.mark.parametrize("layer", LAYERS)
each_query = pytest.mark.parametrize("query", ALL.values(), ids=list(ALL))


def test_ids_are_unique_and_end_with_the_source() -> None:
    assert all(id_.endswith(f"-{query.source}") for id_, query in ALL.items())
    assert len(ALL) == len(QUERIES) + len(UNANSWERED)
    assert {query.source for query in QUERIES.values()} == set(SOURCES)


def test_every_family_stands_over_every_source() -> None:
    seen = {(query.source, family) for query in QUERIES.values() for family in query.families}
    assert len(seen) == 12


@each_query
def test_table_fits_its_schema_and_result_is_in_order(query: Query) -> None:
    for batch in query.record_batches():
        assert batch.schema == query.schema
        batch.validate(full=True)
    assert query.ordered or query.result == sorted(query.result)
    assert query.note.endswith(".")


@each_layer
@each_query
def test_result(query: Query, layer: Layer, tmp_path: Path) -> None:
    functions = {udf: ENGINE.function(udf, compile_udf(udf, ENGINE.bases)) for udf in query.udfs}
    session = ENGINE.session()
    plan = ENGINE.plans.plan(session, layer, query, functions, tmp_path)
    assert query.result_rows(ENGINE.plans.execute(session, plan)) == query.result


@each_query
def test_plans_are_the_same_each_time(query: Query, tmp_path: Path) -> None:
    plans = []
    for _ in range(2):
        functions = {
            udf: ENGINE.function(udf, compile_udf(udf, ENGINE.bases)) for udf in query.udfs
        }
        session = ENGINE.session()
        plan = ENGINE.plans.plan(session, "physical", query, functions, tmp_path)
        plans.append(ENGINE.plans.display(plan))
    assert plans[0] == plans[1]
