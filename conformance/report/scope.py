"""Which part of the spec the clauses of a run are, in words."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.report.model import Report
from conformance.spec import CHAPTERS

_NAMED = 5
"""How many chapters are named; more are counted."""


def scope(reports: Iterable[Report]) -> str:
    """Return the chapters and the profile that were judged, such as ``chapter TOGGLE``.

    It is empty where any report judges all chapters in both profiles.
    """
    reports = list(reports)
    judged = {chapter for report in reports for chapter in report.chapters or CHAPTERS}
    chapters = [chapter for chapter in CHAPTERS if chapter in judged]
    profiles = {report.profile for report in reports}
    parts = []
    if len(chapters) == 1:
        parts.append(f"chapter {chapters[0]}")
    elif len(chapters) <= _NAMED:
        parts.append(f"chapters {', '.join(chapters)}")
    elif len(chapters) < len(CHAPTERS):
        parts.append(f"{len(chapters)} of {len(CHAPTERS)} chapters")
    if len(profiles) == 1 and "" not in profiles:
        parts.append(f"profile {profiles.pop()}")
    return " in ".join(parts)
