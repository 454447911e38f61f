from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner, Result

from conformance import __version__
from conformance.cli import main
from conformance.cli.output import colours
from conformance.matrix import GATE, read
from conformance.report.file import write_report
from conformance.report.model import Report
from conformance.spec import CLAUSES, DIVERGENCES
from conformance.util.exit_codes import ExitCode
from tests.report.reports import STRICT, failing, report

FRAME = bytes.fromhex(
    (Path(__file__).parents[1] / "wire" / "real" / "scalar-expr.hex").read_text(encoding="ascii")
)


def run(*arguments: str, data: bytes | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=data)


def test_table_of_a_folder(tmp_path: Path) -> None:
    write_report(report(), tmp_path / "55.0.0-a.json")
    result = run("table", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert "nothing unexpected" in result.output
    assert "\x1b" not in result.output


def test_table_fails_with_a_failure_and_with_a_cell_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "55.0.0-a.json"
    write_report(report(), path)
    assert run("table", str(path), "--expect", "55.0.0-b").exit_code == 1
    assert run("table", str(path), "--missing", "55.0.0-b=no Python").exit_code == 0
    write_report(report(outcomes=failing(STRICT[0])), path)
    assert run("table", str(path)).exit_code == 1


def test_table_of_a_tag_wants_every_cell_but_the_optional(tmp_path: Path) -> None:
    gate = read().cells(GATE)
    for cell in gate:
        if not cell.optional:
            one = report(cell.version, f"{cell.python}.1")
            one.cell = {**one.cell, **cell.claim, "python": f"{cell.python}.1"}
            write_report(one, tmp_path / f"{cell.name}.json")
    result = run("table", str(tmp_path), "--tag", GATE)
    assert result.exit_code == 0, result.output
    assert "Not run, Python 3.14t is optional" in result.output
    (tmp_path / f"{gate[0].name}.json").unlink()
    result = run("table", str(tmp_path), "--tag", GATE)
    assert result.exit_code == 1
    assert f"NO REPORT, {gate[0].name}" in result.output


def test_table_refuses_a_report_of_another_cell(tmp_path: Path) -> None:
    cell = read().cells(GATE)[0]
    write_report(report("55.0.0", f"{cell.python}.1"), tmp_path / f"{cell.name}.json")
    result = run("table", str(tmp_path))
    assert result.exit_code == 2
    assert f"{cell.name}: the report has engine 55.0.0" in result.output


@pytest.mark.parametrize("text", ["", '{"schema": 1', "[]", '{"schema": 1}'])
def test_table_reports_a_truncated_report_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cut.json"
    path.write_text(text, encoding="utf-8")
    result = run("table", str(path))
    assert result.exit_code == 2
    assert result.output.startswith(f"{path}: ")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d.update(schema=3), "schema 3, of a newer dfpy-conformance: update this one"),
        (lambda d: d.update(suite="9.9.9"), "found suite 9.9.9"),
        (lambda d: d["cases"].pop(), "complete contradicts the cases"),
        (lambda d: d.pop("cases"), "a field is missing or unknown: 'cases'"),
    ],
    ids=["newer", "another suite", "a case lost", "half"],
)
def test_table_refuses_an_inconsistent_report(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], field: str
) -> None:
    """One line names the file and the field, with or without other reports."""
    write_report(report(), tmp_path / "55.0.0-a.json")
    path = tmp_path / "55.0.0-b.json"
    write_report(report(), path)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    result = run("table", str(tmp_path))
    assert result.exit_code == 2
    assert result.output.startswith(f"{path}: ")
    assert field in result.output
    assert result.output.count("\n") == 1


def test_table_of_a_report_that_lacks_cases(tmp_path: Path) -> None:
    """An interrupted run writes such a report."""
    path = tmp_path / "55.0.0-a.json"
    write_report(report(planned=500), path)
    result = run("table", str(path))
    assert result.exit_code == 1
    assert "INCOMPLETE, 55.0.0-a" in result.output


def test_table_of_a_partial_run(tmp_path: Path) -> None:
    write_report(report(whole=False), tmp_path / "55.0.0-a.json")
    for options in ((), ("--markdown",)):
        result = run("table", *options, str(tmp_path))
        assert result.exit_code == ExitCode.PARTIAL
        assert "partial run, no verdict" in result.output


def test_table_as_markdown(tmp_path: Path) -> None:
    write_report(report(), tmp_path / "55.0.0-a.json")
    assert "| --- | --- |" in run("table", "--markdown", str(tmp_path)).output


def test_the_clauses() -> None:
    output = run("clauses").output
    assert all(f"{clause.id}  {clause.level}" in output for clause in CLAUSES.values())
    assert all(clause.requirement in output for clause in CLAUSES.values())
    assert [one["id"] for one in json.loads(run("clauses", "--json").output)] == list(CLAUSES)


def test_the_divergences() -> None:
    text = run("divergences").output
    result = json.loads(run("divergences", "--json").output)
    assert sorted(one["id"] for one in result) == sorted(DIVERGENCES)
    for entry in DIVERGENCES.values():
        assert entry.reason in text
        assert entry.reproduction.name in text


def test_the_cells() -> None:
    result = json.loads(run("cells", "--tag", GATE, "--json").output)
    assert [one["name"] for one in result] == [cell.name for cell in read().cells(GATE)]
    assert run("cells").output.count("\n") == len(read().cells())


@pytest.mark.parametrize("command", ["", *main.commands])
def test_help_has_an_example(command: str) -> None:
    text = run(*command.split(), "--help").output
    assert ("Example" in text) if command else ("dfpy-conformance run" in text)


def test_help_imports_little() -> None:
    """The help of every command takes some 0.06 s of CPU time."""
    done = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import sys; from conformance.cli import main\n"
            "for command in ('', *main.commands):\n"
            "    try: main([*command.split(), '--help'])\n"
            "    except SystemExit as end: assert not end.code\n"
            "print(*(set(sys.modules) & {'rich', 'packaging', 'pytest', 'pyarrow', 'datafusion',"
            " 'google.protobuf', 'conformance.spec'}), file=sys.stderr)",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr.split() == []


def test_two_reports_of_one_cell(tmp_path: Path) -> None:
    """The second report must not replace the first."""
    written = [tmp_path / folder / "run.json" for folder in ("a", "b")]
    for path in written:
        write_report(Report(__version__, "fake", {"python": "3.12.1"}, whole=True, planned=0), path)
    result = run("table", *map(str, written))
    assert result.exit_code == 2
    assert "duplicate report of the cell run" in result.output


def test_a_tag_that_there_is_not() -> None:
    result = run("table", "--tag", "gat", ".")
    assert result.exit_code == 2
    assert "gat" in result.output


def test_table_as_json(tmp_path: Path) -> None:
    write_report(report(outcomes=failing(STRICT[0])), tmp_path / "55.0.0-a.json")
    result = run("table", "--json", str(tmp_path))
    found = json.loads(result.output)
    assert result.exit_code == found["exit_code"] == 1
    assert found["problems"][0]["clauses"] == [STRICT[0]]
    assert found["verdicts"][STRICT[0]] == {"55.0.0-a": "fail"}
    assert [one["title"] for one in found["cells"]] == ["55.0.0-a"]
    assert found["sentences"]


def test_the_grid_as_json_is_a_grid(tmp_path: Path) -> None:
    result = run("grid", "--json")
    path = tmp_path / "grid.json"
    path.write_text(result.output, encoding="utf-8")
    again = run("grid", "--json", "--grid", str(path))
    assert again.output == result.output
    assert {"peers", "groups", "squares", "absent"} <= set(json.loads(result.output))


PRINT_NO_JSON = {
    "run": "--conformance-report",
    "report": "merge writes JSON",
    "completion": "a script",
}
"""The commands without --json, and why."""


@pytest.mark.parametrize("command", sorted(set(main.commands) - set(PRINT_NO_JSON)))
def test_every_command_prints_json(command: str) -> None:
    assert "--json" in run(command, "--help").output


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
    ids=["none", "force", "no", "both"],
)
def test_colours_in_a_log(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    coloured: bool,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    write_report(report(outcomes=failing(STRICT[0])), tmp_path / "55.0.0-a.json")
    text = run("table", str(tmp_path)).output
    assert bool(re.search(r"\x1b\[[\d;]*3\dm", text)) == coloured
    assert colours() is (coloured if variables else None)


ENDLESS = (
    ("can-talk", "--sender", "here", "--receiver-from", "/dev/zero"),
    ("can-talk", "--grid", "/dev/zero", "--sender", "here", "--receiver", "here"),
    ("grid", "--grid", "/dev/zero"),
    ("table", "/dev/zero"),
    ("diff", "/dev/zero", "/dev/zero"),
    ("explain", "STRICT-01", "--report", "/dev/zero"),
    ("report", "merge", "/dev/zero", "-o", "merged.json"),
    ("preflight", "--python", f"a={sys.executable}", "--bytes", "expression:/dev/zero"),
)


@pytest.mark.parametrize("arguments", ENDLESS, ids=lambda one: " ".join(one[:2]))
def test_an_endless_input_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == (ExitCode.UNMERGED if "merge" in arguments else ExitCode.USAGE)
    assert "more than 268,435,456 bytes, which this tool does not read" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("error", [MemoryError(), ZeroDivisionError("by zero")], ids=repr)
def test_an_error_of_the_tool_is_no_answer(error: BaseException) -> None:
    """Python ends with 1 for an error that nobody catches, and 1 is the code of an answer."""
    with mock.patch.object(main.commands["cells"], "invoke", side_effect=error):
        result = run("cells")
    assert result.exit_code == ExitCode.USAGE
    assert result.output.splitlines()[-1].partition(": ")[2].startswith("there is no answer")
