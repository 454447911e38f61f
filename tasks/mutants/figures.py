"""The figures of a run, and its report as text and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from tasks.mutants.equivalent import Entry, unneeded
from tasks.mutants.verdicts import Verdict

SCHEMA = 1


class Figures:
    """The verdicts of a run against the entries that are written down."""

    def __init__(
        self, verdicts: Sequence[Verdict], known: Sequence[Entry], outside: Sequence[str]
    ) -> None:
        self.verdicts = verdicts
        self.known = known
        self.outside = outside

    def entry(self, verdict: Verdict) -> Entry | None:
        """Return the entry that is about a survivor, the first one."""
        return next((one for one in self.known if one.covers(verdict.target.name)), None)

    @property
    def survivors(self) -> list[Verdict]:
        return [one for one in self.verdicts if not one.killed]

    @property
    def unknown(self) -> list[Verdict]:
        """The survivors that are not written down."""
        return [one for one in self.survivors if self.entry(one) is None]

    @property
    def unneeded(self) -> list[str]:
        survived = [one.target.name for one in self.survivors]
        return unneeded(self.known, survived, [one.target.name for one in self.verdicts])

    @property
    def ok(self) -> bool:
        return not self.unknown and not self.unneeded

    def counts(self) -> Mapping[str, int]:
        """Return how many mutants there are of each kind."""
        found = Counter(
            entry.kind if (entry := self.entry(one)) else "survived" for one in self.survivors
        )
        return {
            "mutants": len(self.verdicts),
            "killed": sum(one.killed for one in self.verdicts),
            **{kind: found[kind] for kind in ("survived", "open", "equivalent", "not-promised")},
            "functions out of scope": len(self.outside),
        }

    @property
    def score(self) -> float:
        """Return the killed mutants as a share of those that somebody could notice."""
        counts = self.counts()
        judged = counts["killed"] + counts["survived"] + counts["open"]
        return counts["killed"] / judged if judged else 1.0

    def show(self, console: Console) -> None:
        """Print survivors that are not written down, entries without need, and the figures."""
        for one in self.unknown:
            ran = f"{one.cases} cases" if one.target.is_reached else "no case executes it"
            console.print(f"[red]survived[/] {one.target.name} ({ran})", highlight=False)
            console.out(f"    {one.target.place}: {one.target.shows}")
        for pattern in self.unneeded:
            console.print(f"[red]no longer needed[/] {pattern}", highlight=False)
        counts = ", ".join(f"{number} {kind}" for kind, number in self.counts().items())
        console.print(f"{counts}; score {self.score:.1%}", highlight=False)

    def document(self) -> Mapping[str, Any]:
        """Return the report as data."""
        return {
            "schema": SCHEMA,
            "ok": self.ok,
            "figures": self.counts(),
            "score": round(self.score, 4),
            "unneeded": self.unneeded,
            "outside": list(self.outside),
            "mutants": [self._verdict(one) for one in self.verdicts],
        }

    def _verdict(self, one: Verdict) -> Mapping[str, Any]:
        entry = None if one.killed else self.entry(one)
        return record(one) | ({"verdict": entry.kind, "reason": entry.reason} if entry else {})


def record(one: Verdict) -> dict[str, Any]:
    """Return a verdict as data."""
    return {
        "mutant": one.target.name,
        "place": one.target.place,
        "shows": one.target.shows,
        "verdict": "killed" if one.killed else "survived",
        "reached": one.target.is_reached,
        "cases": one.cases,
        "by": one.by.case.id if one.by else "",
        "outcome": one.by.outcome if one.by else "broken" if one.broken else "",
        "message": one.by.failure.message if one.by and one.by.failure else one.broken,
    }
