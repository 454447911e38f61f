"""The exchange against other ways to the same: the arithmetic, and the bounds that must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

FASTER = 50.0
"""How much faster the exchange must be than a process for each pair and entry, at least."""

OVER_BARE = 2.0
"""How much longer it may take than bare decoding and evaluating and one start a peer, at most."""


@dataclass(frozen=True)
class Sample:
    """Seconds that ``taken`` processes took, of the ``needed`` that there would be."""

    seconds: float
    taken: int
    needed: int

    @property
    def total(self) -> float:
        """Seconds that all would take: an extrapolation."""
        return self.seconds / self.taken * self.needed


@dataclass(frozen=True)
class Bare:
    """Seconds in ``loops`` that decode and evaluate, and in ``starts``, one a peer; summed up."""

    loops: float
    starts: float
    jobs: int

    @property
    def total(self) -> float:
        """Seconds on all jobs, as if none were ever idle."""
        return (self.loops + self.starts) / self.jobs


@dataclass(frozen=True)
class Round:
    """Seconds of each way, one after the other: wall clock on the same number of jobs.

    The bare ways read everything that was sent (``bare``), or equal bytes once
    (``distinct``), as the exchange does.
    """

    exchange: float
    entry: Sample
    pair: Sample
    bare: Bare
    distinct: Bare


@dataclass(frozen=True)
class Ratio:
    """A median over the rounds; out of bounds where it is under ``least`` or over ``most``."""

    title: str
    value: float
    least: float = 0.0
    most: float = float("inf")

    @property
    def ok(self) -> bool:
        """Return whether it is within its bounds."""
        return self.least <= self.value <= self.most

    @property
    def bound(self) -> str:
        """The bound in words, or ``""``."""
        if self.least:
            return f"at least {self.least:g}"
        return "" if self.most == float("inf") else f"at most {self.most:g}"


ENTRY = "a process for each pair and entry, over the exchange"
PAIR = "a process for each pair, over the exchange"
BARE = "the exchange, over bare decoding and evaluating and one start a peer"
DISTINCT = "the same where equal bytes are read once, as the exchange does"


def ratios(rounds: Sequence[Round]) -> Iterator[Ratio]:
    """Yield what is compared; two of them are bound."""

    def middle(ratio: Callable[[Round], float]) -> float:
        return median(map(ratio, rounds))

    yield Ratio(ENTRY, middle(lambda one: one.entry.total / one.exchange), least=FASTER)
    yield Ratio(PAIR, middle(lambda one: one.pair.total / one.exchange))
    yield Ratio(BARE, middle(lambda one: one.exchange / one.bare.total), most=OVER_BARE)
    yield Ratio(DISTINCT, middle(lambda one: one.exchange / one.distinct.total))


@dataclass(frozen=True)
class Step:
    """An exchange of so many peers.

    ``sent`` are items that peers have from each other, ``read`` what is left
    where a peer reads equal bytes once.
    """

    peers: int
    seconds: float
    starts: int
    sent: int
    read: int
