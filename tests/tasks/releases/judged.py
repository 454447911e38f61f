"""Judged releases, made by hand."""

from __future__ import annotations

from conformance.matrix import Matrix
from conformance.report.model import Report
from tasks.releases.difference import Differences
from tasks.releases.divergences import changes
from tasks.releases.judge import Judged
from tasks.releases.newer import Newer


def newer(matrix: Matrix, why: str = "") -> Newer:
    """A cloudpickle that the table lacks."""
    return Newer(
        "cloudpickle",
        "cloudpickle",
        "3.2.0",
        "3.1.0",
        "in `cloudpickles`",
        '"3.2.0",',
        matrix,
        why,
    )


def judged(matrix: Matrix, report: Report, differences: Differences | None = None) -> Judged:
    """That cloudpickle, judged with this report."""
    return Judged(newer(matrix), report=report, changes=changes(report), differences=differences)
