from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from rich.console import Console

from conformance.matrix import ALL_CLUSTERS, read
from conformance.report.markdown import markdown
from conformance.report.model import Outcome, Report
from conformance.report.problems import Commands
from conformance.report.sentences import sentences
from conformance.report.summary import Summary
from conformance.report.table import Details, show
from conformance.spec import CLAUSES, DIVERGENCES
from conformance.util.exit_codes import ExitCode
from tests.report.reports import STRICT, diverging, failing, report

KNOWN = next(iter(DIVERGENCES.values()))
RAY = [clause for clause in CLAUSES if clause.startswith("RAY-")]
ON_RAY = next(
    cell.name for cell in read().cells(ALL_CLUSTERS) if cell.cluster and cell.cluster.name == "ray"
)
"""A cell that has to judge one chapter."""

TWO = {"55.0.0-a": report(python="3.11.7"), "55.0.0-b": report(python="3.12.1")}


def render(
    summary: Summary,
    details: Details | None = None,
    commands: Commands | None = None,
    width: int = 160,
) -> str:
    console = Console(width=width, record=True, force_terminal=False, highlight=False, quiet=False)
    with console.capture() as capture:
        show(summary, console, details or Details(), commands)
    return capture.get()


LISTED = Details(divergences=True)


def test_equal_results_are_folded() -> None:
    summary = Summary(TWO)
    assert [column.cells for column in summary.columns] == [("55.0.0-a", "55.0.0-b")]
    text = render(summary, LISTED)
    assert f"{STRICT[0]} … {STRICT[-1]} ({len(STRICT)})" in text
    assert "2 cells" in text
    total = len(CLAUSES)
    assert (
        f"datafusion 55.0.0: {total} of {total} clauses hold in all 2 cells; nothing unexpected."
        in text
    )
    assert summary.good


def test_all_gives_each_clause_a_line() -> None:
    text = render(Summary(TWO), Details(clauses=True))
    assert all(any(line.startswith(f" {name} ") for line in text.splitlines()) for name in CLAUSES)


def test_a_failure_has_its_own_line_and_sentence() -> None:
    broken = {**TWO, "55.0.0-b": report(outcomes=failing(STRICT[2], "it ran"))}
    summary = Summary(broken)
    assert not summary.good
    text = render(summary, LISTED)
    assert f"{STRICT[0]} … {STRICT[1]} (2)" in text
    assert f"case/{STRICT[2]}[scalar]: it ran" in text
    assert f"1 clause FAIL ({STRICT[2]})" in text
    assert "55.0.0 (a)" in text
    assert "55.0.0 (b)" in text
    assert "(1 of 2: 55.0.0-b)" in text


def test_a_divergence_is_no_pass_and_is_listed_on_request_with_its_reason() -> None:
    summary = Summary({"55.0.0-a": report(outcomes=diverging(KNOWN.clause, KNOWN.id))})
    assert summary.good
    assert KNOWN.id not in render(summary)
    text = " ".join(render(summary, LISTED).split())
    assert " ".join(KNOWN.reason.split()) in text
    total = len(CLAUSES)
    assert (
        f"{total - 1} of {total} clauses hold in its one cell; "
        f"1 diverges, for 1 known reason; nothing unexpected." in text
    )


def test_the_numbers_of_a_sentence_add_up() -> None:
    outcomes = diverging(STRICT[0], "one") | diverging(STRICT[1], "one")
    outcomes |= diverging(STRICT[2], "two") | failing(STRICT[3])
    made = report(outcomes=outcomes, not_applicable=(STRICT[4],))
    (sentence,) = sentences(Summary({"55.0.0-a": made}))
    total = len(CLAUSES) - 1
    assert sentence == (
        f"datafusion 55.0.0: {total - 4} of {total} clauses hold in its one cell; "
        "3 diverge, for 2 known reasons; 1 more clause is not applicable; "
        f"1 clause FAIL ({STRICT[3]})."
    )


def test_no_range_crosses_a_chapter() -> None:
    last, following = next(
        pair for pair in pairwise(CLAUSES.values()) if pair[0].chapter != pair[1].chapter
    )
    order = list(CLAUSES)
    at = order.index(following.id)
    failed = order[at - 3 : at + 3]
    outcomes = {clause: outcome for one in failed for clause, outcome in failing(one).items()}
    (sentence,) = sentences(Summary({"55.0.0-a": report(outcomes=outcomes)}))
    assert f"({failed[0]} … {last.id}, {following.id} … {failed[-1]})" in sentence


def test_the_sentence_names_a_candidate_without_a_report() -> None:
    summary = Summary({"candidate-py3.12-x": report()}, expected=["candidate-py3.11-x"])
    assert "1 cell WITHOUT REPORT" in next(sentences(summary))


def test_a_stale_divergence_is_no_good() -> None:
    summary = Summary({"55.0.0-a": report(stale=("fixed",))})
    assert not summary.good
    assert "1 known divergence STALE (fixed)" in render(summary)


def test_a_planned_cell_without_a_report_is_no_good() -> None:
    summary = Summary(TWO, expected=[*TWO, "55.0.0-c", "54.0.0-a"])
    assert not summary.good
    text = render(summary)
    assert "NO REPORT, 55.0.0-c, 54.0.0-a" in text
    assert "1 cell WITHOUT REPORT" in text
    assert "datafusion 54.0.0: NOTHING IS KNOWN" in text


def test_a_missing_interpreter_is_shown_and_no_failure() -> None:
    summary = Summary(TWO, missing={"55.0.0-c": "Python interpreter 3.14 not found."})
    assert summary.good
    assert "Not run, Python interpreter 3.14 not found: 55.0.0-c." in render(summary)


def test_an_incomplete_report_is_no_good() -> None:
    summary = Summary({**TWO, "55.0.0-c": report(planned=500)})
    assert not summary.good
    text = render(summary)
    assert "INCOMPLETE, 55.0.0-c" in text
    assert f"  {len(CLAUSES)} of 500 planned cases have a result\n" in text
    assert "1 cell INCOMPLETE" in text


def test_picked_cases_are_a_partial_run_without_a_verdict() -> None:
    summary = Summary({"55.0.0-a": report(whole=False)})
    assert summary.code == ExitCode.PARTIAL
    text = render(summary)
    assert f"PARTIAL 55.0.0-a: only {len(CLAUSES)} selected cases ran." in text
    assert "datafusion 55.0.0: partial run, no verdict." in text
    assert "partial run, no verdict" in markdown(summary)


def test_a_failure_of_a_partial_run_is_a_failure() -> None:
    summary = Summary({"55.0.0-a": report(whole=False, outcomes=failing(STRICT[0]))})
    assert summary.code == ExitCode.FAILED
    assert f"datafusion 55.0.0: 1 clause FAIL ({STRICT[0]})." in render(summary)


def test_one_partial_report_among_whole_ones_leaves_no_verdict() -> None:
    summary = Summary({**TWO, "55.0.0-c": report(whole=False)})
    assert summary.code == ExitCode.PARTIAL
    assert "; partial run, no verdict." in render(summary)
    assert Summary({**TWO, "55.0.0-c": report(planned=500)}).code == ExitCode.FAILED


def test_chosen_chapters_are_a_whole_run() -> None:
    assert Summary({"55.0.0-a": _ray_chapter()}).code == ExitCode.OK


def _ray_chapter() -> Report:
    whole = report()
    cases = [case for case in whole.cases if case.clause in RAY]
    return replace(whole, cases=cases, planned=len(cases), chapters=("RAY",))


def test_a_clause_without_a_case_is_no_good() -> None:
    full = report()
    cases = [case for case in full.cases if case.clause != STRICT[0]]
    summary = Summary({"55.0.0-a": replace(full, cases=cases, planned=len(cases))})
    assert not summary.good
    assert f"1 clause WITHOUT A CASE ({STRICT[0]})" in render(summary)


def test_clauses_in_succession_are_folded_in_the_sentence() -> None:
    outcomes = failing(STRICT[0]) | failing(STRICT[1]) | failing(STRICT[2]) | failing(STRICT[5])
    summary = Summary({"55.0.0-a": report(outcomes=outcomes)})
    assert f"4 clauses FAIL ({STRICT[0]} … {STRICT[2]}, {STRICT[5]})" in render(summary)


def test_what_does_not_apply_is_not_counted() -> None:
    summary = Summary({"54.0.0-a": report("54.0.0", not_applicable=(STRICT[0],))})
    total = len(CLAUSES) - 1
    assert f"{total} of {total} clauses hold" in render(summary)
    assert summary.good


def test_a_crash_between_the_cases_is_shown() -> None:
    full = report()
    cases = [*full.cases, Outcome("case/x", "", "crash", "worker died")]
    summary = Summary({"55.0.0-a": replace(full, cases=cases, planned=len(cases))})
    assert not summary.good
    assert "no clause" in render(summary)


def test_no_report_is_no_good() -> None:
    assert not Summary({}).good
    assert "FAILED: there is no report." in render(Summary({}))
    assert "FAILED: there is no report." in markdown(Summary({}))


@pytest.mark.parametrize("message", ["a|b", "<img>", "[link](x)", "first\nsecond"])
def test_markdown_is_not_broken_by_a_message(message: str) -> None:
    text = markdown(Summary({"55.0.0-a": report(outcomes=failing(STRICT[0], message))}))
    assert "| clause |" in text
    assert "**FAIL**" in text
    assert message not in text


def test_markdown_has_a_recommendation_that_does_not_hold() -> None:
    outcome = Outcome("case/x", STRICT[0], "warning", "not met", "", "wrong-value")
    assert "| SHOULD |" in markdown(Summary({"55.0.0-a": report(outcomes={STRICT[0]: outcome})}))


def test_markup_in_a_message_is_only_text() -> None:
    summary = Summary({"55.0.0-a": report(outcomes=failing(STRICT[0], "[bold]x[/bold] [/]"))})
    assert "[bold]x[/bold] [/]" in render(summary)


def test_another_subject_has_its_own_name() -> None:
    own: Report = report()
    summary = Summary({"x": replace(own, subject="mine", cell={"python": "3.12.1"})})
    assert any(sentence.startswith("mine: ") for sentence in sentences(summary))
    summary = Summary({"x": replace(own, subject="mine")})
    assert [column.title for column in summary.columns] == ["mine 55.0.0"]


def test_reports_of_different_chapters_share_one_table() -> None:
    summary = Summary({"55.0.0-a": report(not_applicable=tuple(RAY)), ON_RAY: _ray_chapter()})
    assert summary.good
    (row,) = [row for row in summary.rows() if row.clauses[0] == RAY[0]]
    assert (row.clauses, row.verdicts) == (tuple(RAY), ("not applicable", "pass"))
    assert {row.verdicts for row in summary.rows()} == {("not applicable", "pass"), ("pass", "")}
    total = len(CLAUSES)
    text = render(summary)
    assert f"{total} of {total} clauses hold wherever judged (2 cells)" in text


def test_a_table_of_some_chapters_has_no_other_clauses() -> None:
    summary = Summary({ON_RAY: _ray_chapter()})
    assert summary.good
    assert [row.clauses for row in summary.rows()] == [tuple(RAY)]
    assert f"{len(RAY)} of {len(RAY)} clauses of chapter RAY hold in its one cell" in render(
        summary
    )
    assert "STRICT" not in markdown(summary)
