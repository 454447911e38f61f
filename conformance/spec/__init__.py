"""The promises under test and the breaches that are known: data, and its readers."""

from conformance.spec.clauses import CHAPTERS, CLAUSES, RETIRED, Chapter, Clause, clauses
from conformance.spec.divergences import DIVERGENCES, Divergence, divergences

__all__ = [
    "CHAPTERS",
    "CLAUSES",
    "DIVERGENCES",
    "RETIRED",
    "Chapter",
    "Clause",
    "Divergence",
    "clauses",
    "divergences",
]
