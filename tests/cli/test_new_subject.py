"""``dfpy-conformance new-subject``: each step prints what docs/implementers.md shows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.cli.new_subject import FILES
from conformance.spec.divergences import read_divergences
from conformance.util.exit_codes import ExitCode
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "implementers.md").read_text(encoding="utf-8")


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the guide in a folder; ``dfpy-conformance`` is this package."""
    name, *arguments = command.split()
    assert name == "dfpy-conformance"
    return subprocess.run(
        [sys.executable, "-m", "conformance", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def shown(command: str) -> list[str]:
    """Return the lines that the guide shows behind a command, without its comment."""
    assert f"$ {command}\n" in GUIDE, command
    block = GUIDE.partition(f"$ {command}\n")[2].partition("```")[0]
    return [line for line in block.partition("\n$ ")[0].splitlines() if line]


def test_from_an_empty_folder_to_the_first_cases(tmp_path: Path) -> None:
    """Each step prints what the guide shows, and the last one runs cases."""
    first = "dfpy-conformance new-subject my-codec"
    written = run(tmp_path, first)
    assert written.returncode == ExitCode.OK
    assert written.stdout.splitlines() == shown(first)
    folder = tmp_path / "my-codec"
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    second = "dfpy-conformance run --subject adapter:Codec -q"
    listed = run(folder, second)
    assert listed.returncode == ExitCode.METHODS_MISSING
    for line in shown(second):
        assert line in listed.stdout
    assert listed.stdout.count("lacks 7 methods") == 1
    adapter = folder / "adapter.py"
    adapter.write_text(adapter.read_text().replace("    @to_do\n", ""))
    third = "dfpy-conformance run --subject adapter:Codec -q --chapter FRAME"
    begun = run(folder, third)
    assert begun.returncode == ExitCode.FAILED
    text = re.sub(r"\d+", "N", begun.stdout)  # the numbers grow with the suite
    for line in shown(third):
        if not line.startswith("reproduce"):  # it names this machine's folders
            assert re.sub(r"\d+", "N", line) in text
    assert len(shown(third)) == 13


def test_the_file_of_divergences_can_be_read(tmp_path: Path) -> None:
    """As it is, and with its examples, which are comments."""
    folder = tmp_path / "mine"
    assert CliRunner().invoke(main, ["new-subject", str(folder)]).exit_code == ExitCode.OK
    path = folder / "divergences.toml"
    text = path.read_text()
    assert text.startswith("# What mine is known")
    assert read_divergences(path) == {}
    examples = re.sub(r"^# ?(\[\[|\w+ = )", r"\1", text, flags=re.MULTILINE)
    (folder / "examples.toml").write_text(examples)
    assert list(read_divergences(folder / "examples.toml")) == ["no-trailing-bytes-check"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    result = CliRunner().invoke(main, ["new-subject", str(tmp_path)])
    assert result.exit_code == ExitCode.USAGE
    assert "README.md is there already, and is not overwritten" in result.output
    assert (tmp_path / "README.md").read_text() == "mine"
    assert not (tmp_path / "adapter.py").exists()


@pytest.mark.parametrize("folder", ["/", "a folder", '"'])
def test_a_folder_that_cannot_name_a_codec(folder: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["new-subject", str(tmp_path / folder)])
    assert result.exit_code == ExitCode.USAGE
    assert "expected a folder named after the codec" in result.output


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["new-subject", str(tmp_path / "file" / "codec")])
    assert result.exit_code == ExitCode.USAGE
    assert "cannot be written: Not a directory" in result.output


def test_the_files_as_json(tmp_path: Path) -> None:
    folder = tmp_path / "codec"
    result = CliRunner().invoke(main, ["new-subject", str(folder), "--json"])
    found = json.loads(result.output)
    assert (found["folder"], found["files"]) == (str(folder), list(FILES))
    assert found["next"].endswith("dfpy-conformance run --subject adapter:Codec")


def test_an_empty_name_is_not_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["new-subject", ""])
    assert result.exit_code == ExitCode.USAGE
    assert result.output == "FOLDER: expected the name of a folder, found an empty text\n"
    assert not [*tmp_path.iterdir()]
