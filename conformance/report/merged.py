"""The reports of many cells as one document; equal runs give equal bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.report.fields import unknown_clauses, wrong_fields
from conformance.report.model import Outcome, Report, ReportError
from conformance.report.summary import Summary
from conformance.spec import CLAUSES
from conformance.util import atomic
from conformance.util.json_text import json_text

MERGED = 3
"""The version of the document; increases when a field changes its meaning or is removed."""

SAME = ("suite", "subject", "profile", "goldens", "allow_fixed")
"""The fields that all reports share."""

_START = b'{\n"merged": '
_LISTS = ("chapters", "not_applicable", "stale")
_OUTCOME_FIELDS = ("clause", "outcome", "divergence", "kind", "message")


@dataclass
class Merged:
    """Complete, normalized reports by cell, which share the fields in ``SAME``.

    ``missing`` cells have no report, with the reason. In the document, equal outcomes of
    several cells appear once, with the indices of these cells in the list ``cells``. The
    ``verdicts`` follow from the ``outcomes``.
    """

    reports: Mapping[str, Report]
    missing: Mapping[str, str] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write the document atomically."""
        parts = []
        for name, value in self._document().items():
            text = _line(value)
            if isinstance(value, list):  # one record per line, so that a diff shows whole records
                text = "[\n" + ",\n".join(map(_line, value)) + "\n]"
            parts.append(f"{_line(name)}: {text}")
        atomic.write(path, ("{\n" + ",\n".join(parts) + "\n}\n").encode())

    @staticmethod
    def is_merged(data: bytes) -> bool:
        """Return whether the content of a file begins like a merged document."""
        return data.startswith(_START)

    @classmethod
    def parse(cls, path: Path, data: bytes) -> Merged:
        """Return the document that is the content of ``path``.

        Raises ``ReportError`` if it is truncated, has another schema or is inconsistent.
        """
        try:
            document: dict[str, Any] = json.loads(data.decode())
        except (ValueError, RecursionError) as error:
            raise ReportError(f"{path}: not a complete document: {error}") from error
        schema = document["merged"]
        if schema != MERGED:
            raise ReportError(
                f"{path}: merged document: expected schema {MERGED}, found {schema!r}"
            )
        document.setdefault("allow_fixed", False)  # the first documents of this schema lack it
        try:
            merged = cls(dict(reports_of(document)), document["missing"])
            for name, report in merged.reports.items():
                own = report.suite == __version__  # another one has other clauses
                unknown = unknown_clauses(report, CLAUSES) if own else ()
                for fault in chain(wrong_fields(report), unknown):
                    raise ReportError(f"{path}: {name}: {fault}")
            same = merged._document() == document
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            raise ReportError(f"{path}: a field is missing or wrong: {error!r}") from error
        if not same:
            raise ReportError(f"{path}: its parts contradict each other; merge the reports again")
        return merged

    def _document(self) -> dict[str, Any]:
        names = sorted(self.reports)
        reports = [self.reports[name] for name in names]
        verdicts = group_cells(
            ((verdict.clause, verdict.verdict), "", number)
            for number, report in enumerate(reports)
            for verdict in report.verdicts()
        )
        outcomes = group_cells(
            (
                (case.clause, case.outcome, case.divergence, case.kind, case.message),
                case.case,
                number,
            )
            for number, report in enumerate(reports)
            for case in report.cases
        )
        return {
            "merged": MERGED,
            **{name: getattr(reports[0], name) for name in SAME},
            "good": Summary(self.reports).good,
            "missing": {name: self.missing[name] for name in sorted(self.missing)},
            "cells": [
                {
                    "name": name,
                    "cell": dict(report.cell),
                    "planned": report.planned,
                    **{part: list(getattr(report, part)) for part in _LISTS},
                }
                for name, report in zip(names, reports, strict=True)
            ],
            "verdicts": [
                {"clause": clause, "verdict": verdict, "cells": list(cells)}
                for (clause, verdict), cells, _ in verdicts
            ],
            "outcomes": [
                {
                    **dict(zip(_OUTCOME_FIELDS, shared, strict=True)),
                    "cells": list(cells),
                    "cases": cases,
                }
                for shared, cells, cases in outcomes
            ],
        }


def reports_of(document: Mapping[str, Any]) -> Iterator[tuple[str, Report]]:
    """Yield the normalized report of each cell, by its name."""
    cases: list[list[Outcome]] = [[] for _ in document["cells"]]
    for entry in document["outcomes"]:
        shared = {name: entry[name] for name in _OUTCOME_FIELDS}
        for number in entry["cells"]:
            cases[number] += [Outcome(case, **shared) for case in entry["cases"]]
    common = {name: document[name] for name in SAME}
    for entry, outcomes in zip(document["cells"], cases, strict=True):
        lists: dict[str, Any] = {name: tuple(entry[name]) for name in _LISTS}
        report = Report(
            cell=entry["cell"],
            whole=True,
            planned=entry["planned"],
            cases=outcomes,
            **common,
            **lists,
        )
        yield entry["name"], report.normalized()


def group_cells(
    outcomes: Iterable[tuple[tuple[str, ...], str, int]],
) -> list[tuple[tuple[str, ...], tuple[int, ...], list[str]]]:
    """Return each outcome with its cells and cases, in order; ``outcomes`` are by case and cell."""
    cells: dict[tuple[tuple[str, ...], str], list[int]] = {}
    for shared, case, cell in outcomes:
        cells.setdefault((shared, case), []).append(cell)
    cases: dict[tuple[tuple[str, ...], tuple[int, ...]], list[str]] = {}
    for (shared, case), numbers in cells.items():
        cases.setdefault((shared, tuple(numbers)), []).append(case)
    return [(*key, sorted(cases[key])) for key in sorted(cases)]


def _line(value: object) -> str:
    return json_text(value)
