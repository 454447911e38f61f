"""Which files of the suite a run on some chapters need not import."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from conformance.util.places import SUITE

VECTORS = SUITE / "vectors"
"""Cases whose parameters may name their clauses, in files of data."""

_CLAUSE = re.compile(r'"([A-Z]+)-\d+"')


def can_skip(path: Path, chapters: Sequence[str]) -> bool:
    """Return whether a file is the suite's and names clauses, but none of these chapters."""
    if not chapters or not path.name.startswith("test_"):
        return False
    if SUITE not in path.parents or VECTORS in path.parents:
        return False
    named = _chapters_named(path)
    return bool(named) and named.isdisjoint(chapters)


@cache
def _chapters_named(path: Path) -> frozenset[str]:
    """Return the chapters of the clauses that a file names."""
    return frozenset(_CLAUSE.findall(path.read_text(encoding="utf-8")))
