"""The cases of a page, as JSON values: the page makes their rows when a clause is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.report.gather import Gathered
from conformance.report.merged import group_cells
from conformance.report.summary import Summary
from conformance.spec import CLAUSES

_OF_CLAUSE = (
    *("requirement", "rationale", "level", "severity", "basis", "profile", "since", "needs"),
    *("source", "link"),
)


def case_data(summary: Summary, found: Gathered) -> Mapping[str, Any]:
    """Return all that the page shows of clauses and cases on request.

    Outcomes that are equal in several cells are there once: ``[clause, outcome, divergence, kind,
    message, cells, cases]``, with the cells as indices of ``cells``. ``evidence`` is by case:
    ``[cells, expected, seen, command]`` for each different one.
    """
    names = list(summary.reports)
    outcomes = group_cells(
        ((case.clause, case.outcome, case.divergence, case.kind, case.message), case.case, number)
        for number, report in enumerate(summary.reports.values())
        for case in report.cases
    )
    return {
        "cells": names,
        "engines": [
            f"{report.subject} {report.cell.get('engine', '')}".strip()
            for report in summary.reports.values()
        ],
        "clauses": {
            clause: {field: getattr(CLAUSES[clause], field) for field in _OF_CLAUSE}
            for clause in summary.judged
        },
        "outcomes": [[*shared, list(cells), cases] for shared, cells, cases in outcomes],
        "evidence": _evidence(names, found),
    }


def _evidence(names: list[str], found: Gathered) -> Mapping[str, list[list[Any]]]:
    """Return what each failed case expected and saw, with a command that runs it again."""
    by_case: dict[str, dict[tuple[str, str], list[Any]]] = {}
    for number, name in enumerate(names):
        evidence, commands = found.evidence.get(name, {}), found.commands.get(name, {})
        for case in dict.fromkeys([*evidence, *commands]):
            shown = evidence.get(case, {})
            texts = (shown.get("expected", ""), shown.get("seen", ""))
            entry = [[], *texts, commands.get(case, "")]
            by_case.setdefault(case, {}).setdefault(texts, entry)[0].append(number)
    return {case: list(entries.values()) for case, entries in by_case.items()}
