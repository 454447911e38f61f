"""Shell completion: the scripts, and what arguments complete to."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from conformance.cli import main
from conformance.cli.completion import SHELLS, VARIABLE
from conformance.cli.schema import IN_PACKAGE
from conformance.matrix import read
from conformance.spec import CHAPTERS, CLAUSES, DIVERGENCES


def complete(*arguments: str) -> list[str]:
    """Complete the last of the arguments."""
    *before, incomplete = arguments
    made = ShellComplete(main, {}, "dfpy-conformance", VARIABLE)
    return [item.value for item in made.get_completions(list(before), incomplete)]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_asks_by_the_variable(shell: str) -> None:
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0
    assert f"{VARIABLE}={shell}_complete" in result.output


@pytest.mark.parametrize("shell", [shell for shell in SHELLS if shutil.which(shell)])
def test_the_shell_reads_its_script(shell: str) -> None:
    text = CliRunner().invoke(main, ["completion", shell]).output
    subprocess.run([shell, "-n"], input=text, text=True, check=True, timeout=60)


def test_clauses_and_divergences() -> None:
    assert complete("explain", "strict-0") == [one for one in CLAUSES if one.startswith("STRICT-0")]
    name = next(iter(DIVERGENCES))
    assert name in complete("explain", name[:6])


@pytest.mark.parametrize("command", ["clauses", "divergences", "run"])
def test_chapters(command: str) -> None:
    found = complete(command, "--chapter", "S")
    assert found == [one for one in CHAPTERS if one.startswith("S")]
    assert found


def test_a_pytest_option_completes_to_nothing() -> None:
    assert complete("run", "-k", "STR") == []


def test_capabilities() -> None:
    assert complete("clauses", "--needs", "write-") == ["write-back", "write-frame"]


def test_engines_and_schemas() -> None:
    assert complete("clauses", "--engine", "5") == list(read().engines)
    assert complete("schema", "re") == [one for one in IN_PACKAGE if one.startswith("re")]


def test_commands() -> None:
    assert complete("comp") == ["completion"]
