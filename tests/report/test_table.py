"""The closing table: the verdict first, what to do next, and little enough to be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.matrix import GATE, read
from conformance.report.file import write_report
from conformance.report.model import Outcome
from conformance.report.summary import Summary
from conformance.spec import CLAUSES, DIVERGENCES
from tests.report.reports import STRICT, diverging, failing, report
from tests.report.test_summary import render

A_SCREEN = 50
COMMAND = "(cd /a && /a/bin/python -m pytest " + "x" * 300 + ")"


def gate(outcomes: dict[str, Outcome] | None = None, number: int = 0) -> Summary:
    """Return the gate's cells, or as many; all known divergences show, and ``outcomes``."""
    known = {k: v for one in DIVERGENCES.values() for k, v in diverging(one.clause, one.id).items()}
    names = {cell.name: cell.version for cell in read().cells(GATE)}
    names |= {f"55.0.0-{n}": "55.0.0" for n in range(number - len(names))}
    reports = {
        name: report(version, outcomes={**known, **(outcomes or {})})
        for name, version in names.items()
    }
    return Summary(reports)


def lines(text: str, width: int = 100) -> int:
    """Return how many lines a text has in a terminal, which breaks long ones."""
    return sum(max(1, -(-len(line) // width)) for line in text.splitlines())


@pytest.mark.parametrize("number", [0, 30, 200])
def test_a_good_gate_fits_on_a_screen(number: int) -> None:
    text = render(gate(number=number), width=100)
    assert text.startswith(f"PASSED: 3 engines in {max(number, len(gate().reports))} cells; ")
    assert lines(text) <= A_SCREEN


def test_every_cell_of_the_gate_has_a_line_of_numbers() -> None:
    summary = gate(failing(STRICT[0]))
    text = render(summary, width=80)
    known = {one.clause for one in DIVERGENCES.values()} - {STRICT[0]}
    for name in summary.reports:
        (line,) = [line for line in text.splitlines() if line.startswith(f" {name} ")]
        diverge = len(known & {*CLAUSES})
        cases = len(CLAUSES)
        assert line.split()[1:] == [*map(str, (cases, cases - diverge - 1, diverge, 1))]


def test_the_verdict_comes_first_then_the_failure_with_the_next_step() -> None:
    cell = [*gate().reports][-1]
    name = f"case/{STRICT[0]}[scalar]"
    text = render(gate(failing(STRICT[0], "it ran")), commands={cell: {name: COMMAND}}, width=100)
    found = text.splitlines()
    assert found[0].startswith(f"FAILED: 3 engines in {len(gate().reports)} cells; 1 clause FAIL")
    assert found[2:6] == [
        f"FAIL {STRICT[0]}, datafusion 54.0.0, datafusion 54.1.0, datafusion 55.0.0",
        f"  {CLAUSES[STRICT[0]].title}",
        f"  fail of {name}: it ran",
        f"reproduce  {COMMAND}",
    ]


def test_a_failure_without_a_command_has_a_next_step() -> None:
    text = render(Summary({"a": report(outcomes=failing(STRICT[0]))}))
    assert "  next: the output of the run has the failure; nox keeps it in a log" in text


def test_failures_that_are_alike_are_one_entry() -> None:
    outcomes = failing(STRICT[0], "no answer") | failing(STRICT[1], "no answer")
    text = render(Summary({"a": report(outcomes=outcomes)}))
    assert f"FAIL {STRICT[0]}, {STRICT[1]}, datafusion 55.0.0\n" in text
    assert f"fail of case/{STRICT[0]}[scalar] (and 1 more): no answer" in text


@pytest.mark.parametrize(("clause", "message"), [(STRICT[1], "another"), ("FRAME-01", "no answer")])
def test_other_messages_and_other_chapters_have_entries_of_their_own(
    clause: str, message: str
) -> None:
    outcomes = failing(STRICT[0], "no answer") | failing(clause, message)
    text = render(Summary({"a": report(outcomes=outcomes)}))
    assert sum(line.startswith("FAIL ") for line in text.splitlines()) == 2


def test_one_error_is_one_entry_in_all_chapters() -> None:
    outcomes = failing(STRICT[0], "a KeyError") | failing("FRAME-01", "a KeyError")
    alike = {key: replace(one, kind="unexpected-error") for key, one in outcomes.items()}
    text = render(Summary({"a": report(outcomes=alike)}))
    assert f"FAIL FRAME-01, {STRICT[0]}, datafusion 55.0.0\n" in text


def test_many_failures_are_cut_but_named() -> None:
    outcomes = {
        key: outcome
        for number, clause in enumerate(CLAUSES)
        for key, outcome in failing(clause, f"number {number}").items()
    }
    text = render(gate(outcomes), width=100)
    assert lines(text) < 6 * A_SCREEN
    assert f"{len(CLAUSES) - 12} more:" in text
    assert all(clause in text for clause in CLAUSES)


def test_stale_divergences_of_the_same_cells_are_one_entry() -> None:
    text = render(Summary({"55.0.0-a": report(stale=("one", "two"))}))
    assert "STALE one, two, datafusion 55.0.0\n" in text
    assert "next: check its `cases`" in text


def test_cells_without_a_report_are_one_entry() -> None:
    text = render(Summary({"55.0.0-a": report()}, expected=["55.0.0-b", "55.0.0-c"]))
    assert text.startswith("FAILED: 1 engine in 1 cell; 2 cells WITHOUT REPORT.")
    assert "NO REPORT, 55.0.0-b, 55.0.0-c\n" in text


def test_a_partial_run_is_neither_passed_nor_failed() -> None:
    text = render(Summary({"55.0.0-a": report(whole=False)}))
    assert text.startswith("PARTIAL RUN, NO VERDICT: 1 engine in 1 cell; nothing failed, but ")


def test_a_process_that_died_between_cases() -> None:
    whole = report()
    cases = [*whole.cases, Outcome("case/x", "", "crash", "worker died", "", "crash")]
    text = render(Summary({"55.0.0-a": replace(whole, cases=cases, planned=len(cases))}))
    assert text.startswith("FAILED: 1 engine in 1 cell; a process died between the cases.")
    assert "FAIL no clause, datafusion 55.0.0\n  crash of case/x: worker died\n" in text


def test_equal_cells_share_a_line_where_there_are_many() -> None:
    names = [f"55.0.0-{number:03}" for number in range(60)]
    reports = {name: report() for name in names}
    reports["55.0.0-999"] = replace(report(outcomes=failing(STRICT[0])))
    text = render(Summary(reports))
    assert "55.0.0-000 and 59 more" in text
    assert " 55.0.0-999 " in text


def test_the_page_has_what_the_screen_leaves_out(tmp_path: Path) -> None:
    known = next(iter(DIVERGENCES.values()))
    write_report(report(outcomes=diverging(known.clause, known.id)), tmp_path / "55.0.0-a.json")
    page = tmp_path / "table.md"
    result = CliRunner().invoke(main, ["table", str(tmp_path), "--write", str(page)])
    assert result.exit_code == 0, result.output
    assert known.id not in result.output
    text = page.read_text(encoding="utf-8")
    assert text.startswith("**PASSED: ")
    assert f"- **{known.id}** " in text
    assert f"| {known.clause} | diverges |" in text


def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    write_report(report(), tmp_path / "55.0.0-a.json")
    (tmp_path / "file").touch()
    page = tmp_path / "file" / "table.md"
    result = CliRunner().invoke(main, ["table", str(tmp_path), "--write", str(page)])
    assert result.exit_code == 2
    assert f"{page}: cannot be written: " in result.output
