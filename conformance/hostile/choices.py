"""Sources of mutation decisions: hypothesis, a seeded generator or a coverage-guided fuzzer."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

T = TypeVar("T")


class Choices(Protocol):
    """A source of decisions; equal decisions make equal bytes."""

    def below(self, bound: int) -> int:
        """Return a number from 0 to ``bound`` - 1; ``bound`` is at least 1."""


def pick(choices: Choices, options: Sequence[T]) -> T:
    """Return one of ``options``, which must not be empty."""
    return options[choices.below(len(options))]


def repeat(choices: Choices, most: int) -> range:
    """Return a range of 1 to ``most`` rounds; each further round has even odds."""
    count = 1
    while count < most and choices.below(2):
        count += 1
    return range(count)


class Seeded:
    """Choices from a seed, the same on every Python."""

    def __init__(self, seed: int | str) -> None:
        self._random = Random(seed)

    def below(self, bound: int) -> int:
        # Not randrange: its algorithm has changed between Python versions.
        return int(self._random.random() * bound)
