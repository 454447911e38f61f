"""Clauses: one promise each, with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.version import Version

from conformance.spec.toml import SpecError, records

DATA = Path(__file__).parent / "data"
LEVELS = ("MUST", "SHOULD")


@dataclass(frozen=True)
class Clause:
    """One promise.

    ``level`` is MUST or SHOULD, ``since`` the first engine version that makes
    it, ``source`` where it is made (a docstring, the guide, a pull request).
    ``needs`` is the part without which there is nothing to judge: one of the
    subject's own, such as ``plans``, or an installed package, such as ``joblib``.
    """

    id: str
    level: str
    text: str
    source: str
    since: str = "54.0.0"
    needs: str = ""

    @property
    def chapter(self) -> str:
        """The part of the id before the number, such as ``STRICT``."""
        return self.id.rpartition("-")[0]

    def applies_to(self, engine: Version) -> bool:
        """Whether ``engine`` makes this promise; a development version counts as its release."""
        return Version(engine.base_version) >= Version(self.since)


@cache
def clauses(folder: Path = DATA) -> Mapping[str, Clause]:
    """All clauses in ``folder/clauses-*.toml`` by id, in the order of the files.

    Raises ``SpecError`` for a record that is wrong and for an id that stands twice.
    """
    found: dict[str, Clause] = {}
    for path in sorted(folder.glob("clauses-*.toml")):
        for clause in records(path, "clause", Clause):
            if clause.id in found:
                raise SpecError(f"{path}: clause {clause.id} stands twice")
            if clause.level not in LEVELS:
                raise SpecError(f"{path}: clause {clause.id}: level is none of {LEVELS}")
            found[clause.id] = clause
    return found


CLAUSES = clauses()
