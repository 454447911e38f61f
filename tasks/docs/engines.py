"""The table of released engines with their verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.version import Version

from conformance.explain.verdicts import breaks_on
from conformance.golden.refusals import UNRECORDED
from conformance.matrix import read
from conformance.spec import CLAUSES, DIVERGENCES
from conformance.spec.clauses import SEVERITIES
from conformance.subjects.codec import OPERATIONS

ONLY_ON_CLUSTERS = ("ray", "distributed")
"""The packages without which a clause is judged by ``nox -s clusters`` alone."""


@dataclass(frozen=True)
class Verdict:
    """The clauses that apply to a released engine on the gate, and those that it breaks.

    Known divergences are strict: where the main job passes, an engine breaks exactly the clauses
    that have one.
    """

    engine: str
    applicable: frozenset[str]
    broken: frozenset[str]

    @property
    def severities(self) -> Mapping[str, int]:
        """The number of broken clauses by severity, the worst first."""
        counts = dict.fromkeys(SEVERITIES, 0)
        for clause in self.broken:
            counts[CLAUSES[clause].severity] += 1
        return {name: number for name, number in counts.items() if number}


def verdicts() -> list[Verdict]:
    """Return the verdict on each released engine, the newest first."""
    found = []
    for engine in reversed(read().engines):
        applicable = {
            clause.id
            for clause in CLAUSES.values()
            if clause.applies_to(Version(engine))
            and clause.needs not in (*ONLY_ON_CLUSTERS, *OPERATIONS, UNRECORDED)
        }
        broken = {entry.clause for entry in DIVERGENCES.values() if breaks_on(entry, engine)}
        found.append(Verdict(engine, frozenset(applicable), frozenset(broken & applicable)))
    return found


def table() -> str:
    """Return the table as Markdown."""
    rows = [
        f"| {one.engine} | {len(one.applicable)} | {len(one.applicable - one.broken)} | "
        f"{len(one.broken)} | "
        + ", ".join(f"{number} {name}" for name, number in one.severities.items())
        + " |"
        for one in verdicts()
    ]
    head = "| datafusion | clauses that apply | hold | broken | what the broken ones cost |"
    return "\n".join([head, "| --- | ---: | ---: | ---: | --- |", *rows, ""])
