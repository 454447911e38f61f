"""Which files a run imports, which cases it judges, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

import pytest

from conformance.runner.beside import job_of
from conformance.runner.marks import clause_of, marks_of, needs_of
from conformance.runner.outcomes import ResultCollector
from conformance.spec import CLAUSES
from conformance.subjects.codec import OPERATIONS
from conformance.subjects.interface import CAPABILITIES, DECISIONS
from conformance.util.places import SUITE

PACKAGES = ("joblib", "ray", "distributed", "hypothesis")
"""Optional packages that clauses may need."""

KNOWN_NEEDS = {*CAPABILITIES, *OPERATIONS, *PACKAGES, DECISIONS}
"""What a case may need."""

VECTORS = "conformance.suite.vectors."
"""The modules of the cases that can judge a program: they run no UDF."""

FORBIDDEN_MARKERS = ("skip", "skipif", "xfail")
"""Forbidden markers: a case runs, or its failure is a known divergence."""

_CLAUSE = re.compile(r'"([A-Z]+)-\d+"')


def cases_of(items: Iterable[pytest.Item]) -> dict[pytest.Item, str]:
    """Return the items that are cases, each with its clause."""
    found = ((item, clause_of(item)) for item in items)
    return {item: clause for item, clause in found if clause is not None}


def check_markers(cases: Mapping[pytest.Item, str]) -> None:
    """Raise ``pytest.UsageError`` for a case with an unknown clause, capability or marker."""
    for item, clause in cases.items():
        if clause not in CLAUSES:
            raise pytest.UsageError(f"{item.nodeid}: unknown clause {clause!r}")
        for name in filter(partial(marks_of, item), FORBIDDEN_MARKERS):
            raise pytest.UsageError(f"{item.nodeid}: a case must not be marked with {name}")
        for capability in needs_of(item) - KNOWN_NEEDS:
            raise pytest.UsageError(f"{item.nodeid}: unknown capability {capability!r}")


def find_unjudged(
    cases: Mapping[pytest.Item, str], results: ResultCollector, *, of_program: bool
) -> set[pytest.Item]:
    """Return the cases that this run cannot or need not judge; tell the results of the former.

    ``of_program``: the subject is a program, which only vectors can judge.
    """
    absent = {
        item
        for item in cases
        if results.is_not_applicable(item) or (of_program and not _module(item).startswith(VECTORS))
    }
    others = {clause for item, clause in cases.items() if item not in absent}
    without = {cases[item] for item in absent} - others
    results.mark_not_applicable(without, [item.nodeid for item in absent])
    if of_program:
        results.mark_not_applicable({*CLAUSES} - others)
    judged = set(results.report.judged) - results.absent
    return absent | {item for item, clause in cases.items() if clause not in judged}


def turn(item: pytest.Item) -> tuple[bool, bool]:
    """Return the key by which the items of a run are sorted.

    What waits for a job runs late. Cases that kill their process run last: no other case must
    wait for a new child.
    """
    return bool(marks_of(item, "deadly")), job_of(item) is not None


def _module(item: pytest.Item) -> str:
    return item.module.__name__ if isinstance(item, pytest.Function) else ""


def can_skip(path: Path, chapters: Sequence[str]) -> bool:
    """Return whether a file is the suite's and names clauses, but none of these chapters.

    The parameters of cases on vectors may name their clauses in files of data.
    """
    if not chapters or not path.name.startswith("test_"):
        return False
    if SUITE not in path.parents or SUITE / "vectors" in path.parents:
        return False
    named = _chapters_named(path)
    return bool(named) and named.isdisjoint(chapters)


@cache
def _chapters_named(path: Path) -> frozenset[str]:
    """Return the chapters of the clauses that a file names."""
    return frozenset(_CLAUSE.findall(path.read_text(encoding="utf-8")))
