"""Divergences: promises that a released engine is known to break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import chain
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from conformance.spec.clauses import CLAUSES, DATA, RETIRED
from conformance.spec.kinds import KINDS
from conformance.spec.toml import SpecError, document, records

REPRODUCTIONS = Path(__file__).parent / "reproductions"


@dataclass(frozen=True)
class Divergence:
    """A known breach of ``clause``.

    ``cases`` are patterns of case ids (``strict/x[*]``, with ``*`` alone as
    wildcard), ``engines``, ``python`` and ``cloudpickle`` are version
    specifiers. Every such case fails with this ``kind``, and with ``seen`` in what the
    engine itself raised or returned. The script ``reproductions/ID.py`` shows the breach alone.
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
        """Return whether the breach is known on the versions of this cell."""
        limits = {
            "engine": self.engines,
            "python": self.python,
            "cloudpickle": self.cloudpickle,
        }
        if "engine" not in cell:  # a subject without a version cannot be selected by it
            del limits["engine"]
        return all(
            name in cell and SpecifierSet(limit).contains(cell[name], prereleases=True)
            for name, limit in limits.items()
            if limit
        )

    def covers(self, case: str) -> bool:
        """Return whether ``case`` is one of those that show the breach."""
        return any(fnmatchcase(case, pattern.replace("[", "[[]")) for pattern in self.cases)

    def shows_in(self, kind: str, seen: str) -> bool:
        """Return whether a failure of ``kind`` with ``seen`` is the known one."""
        return kind == self.kind and self.seen in seen

    @property
    def reproduction(self) -> Path:
        """The script that shows the breach: exit code 1 where it is there, 0 where it is fixed."""
        return REPRODUCTIONS / f"{self.id}.py"


@cache
def divergences(path: Path = DATA) -> Mapping[str, Divergence]:
    """All known divergences by id: of a file, or of ``divergences-*.toml`` in a folder.

    Each is strict four ways: a case that fails though it is not listed, one
    that passes though it is, one that fails with another message, and an entry
    that no case showed, all fail.

    Raises ``SpecError`` for a wrong record, a duplicate id, a clause
    that there is not, a specifier that cannot be read, and, of the
    engine's own, a script that is missing.
    """
    found: dict[str, Divergence] = {}
    files = sorted(path.glob("divergences-*.toml")) if path.is_dir() else [path]
    for file, entry in chain.from_iterable(map(_entries, files)):
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
            raise SpecError(f"{where}: the script {entry.reproduction} is missing")
        found[entry.id] = entry
    return found


def _replaced(clause: str) -> str:
    """Describe what replaced a retired clause."""
    if clause not in RETIRED:
        return ""
    return f"; it is retired, replaced by {', '.join(RETIRED[clause].replaced_by) or 'none'}"


def _entries(path: Path) -> Iterator[tuple[Path, Divergence]]:
    found = document(path, "divergence")
    return ((path, entry) for entry in records(path, found, "divergence", Divergence))


DIVERGENCES = divergences()
