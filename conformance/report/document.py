"""The verdict on a run as JSON values, as `table --json` prints it."""

from __future__ import annotations

from typing import Any

from conformance.report.counts import counts
from conformance.report.problems import Commands, problems, verdict
from conformance.report.sentences import sentences
from conformance.report.summary import Summary


def document(summary: Summary, commands: Commands) -> dict[str, Any]:
    """Return the verdict, the problems, the counts of each cell, and the verdicts of clauses.

    ``commands`` run failed cases again.
    """
    fields = ("title", "cells", "text", "clauses", "command", "advice")
    return {
        "verdict": verdict(summary),
        "exit_code": summary.code,
        "problems": [
            {name: getattr(problem, name) for name in fields}
            for problem in problems(summary, commands)
        ],
        "cells": [
            {"title": one.title, "cases": one.cases, "clauses": one.verdicts}
            for one in counts(summary)
        ],
        "verdicts": {
            clause: {
                cell: column.verdicts[clause]
                for column in summary.columns
                for cell in column.cells
                if clause in column.verdicts
            }
            for clause in summary.judged
        },
        "divergences": [one.name for one in summary.divergences()],
        "remarks": [*summary.remarks()],
        "sentences": [*sentences(summary)],
    }
