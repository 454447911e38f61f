"""Callables of an importable module, for payloads that name them and do not carry them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def seven_times(a: pa.Array) -> pa.Array:
    """Multiply by 7."""
    return pc.multiply(a, 7)


class SevenTimesSum:
    """Accumulates 7 times the sum."""

    def __init__(self) -> None:
        self.total = 0

    def update(self, a: pa.Array) -> None:
        """Take values in."""
        self.total += 7 * (pc.sum(a).as_py() or 0)

    def merge(self, states: list[pa.Array]) -> None:
        """Take other states in."""
        self.total += pc.sum(states[0]).as_py() or 0

    def state(self) -> list[pa.Scalar]:
        """Return the total so far."""
        return [pa.scalar(self.total, pa.int64())]

    def evaluate(self) -> pa.Scalar:
        """Return the total."""
        return pa.scalar(self.total, pa.int64())

    def supports_retract_batch(self) -> bool:
        """No."""
        return False


class SevenTimesWindow:
    """Multiplies a partition by 7."""

    def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:  # noqa: ARG002
        """Return the whole partition at once."""
        return pc.multiply(values[0], 7)

    def supports_bounded_execution(self) -> bool:
        """No."""
        return False

    def uses_window_frame(self) -> bool:
        """No."""
        return False

    def include_rank(self) -> bool:
        """No."""
        return False

    def is_causal(self) -> bool:
        """No."""
        return False

    def memoize(self) -> None:
        """Nothing to remember."""

    def get_range(self, idx: int, num_rows: int) -> tuple[int, int]:  # noqa: ARG002
        """Return the row itself."""
        return idx, idx + 1


CALLABLES: dict[str, Any] = {
    "scalar": seven_times,
    "aggregate": SevenTimesSum,
    "window": SevenTimesWindow,
}
