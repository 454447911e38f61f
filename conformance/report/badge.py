"""The verdict on a run as a badge: the JSON of an endpoint for shields.io."""

from __future__ import annotations

from typing import Any

from conformance.report.doubts import own_divergences
from conformance.report.summary import Summary
from conformance.util.exit_codes import ExitCode

LABEL = "dfpy-conformance"


def badge(summary: Summary) -> dict[str, Any]:
    """Return label, message and color; red unless every planned clause is as it is known.

    Where only a list of the run knows how an engine diverges, it is yellow.
    """
    message, color = _message(summary)
    return {"schemaVersion": 1, "label": LABEL, "message": message, "color": color}


def _message(summary: Summary) -> tuple[str, str]:
    verdicts = {
        clause: {column.verdicts.get(clause, "") for column in summary.columns} - {""}
        for clause in summary.judged
    }
    applicable = {
        clause: found - {"not applicable"}
        for clause, found in verdicts.items()
        if found != {"not applicable"}
    }
    of = f" of {summary.scope}" if summary.scope else ""
    holding = sum(found <= {"pass", "fixed"} for found in applicable.values())
    if summary.code is ExitCode.PARTIAL:
        return "partial run, no verdict", "lightgrey"
    if summary.code is not ExitCode.OK:
        failing = sum("fail" in found for found in applicable.values())
        if failing:
            return f"{failing} of {len(applicable)} clauses{of} fail", "red"
        return "failed", "red"
    if own_divergences(summary.reports):
        return f"{holding} of {len(applicable)} clauses{of} hold, others by its own list", "yellow"
    as_known = "" if holding == len(applicable) else ", others as known"
    color = "brightgreen" if holding == len(applicable) else "green"
    return f"{holding} of {len(applicable)} clauses{of} hold{as_known}", color
