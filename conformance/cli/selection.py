"""Select clauses and divergences by the options of a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.spec import Clause, Divergence


@dataclass(frozen=True)
class Wanted:
    """The choice of clauses and divergences; an empty field selects all."""

    engine: str = ""
    chapter: str = ""
    severity: str = ""
    text: str = ""
    profile: str = ""
    needs: str = ""

    def selects_clause(self, clause: Clause) -> bool:
        """Return whether a clause has all that is wanted."""
        from packaging.version import Version

        words = f"{clause.id} {clause.title} {clause.requirement} {clause.rationale}"
        return (
            (not self.engine or clause.applies_to(Version(self.engine)))
            and self.chapter in ("", clause.chapter)
            and self.severity in ("", clause.severity)
            and self.profile in ("", clause.profile)
            and (not self.needs or _is_judged_by(self.needs, clause))
            and self.text.lower() in words.lower()
        )

    def selects_divergence(self, divergence: Divergence) -> bool:
        """Return whether a known divergence has all that is wanted."""
        from conformance.explain.verdicts import breaks_on
        from conformance.spec import CLAUSES

        clause = CLAUSES[divergence.clause]
        words = f"{divergence.id} {divergence.reason} {divergence.seen} {clause.title}"
        return (
            (not self.engine or breaks_on(divergence, self.engine))
            and self.chapter in ("", clause.chapter)
            and self.severity in ("", clause.severity)
            and self.text.lower() in words.lower()
        )


def _is_judged_by(capability: str, clause: Clause) -> bool:
    from conformance.explain.index import clauses_that_need

    return clause.id in clauses_that_need(capability)
