"""Divergences: promises that a released engine is known to break."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conformance.spec.clauses import CLAUSES, DATA, RETIRED, documents
from conformance.util.kinds import KINDS
from conformance.util.records import SpecError, parse_records, read_tables

REPRODUCTIONS = Path(__file__).parent / "reproductions"


@dataclass(frozen=True)
class Divergence:
    """A known violation of ``clause``.

    ``cases`` are patterns of case ids, such as ``strict/x[*]``; the only wildcard is ``*``.
    ``engines``, ``python`` and ``cloudpickle`` are version specifiers. Every such case fails with
    this ``kind``, and the error or value of the engine contains ``seen``. The script
    ``reproductions/ID.py`` shows the violation without the suite.
    """

    id: str
    clause: str
    cases: tuple[str, ...]
    engines: str
    kind: str
    reason: str
    introduced_by: str
    python: str = ""
    cloudpickle: str = ""
    seen: str = ""
    reported_as: str = ""

    def in_cell(self, cell: Mapping[str, str]) -> bool:
        """Return whether the violation is known on the versions of this cell."""
        limits = {
            "engine": self.engines,
            "python": self.python,
            "cloudpickle": self.cloudpickle,
        }
        if "engine" not in cell:  # without an engine version, `engines` cannot select
            del limits["engine"]
        return all(
            name in cell and SpecifierSet(limit).contains(cell[name], prereleases=True)
            for name, limit in limits.items()
            if limit
        )

    def covers(self, case: str) -> bool:
        """Return whether ``case`` matches one of the patterns."""
        return _any_of(self.cases).match(case) is not None

    def shows_in(self, kind: str, seen: str) -> bool:
        """Return whether a failure of ``kind`` with ``seen`` is the known failure."""
        return kind == self.kind and self.seen in seen

    @property
    def reproduction(self) -> Path:
        """The script that shows the violation: exit code 1 if it is there, 0 if it is fixed."""
        return REPRODUCTIONS / f"{self.id}.py"


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches the whole of a text that one of the patterns matches."""
    return re.compile("|".join(translate(one.replace("[", "[[]")) for one in patterns) or "(?!)")


@cache
def read_divergences(path: Path = DATA) -> Mapping[str, Divergence]:
    """Read the known divergences by id from a file, or from the chapters' files in a folder.

    Each is strict four ways: a run fails if an unlisted case fails, if a listed case passes, if a
    listed case fails with another kind or text, and if no case shows an entry.

    Raises ``SpecError`` for a malformed record, a duplicate id, an unknown clause or kind, an
    invalid specifier or, for the bundled files, a missing reproduction script.
    """
    found: dict[str, Divergence] = {}
    for file, entry in _entries(path):
        where = f"{file}: divergence {entry.id}"
        if entry.id in found:
            raise SpecError(f"{file}: duplicate divergence {entry.id}")
        if entry.clause not in CLAUSES:
            raise SpecError(f"{where}: unknown clause {entry.clause}{_replaced(entry.clause)}")
        if entry.kind not in KINDS:
            raise SpecError(f"{where}: unknown kind {entry.kind!r}; known: {', '.join(KINDS)}")
        try:
            for limit in (entry.engines, entry.python, entry.cloudpickle):
                SpecifierSet(limit)
        except InvalidSpecifier as error:
            raise SpecError(f"{where}: {error}") from error
        if path == DATA and not entry.reproduction.is_file():
            raise SpecError(f"{where}: the reproduction script {entry.reproduction} is missing")
        found[entry.id] = entry
    return found


def _replaced(clause: str) -> str:
    """Return the part of a message that names the clauses that replaced a retired one."""
    if clause not in RETIRED:
        return ""
    return f"; it is retired, replaced by {', '.join(RETIRED[clause].replaced_by) or 'none'}"


def _entries(path: Path) -> Iterator[tuple[Path, Divergence]]:
    """Yield the entries, each with its file."""
    if path.is_dir():
        files = [(file, tables) for file, tables, _ in documents(path)]
    else:
        files = [(path, read_tables(path, "divergence", "holds"))]
    for file, tables in files:
        for entry in parse_records(file, tables, "divergence", Divergence):
            yield file, entry


DIVERGENCES = read_divergences()
