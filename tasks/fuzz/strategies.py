"""Hostile inputs as hypothesis draws them: every choice is one that it can shrink."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from conformance.hostile.mutations import Input, mutate
from conformance.hostile.seeds import Seeds

_BATCH_SIZE = 16
"""Inputs of one example: hypothesis takes half a millisecond over each, whatever is in it."""

_EXAMPLES = 40
"""Examples of a round. It remembers all of a round, so that a long one would slow down."""


class _Drawn:
    """Choices that hypothesis makes."""

    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw

    def below(self, bound: int) -> int:
        return self._draw(_below(bound))


@cache
def _below(bound: int) -> SearchStrategy[int]:
    return st.integers(0, bound - 1)


@st.composite
def hostile(draw: DrawFn, seeds: Seeds) -> Input:
    """One hostile input made of ``seeds``."""
    return mutate(_Drawn(draw), seeds)


def inputs(seeds: Seeds, number: int) -> Iterator[Input]:
    """Hostile inputs without end; the same ``number`` gives the same ones."""
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
        # Of each round the first example is the simplest: sixteen times the same.
        seed(f"{number} {count}")(collect)()
        yield from together[_BATCH_SIZE - 1 :]
        together.clear()
        count += 1
