"""The survivors that are written down, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from conformance.util.records import SpecError, parse_records, read_tables

FILE = Path(__file__).with_name("equivalent.toml")
KINDS = ("equivalent", "not-promised", "open")


@dataclass(frozen=True)
class Entry:
    """Patterns of mutants that may survive, and why.

    ``equivalent``: nobody can notice them. ``not-promised``: they change what no promise about
    bytes covers. ``open``: a case is missing.
    """

    mutants: tuple[str, ...]
    kind: str
    reason: str

    def covers(self, name: str) -> bool:
        """Return whether the entry is about the mutant of this name."""
        return any(fnmatchcase(name, pattern) for pattern in self.mutants)


def entries(path: Path = FILE) -> Sequence[Entry]:
    """Return the entries; ``SpecError`` for one that is malformed or comes twice."""
    found = list(parse_records(path, read_tables(path, "survivor"), "survivor", Entry))
    for one in found:
        if one.kind not in KINDS:
            raise SpecError(f"{path}: kind must be one of {', '.join(KINDS)}, not {one.kind!r}")
    patterns = [pattern for one in found for pattern in one.mutants]
    if twice := sorted({one for one in patterns if patterns.count(one) > 1}):
        raise SpecError(f"{path}: {twice[0]} comes twice")
    return found


def unneeded(known: Sequence[Entry], survivors: Iterable[str], run: Iterable[str]) -> list[str]:
    """Return the patterns that cover a mutant that ran, and none that survived."""
    names, survived = list(run), list(survivors)
    return [
        pattern
        for one in known
        for pattern in one.mutants
        if any(fnmatchcase(name, pattern) for name in names)
        and not any(fnmatchcase(name, pattern) for name in survived)
    ]
