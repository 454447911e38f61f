"""Callables that count their calls in a closure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow.compute as pc

from conformance.catalogue.nodes import Family


def make_counting(family: Family, bases: Mapping[str, Any]) -> tuple[Callable[..., Any], list[int]]:
    """Return a callable that multiplies by 7, and the list that gets an item at each call."""
    calls: list[int] = []

    def multiply(values: Any) -> Any:
        calls.append(1)
        return pc.multiply(values, 7)

    accumulator: Any = bases["Accumulator"]
    evaluator: Any = bases["WindowEvaluator"]

    class Sum(accumulator):  # type: ignore[misc]
        total = 0

        def update(self, values: Any) -> None:
            self.total += pc.sum(multiply(values)).as_py()

        def merge(self, states: Any) -> None:
            self.total += pc.sum(states[0]).as_py()

        def state(self) -> list[int]:
            return [self.total]

        def evaluate(self) -> int:
            return self.total

    class Multiply(evaluator):  # type: ignore[misc]
        def evaluate_all(self, values: Any, num_rows: int) -> Any:
            del num_rows
            return multiply(values[0])

    made: dict[Family, Any] = {"scalar": multiply, "aggregate": Sum, "window": Multiply}
    return made[family], calls
