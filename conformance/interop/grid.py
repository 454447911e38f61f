"""The grid: the results of every pair of peers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from conformance.interop.rules import MODES, NOT_WRITTEN, Mode, Rule, Versions, known_divergence
from conformance.util import atomic
from conformance.util.input_file import read_text

SCHEMA = 2
"""The version of the JSON; increases when a field changes its meaning or is removed."""

NOT_RUN = "not asked"

OUTCOMES = (
    "works",
    "refused",
    "wrong words",
    "wrong result",
    "crash",
    "hang",
    NOT_WRITTEN,
    NOT_RUN,
)
"""The outcomes of an item; expected can be only ``works``, ``refused`` and ``NOT_WRITTEN``."""


class GridError(ValueError):
    """A grid cannot be read; the text names the file and the problem."""


@dataclass
class PairResult:
    """The result of one pair in one mode: how the receiver read the sender's items.

    ``counts`` are numbers of items by outcome. ``known`` are ids of known divergences that
    explain unexpected outcomes. ``surprises`` are unexplained items, each with its outcome and
    text. ``failing`` are the items that fail while others work.
    """

    counts: dict[str, int] = field(default_factory=dict)
    known: list[str] = field(default_factory=list)
    surprises: list[tuple[str, str, str]] = field(default_factory=list)
    failing: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, expected: Rule, receiver: Versions, readings: Iterable[Reading]) -> PairResult:
        """Return the result of all ``readings`` at one receiver under a rule."""
        result = cls()
        for one in readings:
            result._add(expected, receiver, one)
        if "works" not in result.counts:
            result.failing.clear()
        return result

    def _add(self, expected: Rule, receiver: Versions, one: Reading) -> None:
        outcome = _outcome(one, expected)
        self.counts[outcome] = self.counts.get(outcome, 0) + 1
        if outcome not in ("works", NOT_WRITTEN, NOT_RUN):
            self.failing.append(one.item)
        if outcome in (NOT_RUN, *expected.outcomes):
            return
        if entry := known_divergence(expected, receiver, one.text):
            if entry not in self.known:
                self.known.append(entry)
        else:
            self.surprises.append((one.item, outcome, one.text))

    @property
    def talks(self) -> bool:
        """Return whether every item worked."""
        return set(self.counts) == {"works"}

    @property
    def status(self) -> str:
        """One word: ``yes``, ``no``, ``part``, ``WRONG`` or ``-``."""
        if self.surprises:
            return "WRONG"
        if set(self.counts) <= {NOT_WRITTEN}:
            return "-"
        if self.talks:
            return "yes"
        return "part" if "works" in self.counts else "no"


@dataclass(frozen=True)
class Reading:
    """A reader's outcome for an item: ``outcome`` is one of ``OUTCOMES``, ``error`` or ``bug``.

    For ``NOT_WRITTEN``, ``text`` is the reason why the sender did not write the item.
    """

    item: str
    outcome: str
    text: str = ""


def _outcome(one: Reading, expected: Rule) -> str:
    if one.outcome == "error":
        return "refused" if all(word in one.text for word in expected.words) else "wrong words"
    return "wrong words" if one.outcome == "bug" else one.outcome


@dataclass
class Grid:
    """The results of all pairs.

    ``peers`` are versions by name. ``absent`` are the peers that did not write or read, with
    the reason. ``results`` are by sender, receiver and mode.
    """

    suite: str
    peers: dict[str, Versions] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    results: dict[tuple[str, str, Mode], PairResult] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Return whether every peer took part and no outcome is unexplained."""
        return not self.absent and not any(one.surprises for one in self.results.values())

    def write(self, path: Path) -> None:
        """Write the grid as JSON, atomically."""
        atomic.write(path, self.to_json().encode())

    def to_json(self) -> str:
        """Return the grid as JSON; results of equivalent peers are in it once.

        ``groups`` are the names of equivalent peers. ``sender`` and ``receiver`` of an entry of
        ``squares`` are indices in ``groups``.
        """
        groups = equivalence_classes(self, by=repr)
        results = [
            {
                "sender": theirs,
                "receiver": ours,
                "form": form,
                "layer": layer,
                **_nonempty_fields(one),
            }
            for theirs, senders in enumerate(groups)
            for ours, receivers in enumerate(groups)
            for form, layer in MODES
            if (one := self.results.get((senders[0], receivers[0], (form, layer))))
        ]
        head = {
            "grid": SCHEMA,
            "suite": self.suite,
            "peers": self.peers,
            "absent": self.absent,
            "groups": groups,
        }
        lines = ",\n".join(json.dumps(result) for result in results)
        return f'{json.dumps(head, indent=1)[:-2]},\n "squares": [\n{lines}\n]}}\n'

    @classmethod
    def read(cls, path: Path) -> Grid:
        """Read the grid in ``path``; raise ``GridError`` if it is not valid."""
        try:
            document: Any = json.loads(read_text(path))
        except FileNotFoundError:
            raise GridError(f"{path}: no such file; `nox -s interop` writes the grid") from None
        except OSError as error:
            raise GridError(f"{path}: cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise GridError(f"{path}: not a complete grid: {error}") from error
        if not isinstance(document, dict) or document.get("grid") != SCHEMA:
            raise GridError(f"{path}: not a grid of schema {SCHEMA}")
        try:
            grid = cls(document["suite"], document["peers"], document["absent"])
            groups = document["groups"]
            for one in document["squares"]:
                surprises = [tuple(surprise) for surprise in one.get("surprises", ())]
                rest = one.get("known", []), surprises, one.get("failing", [])
                result = PairResult(one["counts"], *rest)
                for pair in product(groups[one["sender"]], groups[one["receiver"]]):
                    grid.results[(*pair, (one["form"], one["layer"]))] = result
            for versions in grid.peers.values():
                [Version(versions[key]) for key in ("engine", "cloudpickle", "pyarrow", "python")]
            pairs = {(theirs, ours) for theirs, ours, _ in grid.results}
        except (KeyError, IndexError, TypeError, AttributeError, InvalidVersion) as error:
            raise GridError(f"{path}: a field is missing or wrong: {error}") from None
        if not (grid.peers or grid.absent) or pairs != set(product(grid.peers, grid.peers)):
            raise GridError(f"{path}: not a complete grid: pairs are missing, or have no peers")
        return grid


def equivalence_classes(grid: Grid, by: Callable[[PairResult], str]) -> list[list[str]]:
    """Group the peers that have equal results with every peer, as sender and as receiver."""
    distinct = {id(result): result for result in grid.results.values()}  # pairs share results
    texts = {key: by(result) for key, result in distinct.items()}
    seen = {key: texts[id(result)] for key, result in grid.results.items()}
    groups: dict[tuple[object, ...], list[str]] = {}
    for name in grid.peers:
        row = tuple(
            seen.get((*pair, mode))
            for other in grid.peers
            for pair in ((name, other), (other, name))
            for mode in MODES
        )
        groups.setdefault(row, []).append(name)
    return list(groups.values())


def _nonempty_fields(result: PairResult) -> Mapping[str, object]:
    """Return the fields of a result that are not empty, and ``counts``."""
    return {name: value for name, value in asdict(result).items() if value or name == "counts"}
