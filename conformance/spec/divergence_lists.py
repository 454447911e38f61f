"""Several lists of known divergences as one: a subject's own files, and those of the engines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.spec.clauses import DATA
from conformance.spec.divergences import Divergence, read_divergences
from conformance.util.records import SpecError, parse_records, read_tables

ENGINES = "engines"
"""The name of the released engines' own list, in the place of a file."""


@dataclass(frozen=True)
class Holds:
    """A divergence of another list that this subject does not have: ``[[holds]]`` in its file."""

    id: str
    reason: str


def read_lists(names: Iterable[str]) -> Mapping[str, Divergence]:
    """Return the divergences of all lists by id; a list is a file, or ``engines``.

    Files come before the engines' list, so that their entries apply first. An entry that a
    ``[[holds]]`` of a file names is left out.

    Raises ``SpecError``: what ``read_divergences`` raises, an id that two lists have, a ``holds``
    of an entry that no list has.
    """
    given = dict.fromkeys(names)
    files = [Path(name) for name in given if name != ENGINES]
    found: dict[str, Divergence] = {}
    for path in [*files, *([DATA] if ENGINES in given else [])]:
        entries = read_divergences(path)
        if twice := sorted(found.keys() & entries.keys()):
            raise SpecError(f"{path}: duplicate divergence {twice[0]}: it is in another list, too")
        found.update(entries)
    for path in files:
        tables = read_tables(path, "divergence", "holds")
        for entry in parse_records(path, tables, "holds", Holds):
            if found.pop(entry.id, None) is None:
                hint = "" if ENGINES in given else f"; `--divergences {ENGINES}` adds the engines'"
                raise SpecError(f"{path}: holds {entry.id}: no list has this divergence{hint}")
    return found
