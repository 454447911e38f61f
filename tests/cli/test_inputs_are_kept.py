"""No command writes over what it reads, whatever the path of the output is called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.report.file import write_report
from tests.report.reports import report
from tests.wire.samples import REAL

COMMANDS = {
    "inspect": ["inspect", "--html", "x.bin", "in.bin", "-o"],
    "table": ["table", "in.json", "--write"],
    "report html": ["report", "html", "in.json", "-o"],
    "report html --since": ["report", "html", "other/old.json", "--since", "in.json", "-o"],
    "report badge": ["report", "badge", "in.json", "-o"],
    "report merge": ["report", "merge", "in.json", "-o"],
    "exchange": ["exchange", "a=./in.sh", "-o"],
}
SPELLINGS = ["in{0}", "./in{0}", "other/../in{0}", "{1}/in{0}", "link", "hard"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The inputs of all commands, in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("in.bin").write_bytes(REAL["scalar-expr"])
    Path("x.bin").write_bytes(REAL["scalar-expr"])
    Path("in.sh").write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    Path("in.sh").chmod(0o755)
    write_report(report(), Path("in.json"))
    write_report(report(), Path("other/old.json"))
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_output_that_is_an_input(folder: Path, name: str, spelling: str) -> None:
    kind = {"inspect": ".bin", "exchange": ".sh"}.get(name, ".json")
    read = folder / f"in{kind}"
    before = read.read_bytes()
    (folder / "link").symlink_to(read)
    (folder / "hard").hardlink_to(read)
    target = spelling.format(kind, folder)
    result = CliRunner().invoke(main, [*COMMANDS[name], target])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{Path(target)}: the output is an input, ")
    assert result.stderr.count("\n") == 1
    assert read.read_bytes() == before


@pytest.mark.parametrize("name", ["table", "report html", "report badge", "report merge"])
def test_an_output_that_is_a_report_in_a_folder(folder: Path, name: str) -> None:
    command = [one.replace("in.json", str(folder / "other")) for one in COMMANDS[name]]
    before = (folder / "other/old.json").read_bytes()
    result = CliRunner().invoke(main, [*command, "other/old.json"])
    assert result.exit_code == 2
    assert "other/old.json: the output is an input" in result.stderr
    assert (folder / "other/old.json").read_bytes() == before
    assert CliRunner().invoke(main, [*command, "other/new.txt"]).exit_code in (0, 3)
    assert (folder / "other/old.json").read_bytes() == before


def test_an_output_that_is_standard_input(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "conformance",
        "inspect",
        "--html",
        "-o",
        str(folder / "in.bin"),
    ]
    with Path("in.bin").open("rb") as data:
        ended = subprocess.run(
            [*command, "-"],
            stdin=data,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
        )
    assert ended.returncode == 2
    assert "the output is an input, /dev/stdin" in ended.stderr
    assert (folder / "in.bin").read_bytes() == REAL["scalar-expr"]


def test_an_output_beside_an_input_is_written(folder: Path) -> None:
    pytest.importorskip("jinja2")
    result = CliRunner().invoke(main, ["inspect", "--html", "in.bin", "-o", "page.html"])
    assert result.exit_code == 0, result.output
    again = CliRunner().invoke(main, ["inspect", "--html", "in.bin", "-o", "page.html"])
    assert again.exit_code == 0, again.output
    assert (folder / "page.html").read_text(encoding="utf-8").startswith("<!")
