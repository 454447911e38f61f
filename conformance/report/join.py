"""Join reports that belong together, and refuse others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.report.gather import Gathered, known_cells
from conformance.report.merged import SAME, Merged
from conformance.report.model import ReportError


def join(found: Gathered, planned: Sequence[str], missing: Mapping[str, str]) -> Merged:
    """Return the reports that were gathered as one document.

    ``planned`` cells must all be there and, where there are any, no others.
    Raises ``ReportError`` where they are not, where a report is incomplete, and
    where two do not belong together.
    """
    if not found.reports:
        raise ReportError("there is no report to merge")
    for name, report in found.reports.items():
        where = f"{found.files[name]}: {name}"
        if not report.complete:
            told = report.planned - report.missing_outcomes
            what = f"{told} of {report.planned} planned cases have a result"
            picked = f"only some of the cases were picked ({report.planned})"
            raise ReportError(f"{where}: incomplete: {what if report.whole else picked}")
        if not report.goldens:
            raise ReportError(f"{where}: does not say by which goldens it judged")
    _all_same(found)
    if lost := [name for name in planned if name not in found.reports]:
        raise ReportError(f"no report of {', '.join(lost)}: planned, and not there")
    for name in found.reports:
        if planned and name not in planned:
            raise ReportError(f"{found.files[name]}: {name}: not in the plan")
    return Merged(found.reports, missing)


def _all_same(found: Gathered) -> None:
    """Raise ``ReportError`` where two reports are not of one run."""
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
        # A cell with a cluster library is judged by the chapter on it alone.
        cluster = cells[name].cluster if name in cells else None
        like = chapters.setdefault(cluster.name if cluster else "", name)
        if (one := found.reports[like].chapters) != report.chapters:
            raise ReportError(
                f"{found.files[name]}: {name}: chapters {', '.join(report.chapters) or 'all'}, "
                f"but {', '.join(one) or 'all'} in {found.files[like]}"
            )
