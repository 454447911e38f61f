"""The base classes of what aggregate and window UDFs make."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec

import pyarrow as pa


class Accumulator(ABC):
    """Collects the values of one group of one partition; states of several are merged.

    One that takes rows back has ``supports_retract_batch`` and ``retract_batch``.
    """

    @abstractmethod
    def state(self) -> list[pa.Scalar]:
        """Return the state, a value a state field."""

    @abstractmethod
    def update(self, *values: pa.Array) -> None:
        """Take rows in."""

    @abstractmethod
    def merge(self, states: list[pa.Array]) -> None:
        """Take states in, an array a state field."""

    @abstractmethod
    def evaluate(self) -> pa.Scalar:
        """Return the result."""


class WindowEvaluator:
    """Works on one partition, in whichever way its methods say."""

    def memoize(self) -> None:
        """Nothing."""

    def get_range(self, idx: int, num_rows: int) -> tuple[int, int]:
        """Return the rows that are needed for row ``idx``."""
        del num_rows
        return idx, idx + 1

    def is_causal(self) -> bool:
        """Return whether no later row is needed."""
        return False

    def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
        """All rows at once."""
        raise NotImplementedError

    def evaluate(self, values: list[pa.Array], eval_range: tuple[int, int]) -> pa.Scalar:
        """One row, by the rows of a range."""
        raise NotImplementedError

    def evaluate_all_with_rank(
        self, num_rows: int, ranks_in_partition: list[tuple[int, int]]
    ) -> pa.Array:
        """All rows at once, by the ranges of those that tie."""
        raise NotImplementedError

    def supports_bounded_execution(self) -> bool:
        """Return whether it goes row by row."""
        return False

    def uses_window_frame(self) -> bool:
        """Return whether the call's frame says which rows count."""
        return False

    def include_rank(self) -> bool:
        """Return whether it is asked by ranks."""
        return False


def install_stand_ins() -> None:
    """Return stand-ins where there is no engine.

    Its pickles use these classes in place of the engine's base classes.
    """
    if find_spec("datafusion") is None:
        for name in ("datafusion", "datafusion.user_defined"):
            sys.modules[name] = module_from_spec(ModuleSpec(name, None))
        sys.modules[name].__dict__.update(Accumulator=Accumulator, WindowEvaluator=WindowEvaluator)
