"""The promises under test and the breaches that are known: data, and its readers."""

from conformance.spec.clauses import CLAUSES, Clause, clauses
from conformance.spec.divergences import DIVERGENCES, Divergence, divergences

__all__ = ["CLAUSES", "DIVERGENCES", "Clause", "Divergence", "clauses", "divergences"]
