"""Verdicts as a run recorded them, whatever clauses its suite had: for a comparison of two runs.

``Report.read`` computes the verdicts again from the clauses of this suite, and refuses what
differs. A run of last month had other clauses; its document says what it found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.report.merged import MERGED
from conformance.report.model import FAILED, KNOWN, SCHEMA, ReportError

JUDGED = ("pass", "fixed", "divergence", "warning", "fail")
UNJUDGED = ("incomplete", "not applicable")
"""The verdicts, and those that say nothing about a clause."""


@dataclass(frozen=True)
class State:
    """A verdict on a clause, and what it rests on.

    ``kinds`` are those of the cases that failed, ``known`` the divergences that showed.
    """

    verdict: str
    kinds: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

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
    engine: str
    profile: str
    chapters: tuple[str, ...]
    incomplete: str
    """Why not all cases have a result; empty where they have."""
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
        document: Any = json.loads(path.read_text(encoding="utf-8"))
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
    if not document["whole"]:
        raise ReportError(
            f"{path}: expected a run of whole chapters, found a partial run, which judged no "
            f"clause: only {document['planned']} selected cases ran"
        )
    done = len({case["case"] for case in document["cases"]})
    short = f"{done} of {document['planned']} planned cases have a result"
    return RecordedCell(
        path,
        document["subject"],
        document["cell"].get("engine", ""),
        document["profile"],
        tuple(document["chapters"]),
        "" if document["complete"] else short,
        dict(_states(path, document["clauses"], document["cases"])),
    )


def _of_merged(path: Path, document: Mapping[str, Any]) -> Iterator[tuple[str, RecordedCell]]:
    for number, entry in enumerate(document["cells"]):
        clauses = [one for one in document["verdicts"] if number in one["cells"]]
        cases = [
            {**one, "case": case}
            for one in document["outcomes"]
            if number in one["cells"]
            for case in one["cases"]
        ]
        yield (
            entry["name"],
            RecordedCell(
                path,
                document["subject"],
                entry["cell"].get("engine", ""),
                document["profile"],
                tuple(entry["chapters"]),
                "",
                dict(_states(path, clauses, cases)),
            ),
        )


def _states(
    path: Path, clauses: Sequence[Mapping[str, Any]], cases: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, State]]:
    by_clause: dict[str, list[Mapping[str, Any]]] = {}
    for case in cases:
        by_clause.setdefault(case["clause"], []).append(case)
    if lost := by_clause.get("", ()):  # a process died between two cases
        yield "", State("fail", tuple(sorted({case["kind"] for case in lost})))
    for one in clauses:
        outcomes = by_clause.get(one["clause"], [])
        failed = [case for case in outcomes if case["outcome"] in FAILED]
        if bool(failed) != (one["verdict"] == "fail"):
            raise ReportError(f"{path}: {one['clause']}: its verdict contradicts its cases")
        if one["verdict"] not in (*JUDGED, *UNJUDGED):
            raise ReportError(f"{path}: {one['clause']}: unknown verdict {one['verdict']!r}")
        if one["verdict"] not in UNJUDGED:
            yield (
                one["clause"],
                State(
                    one["verdict"],
                    tuple(sorted({case["kind"] for case in failed})),
                    tuple(sorted({c["divergence"] for c in outcomes if c["outcome"] == KNOWN})),
                ),
            )
