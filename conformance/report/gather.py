"""Read reports from files and folders, by the names of their cells."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance import __version__
from conformance.matrix import ALL_CLUSTERS, ENGINE, FULL, Cell, read
from conformance.report.file import parse_report, read_content
from conformance.report.merged import Merged
from conformance.report.model import Report, ReportError
from conformance.util.versions import mismatches


@dataclass
class Gathered:
    """The normalized reports and their files, by the names of their cells.

    ``missing`` are the cells that merged documents list without a report, with the reason.
    ``commands`` run failed cases again, by cell and case, and ``evidence`` is what they expected
    and saw; normalized reports have neither.
    """

    reports: dict[str, Report] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    commands: dict[str, Mapping[str, str]] = field(default_factory=dict)
    evidence: dict[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)


def gather(paths: Iterable[Path]) -> Gathered:
    """Read the reports and merged documents in these files and folders, sorted by cell.

    Raises ``ReportError`` if a report cannot be read, comes from another version of the suite,
    has other versions than its cell, if a cell has two reports or a run has two names.
    """
    cells = known_cells()
    found = Gathered()
    runs: dict[Hashable, str] = {}
    for path in list_files(paths):
        read = read_reports(path)
        found.missing.update(read.missing)
        for name, report in read.reports.items():
            if name in found.files:
                raise ReportError(
                    f"{path}: duplicate report of the cell {name}; the other is {found.files[name]}"
                )
            if report.suite != __version__:
                raise ReportError(
                    f"{path}: expected a report of suite {__version__}, found suite {report.suite}"
                )
            if (other := runs.setdefault(_run(report, name), name)) != name:
                raise ReportError(
                    f"{path}: {name}: the same run as {other}, in {found.files[other]}: it counts "
                    "once, under one name"
                )
            # Only the engine has the versions of its cell.
            required = cells[name].claim if name in cells and report.subject == ENGINE else {}
            claims = {version: required[version] for version in required if version in report.cell}
            for version, _, seen in mismatches(claims, report.cell):
                raise ReportError(f"{path}: {name}: the report has {version} {seen}")
            found.reports[name], found.files[name] = report.normalized(), path
            found.commands[name] = report.commands
            found.evidence[name] = report.evidence
    found.reports = dict(sorted(found.reports.items()))
    found.missing = {name: why for name, why in found.missing.items() if name not in found.reports}
    return found


def _run(report: Report, name: str) -> Hashable:
    """Return what two reports share only if they are of one run: the durations of its cases.

    A report without durations, such as one of a merged document, shares nothing.
    """
    if not any(case.seconds for case in report.cases):
        return name
    versions = tuple(sorted(report.cell.items()))
    return report.subject, versions, hash(tuple(report.cases))


def expected_cells(
    found: Gathered, tag: str | None, expect: Sequence[str], missing: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Return the planned cells, which must have a report, and the missing ones with the reason.

    The cells of ``tag`` and those of ``expect`` are planned, except optional cells without a
    report. The missing cells of merged documents count only if nothing is planned.
    """
    absent = {**({} if tag or expect else found.missing), **missing}
    planned = [*expect]
    for cell in known_cells().values():
        if tag not in cell.tags:
            continue
        if cell.optional and cell.name not in found.reports:
            absent[cell.name] = f"Python {cell.python} is optional"
        elif cell.name not in absent:
            planned.append(cell.name)
    return planned, absent


def known_cells() -> dict[str, Cell]:
    """Return all cells of the matrix by name."""
    return {cell.name: cell for each in (FULL, ALL_CLUSTERS) for cell in read().cells(each)}


def list_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that are read for these files and folders."""
    for path in paths:
        yield from sorted(path.rglob("*.json")) if path.is_dir() else [path]


def read_reports(path: Path) -> Merged:
    """Return the reports in a file, which is a merged document or a report named as its cell.

    Raises ``ReportError``.
    """
    data = read_content(path)
    if Merged.is_merged(data):
        return Merged.parse(path, data)
    return Merged({path.stem: parse_report(path, data)})
