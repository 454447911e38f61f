"""Record batches of every layout in physical plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from conformance.catalogue.build import INT
from conformance.catalogue.nodes import Call, Col
from conformance.catalogue.pieces import TRIPLE
from conformance.catalogue.query import Query, Select
from conformance.subjects.interface import Subject
from conformance.suite.helpers.markers import clause
from conformance.suite.helpers.plans import assert_decodes_to_result, encode_plan

_KINDS = pa.array([0, 1, 0, 1], pa.int8())
_OFFSETS = pa.array([0, 0, 1, 1], pa.int32())
_NUMBERS, _TEXTS = pa.array([1, 2, 3, 4]), pa.array(["w", "x", "y", None])
_RUNS = pa.RunEndEncodedArray.from_arrays([2, 3], pa.array(["u", None]))
_RESULTS = (-1, 2, 5, 8)
"""The results of the UDF for 0, 1, 2 and 3."""
_LONG = "more than the twelve bytes of a view"

COLUMNS: dict[str, tuple[list[pa.Array], list[Any]]] = {
    "sparse-union": ([pa.UnionArray.from_sparse(_KINDS, [_NUMBERS, _TEXTS])], [1, "x", 3, None]),
    "sparse-union-part": (
        [pa.UnionArray.from_sparse(_KINDS, [_NUMBERS, _TEXTS]).slice(0, 2)],
        [1, "x"],
    ),
    "dense-union-part": (
        [pa.UnionArray.from_dense(_KINDS, _OFFSETS, [_NUMBERS[:2], _TEXTS[1:3]]).slice(1, 2)],
        ["x", 2],
    ),
    "run-ends": ([_RUNS], ["u", "u", None]),
    "run-ends-part": ([_RUNS.slice(1)], ["u", None]),
    "run-ends-and-no-rows": ([_RUNS.slice(0, 0), _RUNS], ["u", "u", None]),
    "views-part": ([pa.array(["v", _LONG, None], pa.string_view()).slice(1)], [_LONG, None]),
    "booleans-part": ([pa.array([True] * 9 + [False, None]).slice(8)], [True, False, None]),
    "dictionaries-of-their-own": (
        [pa.array(["a", "b"]).dictionary_encode(), pa.array(["z", None]).dictionary_encode()],
        ["a", "b", "z", None],
    ),
    "lists-of-a-fixed-size-part": (
        [pa.array([[1, 2], None, [3, None]], pa.list_(INT, 2)).slice(1)],
        [None, [3, None]],
    ),
}
"""The columns of the partitions, and their values."""


@dataclass(frozen=True)
class _OverBatches(Query):
    """A query over ``batches``, one per partition."""

    batches: Sequence[pa.RecordBatch] = ()

    def record_batches(self) -> list[pa.RecordBatch]:
        """Return ``batches``."""
        return list(self.batches)

    def result_rows(self, table: pa.Table) -> list[list[Any]]:
        """Return the rows of ``table`` by their first column."""
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        return sorted(map(list, rows), key=lambda row: int(row[0]))


@clause("PLAN-23")
@pytest.mark.parametrize("column", COLUMNS)
def test_physical_plan_carries_layouts(subject: Subject, column: str) -> None:
    """A physical plan over batches with a column of this layout makes a round trip.

    It gives its hand-written result.
    """
    arrays, values = COLUMNS[column]
    batches, rows = [], 0
    for array in arrays:
        keys = pa.array(range(rows, rows + len(array)), INT)
        batches.append(pa.RecordBatch.from_arrays([keys, array], ["k", "x"]))
        rows += len(array)
    query = _OverBatches(
        f"plan/{column}",
        "A UDF next to a column.",
        "memory",
        batches[0].schema,
        (),
        (Select((("r", Call(TRIPLE, (Col("k"),))), ("x", Col("x")))),),
        [[row, value] for row, value in zip(_RESULTS, values, strict=False)],
        batches,
    )
    assert_decodes_to_result(subject, "physical", query, encode_plan(subject, "physical", query))
