"""Rows by sort keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from conformance.subjects.reference.columns import Rows
from conformance.subjects.reference.components import TreeEvaluator
from conformance.subjects.reference.tree import SortKey


def sort_rows(
    evaluator: TreeEvaluator, keys: Sequence[SortKey], rows: Rows, which: Iterable[int]
) -> list[int]:
    """Return the rows of ``which`` in the order of the keys; those that tie stay in their order."""
    values = [(key, evaluator.values(key.arg, rows).array.to_pylist()) for key in keys]
    return sort_by_values(values, which)


def sort_by_values(values: Sequence[tuple[SortKey, list[Any]]], which: Iterable[int]) -> list[int]:
    """Return the rows of ``which`` in the order of the keys' values."""
    order = list(which)
    for key, column in reversed(values):
        there = [row for row in order if column[row] is not None]
        nulls = [row for row in order if column[row] is None]
        there.sort(key=column.__getitem__, reverse=not key.ascending)
        order = [*nulls, *there] if key.nulls_first else [*there, *nulls]
    return order
