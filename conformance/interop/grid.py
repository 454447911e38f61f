"""The grid: what became of each peer's bytes at each peer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from conformance import atomic
from conformance.interop.rules import Column, Rule, Versions, known, rule

SCHEMA = 1
"""Counts up whenever a field of the JSON changes its meaning or goes away."""

OUTCOMES = (
    "works",
    "refused",
    "wrong words",
    "wrong result",
    "crash",
    "hang",
    "nothing to read",
)
"""What may become of bytes; only the first two may be what is expected."""


class GridError(ValueError):
    """A grid cannot be read; the text names the file and what is wrong with it."""


@dataclass
class Square:
    """What became of one peer's bytes of one column at another.

    ``counts`` are items by outcome; ``known`` the divergences that explain
    what is not as the clause says, ``surprises`` items that nothing explains:
    each with its outcome and text.
    """

    counts: dict[str, int] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)
    surprises: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, sender: Versions, receiver: Versions, column: Column, one: Reading) -> None:
        """Takes in what became of an item."""
        must = rule(sender, receiver, column)
        outcome = _outcome(one, must)
        self.counts[outcome] = self.counts.get(outcome, 0) + 1
        if outcome in must.outcomes or outcome == "nothing to read":
            return
        if entry := known(must.clause, receiver, one.text):
            if entry not in self.known:
                self.known.append(entry)
        else:
            self.surprises.append((one.item, outcome, one.text))

    @property
    def talks(self) -> bool:
        """Whether every item worked."""
        return set(self.counts) == {"works"}

    @property
    def mark(self) -> str:
        """One word for it."""
        if self.surprises:
            return "WRONG"
        if set(self.counts) <= {"nothing to read"}:
            return "-"
        if self.talks:
            return "yes"
        return "part" if "works" in self.counts else "no"


@dataclass(frozen=True)
class Reading:
    """What a reader says of an item: ``outcome`` is one of ``OUTCOMES``, ``error`` or ``bug``."""

    item: str
    outcome: str
    text: str = ""


def _outcome(one: Reading, must: Rule) -> str:
    if one.outcome == "error":
        return "refused" if all(word in one.text for word in must.words) else "wrong words"
    return "wrong words" if one.outcome == "bug" else one.outcome


@dataclass
class Grid:
    """The squares of all pairs.

    ``peers`` are versions by name, ``absent`` those that did not write or read, each
    with the reason; ``squares`` are by sender, receiver and column.
    """

    suite: str
    peers: dict[str, Versions] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    squares: dict[tuple[str, str, Column], Square] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every peer took part and nothing was wrong."""
        return not self.absent and not any(one.surprises for one in self.squares.values())

    def write(self, path: Path) -> None:
        """Writes the grid as JSON, whole or not at all."""
        squares = [
            {"sender": sender, "receiver": receiver, "column": list(column), **asdict(square)}
            for (sender, receiver, column), square in self.squares.items()
        ]
        document = {
            "schema": SCHEMA,
            "suite": self.suite,
            "peers": self.peers,
            "absent": self.absent,
            "squares": squares,
        }
        atomic.write(path, (json.dumps(document) + "\n").encode())

    @classmethod
    def read(cls, path: Path) -> Grid:
        """The grid in ``path``; raises ``GridError``."""
        try:
            document: Any = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise GridError(f"{path}: there is no such grid; `nox -s interop` makes it") from None
        except ValueError as error:
            raise GridError(f"{path}: not a whole grid: {error}") from error
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise GridError(f"{path}: not a grid of schema {SCHEMA}")
        try:
            grid = cls(document["suite"], document["peers"], document["absent"])
            for one in document["squares"]:
                key = (one["sender"], one["receiver"], tuple(one["column"]))
                surprises = [tuple(surprise) for surprise in one["surprises"]]
                grid.squares[key] = Square(one["counts"], one["known"], surprises)
        except (KeyError, TypeError) as error:
            raise GridError(f"{path}: a field is missing or wrong: {error}") from None
        return grid


def alike(grid: Grid) -> Sequence[Sequence[str]]:
    """The peers in groups: those in one are equal to every peer, as senders and as receivers."""
    groups: dict[tuple[object, ...], list[str]] = {}
    columns = list(dict.fromkeys(column for _, _, column in grid.squares))
    for name in grid.peers:
        marks = tuple(
            _mark(grid.squares, pair, column)
            for other in grid.peers
            for pair in ((name, other), (other, name))
            for column in columns
        )
        groups.setdefault(marks, []).append(name)
    return list(groups.values())


def _mark(
    squares: Mapping[tuple[str, str, Column], Square], pair: tuple[str, str], column: Column
) -> str:
    square = squares.get((*pair, column))
    return square.mark if square else "-"
