"""The exit codes of nox: those of the runs of the suite that it starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nox.command import CommandFailed

from conformance.matrix import ALL_CLUSTERS, read
from conformance.processes import nested
from conformance.spec import CHAPTERS
from conformance.util.exit_codes import ExitCode
from tasks.cells import orchestrate, results, run
from tasks.cells.options import Options
from tasks.cells.results import CellResult

CELL = read().cells()[0]
LISTED = "x:Y lacks 1 method of conformance.subjects.interface:\n  expr: Return the expression."


class Session:
    """A session of nox whose commands end with an exit code and print a text."""

    def __init__(self, code: int, text: str = "") -> None:
        self.code, self.text = code, text
        self.warnings: list[str] = []
        self.commands: list[tuple[str, ...]] = []

    def run(self, *command: str, **options: Any) -> str:
        self.commands.append(command)
        if "merge" in command:
            return self.text
        if "html" in command:
            return ""
        if stream := options.get("stdout"):
            stream.write(self.text)
        if self.code not in (options.get("success_codes") or [0]):
            raise CommandFailed(return_code=self.code)
        return ""

    def log(self, _text: str) -> None:
        pass

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def error(self, text: str) -> None:
        raise AssertionError(text)


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (run, results, orchestrate):
        monkeypatch.setattr(module, "REPORTS", tmp_path)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    return tmp_path


def _judge(session: Any, monkeypatch: pytest.MonkeyPatch, *, is_nested: bool) -> None:
    monkeypatch.setattr(nested, "is_nested", lambda: is_nested)
    run.judge(session, CELL, Options())


@pytest.mark.parametrize("code", sorted(run.OWN_CODES))
def test_a_single_cell_ends_with_the_code_of_the_suite(
    reports: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    del reports
    with pytest.raises(SystemExit) as ended:
        _judge(Session(code), monkeypatch, is_nested=False)
    assert ended.value.code == code


@pytest.mark.usefixtures("reports")
def test_a_single_cell_that_fails_is_a_failed_session(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandFailed):
        _judge(Session(1), monkeypatch, is_nested=False)


@pytest.mark.usefixtures("reports")
def test_a_partial_cell_of_many_is_left_to_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    _judge(Session(ExitCode.PARTIAL), monkeypatch, is_nested=True)
    assert results.read_results() == {}


@pytest.mark.parametrize("is_nested", [True, False])
def test_a_cell_of_many_writes_its_progress(
    reports: Path, monkeypatch: pytest.MonkeyPatch, is_nested: bool
) -> None:
    session: Any = Session(0)
    _judge(session, monkeypatch, is_nested=is_nested)
    option = f"--conformance-progress={reports / CELL.name}.progress"
    assert (option in session.commands[-1]) is is_nested


@pytest.mark.usefixtures("reports")
@pytest.mark.parametrize(
    "log", [f"Exit: {LISTED}\n", f"no tests ran\n!!! _pytest.outcomes.Exit: {LISTED} !!!\n"]
)
def test_cells_that_ran_no_case_end_with_the_reason_and_its_code(
    monkeypatch: pytest.MonkeyPatch, log: str
) -> None:
    with pytest.raises(CommandFailed):
        _judge(Session(ExitCode.METHODS_MISSING, log), monkeypatch, is_nested=True)
    assert results.read_results()[CELL.name].refusal == LISTED
    session: Any = Session(0)
    with pytest.raises(SystemExit) as ended:
        orchestrate.report_refusals(session)
    assert ended.value.code == ExitCode.METHODS_MISSING
    assert session.warnings == [f"pytest did not run a case:\n{LISTED}"]


@pytest.mark.usefixtures("reports")
def test_a_wrong_command_line_is_an_error() -> None:
    CellResult(CELL.name, refusal="no such option", code=ExitCode.PYTEST_USAGE).write()
    session: Any = Session(0)
    with pytest.raises(AssertionError, match="pytest did not run a case:\nno such option"):
        orchestrate.report_refusals(session)


@pytest.mark.usefixtures("reports")
@pytest.mark.parametrize("code", [ExitCode.OK, ExitCode.PARTIAL])
def test_the_table_decides(code: ExitCode, capsys: pytest.CaptureFixture[str]) -> None:
    session: Any = Session(code)
    assert orchestrate.show_table(session, [], {}, Options()) == code
    line, page = capsys.readouterr().out.splitlines()
    assert "table.md" in line
    assert line.endswith("all in one: .nox/merged.json")
    assert page.endswith("/page.html; open it in a browser")


@pytest.mark.usefixtures("reports")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(), set()),
        (Options(all=True), {"--all"}),
        (Options(list_divergences=True), {"--list-divergences"}),
        (Options(ray="local"), {"--no-reproduce"}),
    ],
)
def test_options_of_the_table_are_passed_on(options: Options, expected: set[str]) -> None:
    session: Any = Session(0)
    orchestrate.show_table(session, [], {}, options)
    flags = {"--all", "--list-divergences", "--no-reproduce"}
    (table,) = [command for command in session.commands if "table" in command]
    assert flags.intersection(table) == expected
    (page,) = [command for command in session.commands if "html" in command]
    assert flags.intersection(page) == expected & {"--no-reproduce"}


@pytest.mark.usefixtures("reports")
def test_a_table_with_a_failure_is_a_failed_session(capsys: pytest.CaptureFixture[str]) -> None:
    """The last lines say where the rest is, and why there is no merged document."""
    session: Any = Session(1, "Not merged: no report for the planned cells x\n")
    with pytest.raises(CommandFailed):
        orchestrate.show_table(session, [], {}, Options())
    line, _page = capsys.readouterr().out.splitlines()
    assert line.endswith("; Not merged: no report for the planned cells x")


@pytest.mark.usefixtures("reports")
def test_a_table_that_cannot_be_made_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    session: Any = Session(ExitCode.USAGE)
    with pytest.raises(CommandFailed):
        orchestrate.show_table(session, [], {}, Options())
    assert capsys.readouterr().out == ""


def test_the_chapter_of_a_cluster_is_planned() -> None:
    cell = read().cells(ALL_CLUSTERS)[0]
    assert cell.cluster
    command = run.suite_command(cell, Options(chapter=["STRICT"]), Path("x.json"))
    assert [one for one in command if one.startswith("--chapter=")] == [
        "--chapter=STRICT",
        f"--chapter={cell.cluster.chapter}",
    ]


def test_an_edge_leaves_chapters_out_unless_they_are_asked_for() -> None:
    cell = next(cell for cell in read().cells() if cell.without)

    def chapters(*asked: str) -> set[str]:
        command = run.suite_command(cell, Options(chapter=[*asked]), Path("x.json"))
        return {one.removeprefix("--chapter=") for one in command if one.startswith("--chapter=")}

    assert chapters() == {*CHAPTERS} - {*cell.without}
    assert chapters("HOSTILE") == {"HOSTILE"}


def test_a_cell_beside_others_has_one_child(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = read().cells()[0]
    assert "--one-child" not in run.suite_command(cell, Options(), Path("x.json"))
    monkeypatch.setenv(run.BESIDE_OTHERS, "1")
    assert "--one-child" in run.suite_command(cell, Options(), Path("x.json"))
