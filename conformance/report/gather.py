"""Reports out of files and folders, each by the name of its cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance import __version__
from conformance.matrix import ALL_CLUSTERS, ENGINE, FULL, Cell, read
from conformance.report.merged import Merged
from conformance.report.model import Report, ReportError
from conformance.util.versions import mismatches


@dataclass
class Gathered:
    """The reports as equal runs have them, by their cells' names, and the file of each.

    ``missing`` cells have none, and the reason why, as merged documents say it.
    """

    reports: dict[str, Report] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def gather(paths: Iterable[Path]) -> Gathered:
    """Return the reports in these files and folders, merged ones too, in the order of their names.

    Raises ``ReportError`` where one cannot be read, is of another version of the
    suite or of other versions than its cell's, and where two are of one cell.
    """
    cells = known_cells()
    found = Gathered()
    for path in _files(paths):
        for name, report in _reports(path, found.missing):
            if name in found.files:
                raise ReportError(
                    f"{path}: there is another report of the cell {name}: {found.files[name]}"
                )
            if report.suite != __version__:
                raise ReportError(
                    f"{path}: suite {report.suite}; this one is {__version__}, of other clauses"
                )
            # Another subject's versions are its own.
            told = cells[name].claim if name in cells and report.subject == ENGINE else {}
            claims = {version: told[version] for version in told if version in report.cell}
            for version, _, seen in mismatches(claims, report.cell):
                raise ReportError(f"{path}: {name}: the report is of {version} {seen}")
            found.reports[name], found.files[name] = report.normalized(), path
    found.reports = dict(sorted(found.reports.items()))
    found.missing = {name: why for name, why in found.missing.items() if name not in found.reports}
    return found


def expected_cells(
    found: Gathered, tag: str | None, expect: Sequence[str], missing: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """Return the cells that must have a report, and those that have none, each with the reason why.

    Planned are the cells of ``tag`` and those that are expected; optional ones may lack theirs.
    What merged documents say of missing cells counts only where nothing is planned.
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
    """Every cell of the matrix by its name."""
    return {cell.name: cell for each in (FULL, ALL_CLUSTERS) for cell in read().cells(each)}


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.json")) if path.is_dir() else [path]


def _reports(path: Path, missing: dict[str, str]) -> Iterator[tuple[str, Report]]:
    """Yield the reports in a file.

    The cells that a merged document has no report of go to ``missing``.
    """
    merged = Merged.read(path) if Merged.is_merged(path) else None
    if merged:
        missing.update(merged.missing)
    yield from merged.reports.items() if merged else [(path.stem, Report.read(path))]
