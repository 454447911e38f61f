"""Clauses and known divergences: data, and the modules that read it."""

from conformance.spec.clauses import CHAPTERS, CLAUSES, RETIRED, Chapter, Clause, read_clauses
from conformance.spec.divergences import DIVERGENCES, Divergence, read_divergences

__all__ = [
    "CHAPTERS",
    "CLAUSES",
    "DIVERGENCES",
    "RETIRED",
    "Chapter",
    "Clause",
    "Divergence",
    "read_clauses",
    "read_divergences",
]
