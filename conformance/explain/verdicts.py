"""Find the released engines that keep a clause, and those that break it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from packaging.version import Version

from conformance.matrix import GATE, read
from conformance.spec import CLAUSES, DIVERGENCES, Clause, Divergence
from conformance.spec.clauses import SEVERITIES
from conformance.subjects.codec import OPERATIONS


def divergences_of(clause: str) -> list[Divergence]:
    """Return the known divergences from a clause."""
    return [one for one in DIVERGENCES.values() if one.clause == clause]


@cache
def breaks_on(divergence: Divergence, engine: str) -> bool:
    """Return whether a divergence shows in a cell of the gate with this engine."""
    cells = (cell for cell in read().cells(GATE) if cell.version == engine)
    return any(divergence.in_cell(cell.claim) for cell in cells)


def by_engine(clause: Clause) -> Iterator[tuple[str, str]]:
    """Yield each released engine, the newest first, with ``holds``, ``diverges`` or ``n/a``.

    Not applicable are a promise that is newer than the engine, and a clause about an operation of
    programs, which no engine offers.
    """
    known = divergences_of(clause.id)
    for engine in reversed(read().engines):
        if not clause.applies_to(Version(engine)) or clause.needs in OPERATIONS:
            yield engine, "n/a"
        else:
            broken = any(breaks_on(one, engine) for one in known)
            yield engine, "diverges" if broken else "holds"


def since_when(divergence: Divergence) -> Sequence[str]:
    """Return the released engines that show a divergence, the oldest first."""
    return [engine for engine in read().engines if breaks_on(divergence, engine)]


def by_severity(divergences: Sequence[Divergence]) -> list[Divergence]:
    """Return divergences with the worst severity first, and else in the order of the spec."""
    return sorted(divergences, key=lambda one: SEVERITIES.index(CLAUSES[one.clause].severity))
