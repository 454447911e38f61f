"""Verdicts as a run recorded them, whatever clauses its suite had: for a comparison of two runs.

``read_report`` computes the verdicts again from the clauses of this suite, and refuses what
differs. A run of last month had other clauses; its document says what it found.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.report.fields import unknown_clauses, wrong_fields
from conformance.report.file import report_of_document
from conformance.report.merged import MERGED, reports_of
from conformance.report.model import FAILED, KNOWN, SCHEMA, Outcome, Report, ReportError
from conformance.spec import CLAUSES, RETIRED
from conformance.util.input_file import read_text

JUDGED = ("pass", "fixed", "divergence", "warning", "fail")
UNJUDGED = ("incomplete", "not applicable")
"""The verdicts, and those that say nothing about a clause."""


@dataclass(frozen=True)
class State:
    """A verdict on a clause, and what it rests on.

    ``kinds`` are those of the cases that failed, ``known`` the divergences that showed. ``cases``
    are how many cases were judged, and ``failing`` how many of them failed; states are equal
    whatever their numbers.
    """

    verdict: str
    kinds: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    failing: int = field(default=0, compare=False)
    cases: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        """The state in a few words."""
        if self.verdict == "fixed" and self.known:
            return f"fixed in part, {', '.join(self.known)} still shows"
        found = self.kinds or self.known
        return f"{self.verdict} ({', '.join(found)})" if found else self.verdict


@dataclass
class RecordedCell:
    """The judged clauses of one cell, each with its state."""

    path: Path
    subject: str
    versions: Mapping[str, str]
    profile: str
    chapters: tuple[str, ...]
    incomplete: str
    """Why not all cases have a result; empty where they have."""
    stale: tuple[str, ...] = ()
    states: Mapping[str, State] = field(default_factory=dict)


@dataclass
class Recorded:
    """The cells of a run by name, and those without a report with the reason."""

    cells: dict[str, RecordedCell] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def read_recorded(paths: Iterable[Path]) -> Recorded:
    """Return the verdicts in these reports, merged documents and folders.

    Raises ``ReportError`` if one cannot be read or judged no clause, or if a cell comes twice.
    """
    found = Recorded()
    for path in paths:
        files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not files:
            raise ReportError(f"{path}: expected reports, found a folder without *.json")
        for file in files:
            for name, cell in _cells(file, found.missing):
                if name in found.cells:
                    other = found.cells[name].path
                    raise ReportError(f"{file}: the cell {name} has another report, in {other}")
                found.cells[name] = cell
    return found


def _cells(path: Path, missing: dict[str, str]) -> Iterator[tuple[str, RecordedCell]]:
    try:
        document: Any = json.loads(read_text(path))
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path}: not a complete report: {error}") from error
    schemas = (document.get("schema"), document.get("merged")) if type(document) is dict else ()
    try:
        if schemas == (SCHEMA, None):
            yield path.stem, _of_report(path, document)
        elif schemas == (None, MERGED):
            missing.update(document["missing"])
            yield from _of_merged(path, document)
        else:
            raise ReportError(
                f"{path}: expected a report of schema {SCHEMA} or a merged document of schema "
                f"{MERGED}; write it again with this dfpy-conformance"
            )
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ReportError(f"{path}: a field is missing or wrong: {error!r}") from error


def _of_report(path: Path, document: Mapping[str, Any]) -> RecordedCell:
    report = report_of_document(path, document)
    if not report.whole:
        raise ReportError(
            f"{path}: expected a run of whole chapters, found a partial run, which judged no "
            f"clause: only {report.planned} selected cases ran"
        )
    return _cell(path, report, document["clauses"])


def _of_merged(path: Path, document: Mapping[str, Any]) -> Iterator[tuple[str, RecordedCell]]:
    document = {"allow_fixed": False, **document}  # the first documents of this schema lack it
    for number, (name, report) in enumerate(reports_of(document)):
        for fault in wrong_fields(report):
            raise ReportError(f"{path}: {name}: {fault}")
        if not report.complete:
            raise ReportError(f"{path}: its parts contradict each other; merge the reports again")
        clauses = [one for one in document["verdicts"] if number in one["cells"]]
        yield name, _cell(path, report, clauses)


def _cell(path: Path, report: Report, clauses: Sequence[Mapping[str, Any]]) -> RecordedCell:
    done = report.planned - report.missing_outcomes
    return RecordedCell(
        path,
        report.subject,
        report.cell,
        report.profile,
        report.chapters,
        "" if report.complete else f"{done} of {report.planned} planned cases have a result",
        report.stale,
        dict(_states(path, report, _recorded(path, report, clauses))),
    )


def _recorded(
    path: Path, report: Report, clauses: Sequence[Mapping[str, Any]]
) -> Mapping[str, str]:
    """Return the verdicts by clause; raise ``ReportError`` if they contradict each other."""
    recorded = {one["clause"]: one["verdict"] for one in clauses}
    if len(recorded) < len(clauses):
        twice = Counter(one["clause"] for one in clauses).most_common(1)[0][0]
        raise ReportError(f"{path}: {twice}: it has two verdicts")
    known = {one.clause: one.divergences for one in report.verdicts(list(recorded))}
    for one in clauses:
        if "divergences" in one and tuple(one["divergences"]) != known[one["clause"]]:
            raise ReportError(f"{path}: {one['clause']}: its divergences contradict its cases")
    return recorded


def _states(path: Path, report: Report, recorded: Mapping[str, str]) -> Iterator[tuple[str, State]]:
    """Yield the state of each judged clause; raise ``ReportError`` if it contradicts the cases."""
    for fault in unknown_clauses(report, {*recorded, *CLAUSES, *RETIRED}):
        raise ReportError(f"{path}: {fault}")
    judged = {*report.judged}  # a case of another chapter may have passed
    for case in report.cases:
        if case.clause not in ("", *recorded) and (case.outcome != "pass" or case.clause in judged):
            raise ReportError(
                f"{path}: case {case.case}: {case.outcome} of {case.clause}, which has no verdict"
            )
    by_clause: dict[str, list[Outcome]] = {}
    for case in report.cases:
        by_clause.setdefault(case.clause, []).append(case)
    if lost := by_clause.get("", ()):  # a process died between two cases
        yield "", State("fail", tuple(sorted({case.kind for case in lost})), (), len(lost))
    for found in report.verdicts(list(recorded)):
        clause, verdict = found.clause, recorded[found.clause]
        if verdict not in (*JUDGED, *UNJUDGED):
            raise ReportError(f"{path}: {clause}: unknown verdict {verdict!r}")
        if verdict != found.verdict:
            raise ReportError(f"{path}: {clause}: its verdict contradicts its cases")
        if verdict not in UNJUDGED:
            outcomes = by_clause[clause]
            failed = [case for case in outcomes if case.outcome in FAILED]
            yield (
                clause,
                State(
                    verdict,
                    tuple(sorted({case.kind for case in failed})),
                    tuple(sorted({c.divergence for c in outcomes if c.outcome == KNOWN})),
                    len({case.case for case in failed}),
                    len({case.case for case in outcomes}),
                ),
            )
