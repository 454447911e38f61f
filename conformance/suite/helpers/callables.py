"""Callables of an importable module: pickles of them contain a name and no code."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def seven_times(a: pa.Array) -> pa.Array:
    """Multiply by 7."""
    return pc.multiply(a, 7)


class SevenTimesSum:
    """An accumulator of 7 times the sum."""

    def __init__(self) -> None:
        self.total = 0

    def update(self, a: pa.Array) -> None:
        """Add a batch of values."""
        self.total += 7 * (pc.sum(a).as_py() or 0)

    def merge(self, states: list[pa.Array]) -> None:
        """Add the states of other accumulators."""
        self.total += pc.sum(states[0]).as_py() or 0

    def state(self) -> list[pa.Scalar]:
        """Return the intermediate state: the total so far."""
        return [pa.scalar(self.total, pa.int64())]

    def evaluate(self) -> pa.Scalar:
        """Return the final result."""
        return pa.scalar(self.total, pa.int64())

    def supports_retract_batch(self) -> bool:
        """Return False."""
        return False


class SevenTimesWindow:
    """A window evaluator that multiplies its partition by 7."""

    def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:  # noqa: ARG002
        """Return the results of the whole partition."""
        return pc.multiply(values[0], 7)

    def supports_bounded_execution(self) -> bool:
        """Return False."""
        return False

    def uses_window_frame(self) -> bool:
        """Return False."""
        return False

    def include_rank(self) -> bool:
        """Return False."""
        return False

    def is_causal(self) -> bool:
        """Return False."""
        return False

    def memoize(self) -> None:
        """Do nothing: there is no state to prune."""

    def get_range(self, idx: int, num_rows: int) -> tuple[int, int]:  # noqa: ARG002
        """Return the range that holds only the row itself."""
        return idx, idx + 1


class Namesakes:
    """A class for the names of the callables; it has none of them."""


CALLABLES: dict[str, Any] = {
    "scalar": seven_times,
    "aggregate": SevenTimesSum,
    "window": SevenTimesWindow,
}
