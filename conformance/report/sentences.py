"""Say in a sentence per engine what the reports of several cells show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.report.model import PARTIAL
from conformance.report.scope import scope
from conformance.report.summary import Summary
from conformance.spec import CLAUSES


def sentences(summary: Summary) -> Iterator[str]:
    """Yield one summary line per engine."""
    engines: dict[tuple[str, str], list[str]] = {}
    for name, report in summary.reports.items():
        engines.setdefault((report.subject, report.cell.get("engine", "")), []).append(name)
    for (subject, engine), cells in engines.items():
        lost = [
            name for name in summary.without_report if name.startswith((f"{engine}-", "candidate-"))
        ]
        yield f"{subject} {engine}".strip() + ": " + _sentence(summary, cells, lost)
    known_engines = {engine for _, engine in engines}
    missing_outcomes = dict.fromkeys(
        name.partition("-")[0]
        for name in summary.without_report
        if name[:1].isdecimal()  # a cell may have any name; those of the matrix have the engine's
    )
    for engine in missing_outcomes:
        if engine not in known_engines:
            yield f"datafusion {engine}: NOTHING IS KNOWN; none of its cells has a report."


def _sentence(summary: Summary, cells: Sequence[str], lost: Sequence[str]) -> str:
    columns = [column for column in summary.columns if set(column.cells) & set(cells)]
    by_clause = {
        clause: {column.verdicts[clause] for column in columns if clause in column.verdicts}
        for clause in summary.judged
        if any(clause in column.verdicts for column in columns)
    }
    applies = {clause: verdicts - {"not applicable"} for clause, verdicts in by_clause.items()}
    not_applicable = [clause for clause, verdicts in applies.items() if not verdicts]
    # Each clause is counted once, so that the numbers add up.
    hold = [clause for clause, verdicts in applies.items() if verdicts == {"pass"}]
    diverge = [
        clause
        for clause, verdicts in applies.items()
        if "divergence" in verdicts and not {"fail", "fixed", "incomplete", "warning"} & verdicts
    ]
    everywhere = all(by_clause.keys() <= column.verdicts.keys() for column in columns)
    where = f"in {_count(cells)}" if everywhere else f"wherever judged ({len(cells)} cells)"
    of = f" of {part}" if (part := scope(summary.reports[cell] for cell in cells)) else ""
    parts = [f"{len(hold)} of {len(by_clause) - len(not_applicable)} clauses{of} hold {where}"]
    here = set(cells)
    if known := [finding.name for finding in summary.divergences() if here & set(finding.cells)]:
        verb = "diverges" if len(diverge) == 1 else "diverge"
        parts.append(f"{len(diverge)} {verb}, for {_number(known, 'known reason')}")
    if mismatches := [clause for clause, verdicts in by_clause.items() if "warning" in verdicts]:
        parts.append(
            f"{_number(mismatches, 'recommendation')} not met ({format_clauses(mismatches)})"
        )
    if not_applicable:
        verb = "is" if len(not_applicable) == 1 else "are"
        parts.append(f"{_number(not_applicable, 'more clause')} {verb} not applicable")
    wrong = []
    if failing := [clause for clause, verdicts in by_clause.items() if "fail" in verdicts]:
        wrong.append(f"{_number(failing, 'clause')} FAIL ({format_clauses(failing)})")
    incomplete = [name for name in cells if name in summary.incomplete]
    if not incomplete and (unjudged := summary.unjudged_in(columns)):
        wrong.append(f"{_number(unjudged, 'clause')} WITHOUT A CASE ({format_clauses(unjudged)})")
    if stale := [finding.name for finding in summary.stale() if here & set(finding.cells)]:
        wrong.append(f"{_number(stale, 'known divergence')} STALE ({', '.join(stale)})")
    if fixed := list(
        dict.fromkeys(line.name for line in summary.fixed() if here & set(line.cells))
    ):
        into = parts if summary.allows_fixed else wrong
        into.append(f"{_number(fixed, 'known divergence')} FIXED ({', '.join(fixed)})")
    if incomplete:
        wrong.append(f"{_number(incomplete, 'cell')} INCOMPLETE")
    if lost:
        wrong.append(f"{_number(lost, 'cell')} WITHOUT REPORT")
    if not any(summary.reports[name].whole for name in cells):
        parts = []  # no clause has a verdict that could be counted
    closing = PARTIAL if here & summary.partial.keys() else "nothing unexpected"
    return "; ".join([*parts, *(wrong or [closing])]) + "."


def _count(cells: Sequence[str]) -> str:
    return "its one cell" if len(cells) == 1 else f"all {len(cells)} cells"


def format_clauses(clauses: Sequence[str]) -> str:
    """Return the clauses as text; three or more consecutive ones as the first and the last."""
    order = list(CLAUSES)
    runs: list[list[str]] = []
    for clause in clauses:
        last = runs[-1][-1] if runs else clause
        if (
            order.index(clause) == order.index(last) + 1
            and CLAUSES[clause].chapter == CLAUSES[last].chapter
        ):
            runs[-1].append(clause)
        else:
            runs.append([clause])
    return ", ".join(f"{run[0]} … {run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


def _number(things: Sequence[str], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
