"""The display of a run: in place in a terminal of 80 columns, and line by line in a log."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path

import pytest
from rich.console import Console

from conformance.spec import CLAUSES
from tasks.cells import display
from tasks.cells.display import Lines, Screen, drawing, in_place, watching
from tasks.cells.results import SUFFIX
from tasks.cells.watch import Watch
from tasks.cells.wording import headline
from tests.tasks.cells.test_watch import CELLS, FIRST, SECOND, Run, full

WIDTH = 80
TITLE = CLAUSES["STRICT-01"].title


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def drawn(run: Run, width: int = WIDTH) -> list[str]:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(drawing(run.watch))
    return capture.get().splitlines()


def busy(run: Run) -> None:
    """One cell has ended, and one runs."""
    full(run, FIRST, 100)
    run.start(SECOND)
    writer = run.progress(SECOND)
    writer.expect(7436)
    writer.begin("GOLDENCHAIN")
    for _ in range(3):
        writer.count()
    writer.begin("STRICT")
    writer.fail("STRICT-01", "strict/x", "it ran")
    run.now += 40
    run.watch.update()


def test_a_terminal_shows_the_cells_in_place(run: Run) -> None:
    busy(run)
    text = " ".join(" ".join(drawn(run)).split())
    for part in (
        "1 of 4 cells done, 1 running, 2 to come, 1 case failed, about 4 min left",
        f"{SECOND} STRICT 3 of 7436",
    ):
        assert part in text
    assert FIRST not in text
    assert all(len(line) <= WIDTH for line in drawn(run))


def test_a_narrow_terminal_cuts_lines(run: Run) -> None:
    busy(run)
    assert all(len(line) <= 40 for line in drawn(run, width=40))


def test_before_its_cases_a_cell_is_installed(run: Run) -> None:
    run.start(FIRST)
    assert f"{FIRST}  installing" in drawn(run)[1]
    writer = run.progress(FIRST)
    writer.expect(5)
    writer.end()
    run.watch.update()
    assert f"{FIRST}  closing" in drawn(run)[1]


def screen(run: Run, **settings: bool) -> str:
    """Show a run in a terminal once; return what was sent there."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=WIDTH, highlight=False, **settings)  # type: ignore[arg-type]
    shown = Screen(console)
    shown.show(run.watch)
    shown.show(run.watch)
    shown.close()
    return stream.getvalue()


def test_a_terminal_shows_each_failure_once_and_is_clean_at_the_end(run: Run) -> None:
    busy(run)
    text = screen(run)
    assert text.count(f"FAIL {SECOND} STRICT-01 {TITLE}"[: WIDTH - 2]) == 1
    assert text.count("1 running") >= 2
    assert text.endswith("\x1b[2K")  # its lines are erased


@pytest.mark.parametrize("asked", [True, False])
def test_no_color_is_respected(run: Run, monkeypatch: pytest.MonkeyPatch, asked: bool) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if asked:
        monkeypatch.setenv("NO_COLOR", "1")
    busy(run)
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]", screen(run))) is not asked


def logged(run: Run, lines: Lines, capsys: pytest.CaptureFixture[str]) -> list[str]:
    run.watch.update()
    lines.show(run.watch)
    return capsys.readouterr().out.splitlines()


def test_a_log_gets_a_line_per_cell_every_thirty_seconds(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines()
    run.start(FIRST)
    writer = run.progress(FIRST)
    writer.expect(9)
    writer.begin("STRICT")
    assert logged(run, lines, capsys) == []
    seen = []
    for _ in range(100):
        run.now += 1
        seen += logged(run, lines, capsys)
    assert seen == [
        f"{FIRST}: STRICT, 0 of 9 cases, no case failed, {seconds} s" for seconds in (30, 60, 90)
    ]


def test_a_log_gets_a_line_at_the_end_of_a_cell(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = Lines()
    full(run, FIRST, 100)
    reason = "skipped: Python interpreter 3.14 not found."
    run.end(SECOND, "skipped", f"nox > Session cell({SECOND}) {reason}")
    assert logged(run, lines, capsys) == [
        f"{FIRST}: done in 2 min, 0 cases, no case failed (2 of 4 cells, about 3 min left)",
        f"{SECOND}: not run, Python interpreter 3.14 not found (2 of 4 cells, about 3 min left)",
    ]
    assert logged(run, lines, capsys) == []


def test_a_log_gets_the_first_failure_of_each_clause_in_a_cell(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run.start(FIRST)
    writer = run.progress(FIRST)
    for number in range(5):
        writer.fail("STRICT-01", f"strict/x[{number}]", "it ran")
    assert logged(run, Lines(), capsys) == [
        f"FAIL {FIRST} STRICT-01 {TITLE}",
        "    strict/x[0]: it ran",
    ]


def test_a_wave_of_failures_is_cut(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.start(FIRST)
    writer = run.progress(FIRST)
    for clause in CLAUSES:
        writer.fail(clause, f"case/{clause}", "no")
    found = logged(run, Lines(), capsys)
    assert len(found) == 2 * display.MOST + 1
    assert found[-1] == "More clauses fail; the closing table has them."


def test_a_cell_that_fails_without_a_failed_case_is_shown_with_its_output(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run.start(FIRST)
    run.end(FIRST, "failed", "no such package")
    assert logged(run, Lines(), capsys) == [
        f"{FIRST}: FAILED after 0 s, no case ran (1 of 4 cells)",
        "    no such package",
    ]


def test_a_cell_that_is_killed_failed(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Even where a case had failed before."""
    run.start(FIRST)
    writer = run.progress(FIRST)
    writer.expect(9)
    writer.count()
    writer.fail("STRICT-01", "strict/x", "it ran")
    run.end(FIRST, "failed", "Killed")
    assert logged(run, Lines(), capsys)[2:] == [
        f"{FIRST}: FAILED after 0 s, 1 of 9 cases ran, 1 case failed (1 of 4 cells)",
        "    Killed",
    ]


def test_the_reason_of_a_refusal_is_left_to_the_end_of_the_run(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    (run.folder / f"{FIRST}{SUFFIX}").touch()
    run.start(FIRST)
    run.end(FIRST, "failed", "no such option")
    assert "no such option" not in " ".join(logged(run, Lines(), capsys))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [("TERM", "xterm", True), ("TERM", "dumb", False), ("CI", "true", False)],
)
def test_where_lines_can_change(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: bool
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(variable, value)
    assert in_place(Terminal()) is expected
    assert not in_place(io.StringIO())


def test_the_output_of_nox_goes_to_a_file_while_cells_are_watched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "EVERY", 0.01)
    run = Run(tmp_path)
    watch = Watch(CELLS, {f"cell({FIRST})": FIRST}, tmp_path)
    with watching(watch) as output:
        print(f"Starting session cell({FIRST})...", file=output, flush=True)
        ends = time.monotonic() + 10
        while not watch.running and time.monotonic() < ends:
            time.sleep(0.01)
        assert headline(watch).startswith("0 of 4 cells done, 1 running")
        run.end(FIRST, "failed", "boom")  # what comes last is shown, too
    assert "Starting" in (tmp_path / "nox.log").read_text()
    assert capsys.readouterr().out.startswith(f"{FIRST}: FAILED after ")
