"""A hypothesis strategy for hostile inputs; hypothesis makes and can shrink every choice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from conformance.hostile.mutations import Input, mutate
from conformance.hostile.seeds import Seeds

_BATCH_SIZE = 16
"""Inputs per example: hypothesis takes half a millisecond per example, whatever its size."""

_EXAMPLES = 40
"""Examples per round: hypothesis remembers a round, so that a long one becomes slow."""


class _Drawn:
    """A source of choices that draws from hypothesis."""

    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw

    def below(self, bound: int) -> int:
        return self._draw(_below(bound))


@cache
def _below(bound: int) -> SearchStrategy[int]:
    return st.integers(0, bound - 1)


@st.composite
def hostile(draw: DrawFn, seeds: Seeds) -> Input:
    """Draw one hostile input from ``seeds``."""
    return mutate(_Drawn(draw), seeds)


def inputs(seeds: Seeds, number: int) -> Iterator[Input]:
    """Yield hostile inputs without end; the same ``number`` gives the same inputs."""
    strategy = st.lists(hostile(seeds), min_size=_BATCH_SIZE, max_size=_BATCH_SIZE)
    together: list[Input] = []

    @settings(
        max_examples=_EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(drawn: list[Input]) -> None:
        together.extend(drawn)

    count = 0
    while True:
        # The first example of each round is the simplest one: the same input sixteen times.
        seed(f"{number} {count}")(collect)()
        yield from together[_BATCH_SIZE - 1 :]
        together.clear()
        count += 1
