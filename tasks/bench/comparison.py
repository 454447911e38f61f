"""Compare the exchange with other methods: the arithmetic and the bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

FASTER = 50.0
"""The least factor by which the exchange must be faster than a process per pair and entry."""

OVER_BARE = 2.0
"""The largest factor over bare decoding and evaluating with one start per peer."""


@dataclass(frozen=True)
class Sample:
    """The seconds of ``taken`` processes, out of the ``needed`` ones."""

    seconds: float
    taken: int
    needed: int

    @property
    def total(self) -> float:
        """The extrapolated seconds of all needed processes."""
        return self.seconds / self.taken * self.needed


@dataclass(frozen=True)
class Bare:
    """The summed seconds of ``loops`` that decode and evaluate, and of one start per peer."""

    loops: float
    starts: float
    jobs: int

    @property
    def total(self) -> float:
        """The seconds on all jobs, assuming that none is ever idle."""
        return (self.loops + self.starts) / self.jobs


@dataclass(frozen=True)
class Round:
    """The wall-clock seconds of each method, run one after the other on the same jobs.

    The bare loops read everything that was sent (``bare``), or equal bytes once (``distinct``),
    as the exchange does.
    """

    exchange: float
    entry: Sample
    pair: Sample
    bare: Bare
    distinct: Bare


@dataclass(frozen=True)
class Ratio:
    """A median over the rounds, with its bounds ``least`` and ``most``."""

    title: str
    value: float
    least: float = 0.0
    most: float = float("inf")

    @property
    def ok(self) -> bool:
        """Return whether the value is within its bounds."""
        return self.least <= self.value <= self.most

    @property
    def bound(self) -> str:
        """The bound as text, or ``""``."""
        if self.least:
            return f"at least {self.least:g}"
        return "" if self.most == float("inf") else f"at most {self.most:g}"


ENTRY = "a process for each pair and entry, over the exchange"
PAIR = "a process for each pair, over the exchange"
BARE = "the exchange, over bare decoding and evaluating and one start a peer"
DISTINCT = "the same where equal bytes are read once, as the exchange does"


def ratios(rounds: Sequence[Round]) -> Iterator[Ratio]:
    """Yield the ratios; two of them have a bound."""

    def middle(ratio: Callable[[Round], float]) -> float:
        return median(map(ratio, rounds))

    yield Ratio(ENTRY, middle(lambda one: one.entry.total / one.exchange), least=FASTER)
    yield Ratio(PAIR, middle(lambda one: one.pair.total / one.exchange))
    yield Ratio(BARE, middle(lambda one: one.exchange / one.bare.total), most=OVER_BARE)
    yield Ratio(DISTINCT, middle(lambda one: one.exchange / one.distinct.total))


@dataclass(frozen=True)
class Step:
    """An exchange of ``peers`` peers.

    ``sent`` counts the items from each peer to each, ``read`` those that are left if a peer
    reads equal bytes once.
    """

    peers: int
    seconds: float
    starts: int
    sent: int
    read: int
