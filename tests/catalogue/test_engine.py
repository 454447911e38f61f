"""Every entry gives its hand-written result on the engine that is installed."""

from __future__ import annotations

from typing import Any

import datafusion  # noqa: F401
import pytest

from conformance.catalogue import ENTRIES, UNANSWERED
from conformance.catalogue.entry import Entry
from conformance.catalogue.source import compile_udf
from conformance.subjects.engine import Engine

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
