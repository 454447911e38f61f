"""Commands say so when their answer does not reach its reader, and print names as they are."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from datafusion import lit

from conformance.report.file import write_report
from conformance.util.exit_codes import ExitCode
from conformance.util.json_text import json_text
from tests.cli.test_cli import run
from tests.conftest import ROOT
from tests.report.reports import report

PRINTS = {
    "click": "clauses",
    "rich": "grid",
    "json": "clauses --json",
    "help": "--help",
    "help of a command": "grid --help",
    "version": "--version",
}


def shell(script: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = f"{sys.executable} -m conformance"
    return subprocess.run(
        ["bash", "-c", script.replace("dfpy-conformance", command)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has this device")
@pytest.mark.parametrize("printed", PRINTS)
def test_a_full_disk_is_no_answer(printed: str) -> None:
    ended = shell(f"dfpy-conformance {PRINTS[printed]} > /dev/full")
    assert ended.returncode == ExitCode.USAGE
    assert ended.stderr == "standard output: cannot be written: No space left on device\n"


@pytest.mark.parametrize("printed", PRINTS)
def test_who_reads_one_line_gets_no_answer_and_no_error(printed: str) -> None:
    ended = shell(f"set -o pipefail; dfpy-conformance {PRINTS[printed]} | head -1 > /dev/null")
    assert (ended.returncode, ended.stderr) in [(ExitCode.USAGE, ""), (ExitCode.OK, "")]


@pytest.mark.parametrize("printed", PRINTS)
def test_a_closed_output_is_no_answer(printed: str) -> None:
    ended = shell(f"dfpy-conformance {PRINTS[printed]} >&-")
    assert ended.returncode == ExitCode.USAGE
    assert ended.stderr == "standard output: cannot be written: Bad file descriptor\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has this device")
@pytest.mark.parametrize("arguments", ["can-talk --form x", "can-talk --sender x --receiver y"])
@pytest.mark.parametrize("error", ["2> /dev/full", "2>&-", "2>&1 | true"])
def test_an_error_that_nobody_reads_is_no_answer(arguments: str, error: str) -> None:
    """1 would be a no."""
    ended = shell(f"set -o pipefail; dfpy-conformance {arguments} {error}")
    assert ended.returncode == ExitCode.USAGE


def test_an_interrupt_is_no_answer(tmp_path: Path) -> None:
    """1 would be a no."""
    os.mkfifo(tmp_path / "pipe")
    command = [sys.executable, "-m", "conformance", "inspect", str(tmp_path / "pipe")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as ended:
        assert ended.stderr is not None
        assert "waiting for a process" in ended.stderr.readline()
        ended.send_signal(signal.SIGINT)
        assert ended.stderr.read() == "interrupted: there is no answer\n"
    assert ended.returncode == ExitCode.USAGE


def test_a_closed_output_ends_a_run_before_it_begins() -> None:
    ended = shell("dfpy-conformance run >&-")
    assert ended.returncode == ExitCode.USAGE
    assert ended.stderr == "standard output: cannot be written: Bad file descriptor\n"


def test_a_closed_output_is_not_missed_where_nothing_is_printed(tmp_path: Path) -> None:
    (tmp_path / "one.bin").write_bytes(lit(1).to_bytes())
    ended = shell("dfpy-conformance inspect --html -o page.html one.bin >&-", tmp_path)
    assert (ended.returncode, ended.stderr) == (ExitCode.OK, "")
    assert (tmp_path / "page.html").stat().st_size


def test_a_closed_input_is_no_file() -> None:
    ended = shell("dfpy-conformance inspect - <&-")
    assert ended.returncode == ExitCode.USAGE
    assert ended.stderr == "-: standard input is closed\n"


def test_an_encoding_of_few_characters_escapes_the_others() -> None:
    ended = shell("LC_ALL=C.UTF-8 PYTHONIOENCODING=latin-1 dfpy-conformance clauses")
    assert (ended.returncode, ended.stderr) == (ExitCode.OK, "")


@pytest.mark.parametrize("arguments", [("table", "reports"), ("diff", "old", "new")])
def test_a_table_has_one_form(arguments: tuple[str, ...], tmp_path: Path) -> None:
    command, *names = arguments
    files = [tmp_path / name for name in names]
    for file in files:
        file.mkdir()
    result = run(command, "--json", "--markdown", *map(str, files))
    assert result.exit_code == ExitCode.USAGE
    assert result.output == "--json and --markdown: options that do not go together\n"


def test_a_name_is_not_an_emoji(tmp_path: Path) -> None:
    path = tmp_path / ":fire:.json"
    write_report(report(), path)
    assert ":fire:" in run("table", str(path)).output


def test_a_name_that_is_not_utf_8_is_escaped(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/r\xff.json"))
    write_report(report(), path)
    merged = tmp_path / "merged.json"
    assert run("report", "merge", str(path), "-o", str(merged)).exit_code == ExitCode.OK
    assert '"r\\udcff"' in merged.read_text(encoding="utf-8")
    found = run("table", str(path), "--json")
    assert json.loads(found.stdout_bytes.decode("utf-8"))


def test_json_text_is_json_and_utf_8() -> None:
    text = json_text({"name": "caf\u00e9 \udcff"})
    assert text.encode() == b'{"name": "caf\xc3\xa9 \\udcff"}'
    assert json.loads(text) == {"name": "caf\u00e9 \udcff"}


def test_a_narrow_terminal_breaks_lines_and_cuts_no_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a-cell-with-a-name-of-forty-characters-1.json"
    write_report(report(), path)
    monkeypatch.setenv("COLUMNS", "40")
    lines = run("table", str(path)).output.splitlines()
    (head,) = [one.split() for one in lines if one.startswith(" cell ")]
    assert head == ["cell", "cases", "clauses", "hold"]
