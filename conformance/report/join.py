"""Join the reports of one run into one document; refuse others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.matrix import Cell
from conformance.report.gather import Gathered, known_cells
from conformance.report.merged import SAME, Merged
from conformance.report.model import Report, ReportError
from conformance.spec import CHAPTERS


def join(found: Gathered, planned: Sequence[str], missing: Mapping[str, str]) -> Merged:
    """Return the gathered reports as one document.

    If there are ``planned`` cells, exactly these must have reports. Raises ``ReportError`` if
    they do not, if a report is incomplete, or if reports come from different runs.
    """
    if not found.reports:
        raise ReportError("there is no report to merge")
    for name, report in found.reports.items():
        where = f"{found.files[name]}: {name}"
        if not report.complete:
            done = report.planned - report.missing_outcomes
            counted = f"{done} of {report.planned} planned cases have a result"
            why = counted if report.whole else report.narrowed
            raise ReportError(f"{where}: incomplete: {why}")
        if not report.goldens:
            raise ReportError(f"{where}: the digest of the goldens is missing")
    _all_same(found)
    if lost := [name for name in planned if name not in found.reports]:
        raise ReportError(f"no report for the planned cells {', '.join(lost)}")
    for name in found.reports:
        if planned and name not in planned:
            raise ReportError(f"{found.files[name]}: {name}: not a planned cell")
    return Merged(found.reports, missing)


def _all_same(found: Gathered) -> None:
    """Raise ``ReportError`` if two reports come from different runs."""
    names = list(found.reports)
    first = found.reports[names[0]]
    cells = known_cells()
    chapters: dict[str, str] = {}
    for name, report in found.reports.items():
        for field in SAME:
            one, other = getattr(first, field), getattr(report, field)
            if one != other:
                raise ReportError(
                    f"{found.files[name]}: {name}: {field} {other}, "
                    f"but {one} in {found.files[names[0]]}"
                )
        # A cell with a cluster library runs only its chapter.
        cell = cells.get(name)
        peer = chapters.setdefault(cell.cluster.name if cell and cell.cluster else "", name)
        if (one := _chosen(found.reports[peer], cells.get(peer))) != _chosen(report, cell):
            raise ReportError(
                f"{found.files[name]}: {name}: chapters {', '.join(report.chapters) or 'all'}, "
                f"but {', '.join(one) or 'all'} in {found.files[peer]}"
            )


def _chosen(report: Report, cell: Cell | None) -> tuple[str, ...]:
    """Return the chapters that were asked for; none for all that the cell has to judge."""
    if cell and cell.without and {*report.chapters} == {*CHAPTERS} - {*cell.without}:
        return ()
    return report.chapters
