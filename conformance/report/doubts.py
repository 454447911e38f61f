"""Doubts beside a verdict: a run that may count twice, divergences of a list of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from conformance.matrix import ENGINE
from conformance.report.model import KNOWN, Outcome, Report
from conformance.spec import DIVERGENCES

MOST = 3
"""How many cells or divergences are named; of more, their number is given."""


def doubts(reports: Mapping[str, Report]) -> Iterator[str]:
    """Yield a sentence for each doubt about normalized reports, which are by cell."""
    for names in _alike(reports):
        yield (
            f"{_few(names)} have the same versions and the same results: if they are one run under "
            "several names, it counts several times."
        )
    if own := own_divergences(reports):
        cells = list(dict.fromkeys(cell for found in own.values() for cell in found))
        yield (
            f"Not among the known divergences of the engines, but in a list that the run was "
            f"given: {_few(list(own))}, in {_few(cells)}."
        )


def own_divergences(reports: Mapping[str, Report]) -> Mapping[str, list[str]]:
    """Return the divergences of engines that are not recorded of their clause, with their cells.

    Such a run had another list, with ``--divergences``; only it knows them. All of another
    subject are of a list of its own.
    """
    found: dict[str, list[str]] = {}
    for cell, report in reports.items():
        if report.subject == ENGINE:
            known = (case for case in report.cases if case.outcome == KNOWN)
            own = {case.divergence for case in known if not _is_recorded(case)}
            for name in sorted(own):
                found.setdefault(name, []).append(cell)
    return found


def _is_recorded(case: Outcome) -> bool:
    entry = DIVERGENCES.get(case.divergence)
    return entry is not None and entry.clause == case.clause


def _few(names: Sequence[str]) -> str:
    rest = len(names) - MOST
    return f"{', '.join(names[:MOST])} and {rest} more" if rest > 0 else ", ".join(names)


def _alike(reports: Mapping[str, Report]) -> Iterator[list[str]]:
    """Yield the names of reports that are equal."""
    found: list[list[str]] = []
    for name, report in reports.items():
        same = next((names for names in found if reports[names[0]] == report), None)
        if same is None:
            found.append([name])
        else:
            same.append(name)
    yield from (names for names in found if len(names) > 1)
