"""``dfpy-conformance run``: pytest's options pass through; a missing package is one sentence."""

from __future__ import annotations

import subprocess
import sys
from unittest import mock

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.util.exit_codes import ExitCode


def test_it_runs_the_suite_on_what_is_installed() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "conformance", "run", "--chapter", "GOLDENCHAIN", "-k", "x", "-q"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "deselected" in run.stdout
    assert "datafusion: engine " in run.stdout


def test_options_of_pytest_are_passed_on() -> None:
    with mock.patch("subprocess.run") as run:
        run.return_value.returncode = 7
        result = CliRunner().invoke(main, ["run", "--strict", "-k", "a or b", "--maxfail=1"])
    assert result.exit_code == 7
    (command,) = run.call_args.args
    assert command[-4:] == ["--conformance-strict", "-k", "a or b", "--maxfail=1"]


@pytest.mark.parametrize(
    ("name", "extra"), [("pyarrow", "engine"), ("datafusion", "engine"), ("cloudpickle", "engine")]
)
def test_a_missing_package_is_one_sentence_with_the_extra(name: str, extra: str) -> None:
    with mock.patch("conformance.cli.run.find_spec", lambda one: None if one == name else one):
        result = CliRunner().invoke(main, ["run"])
    assert result.exit_code == ExitCode.USAGE
    assert f"run needs the package {name}: pip install 'dfpy-conformance[{extra}]'" in result.output
    assert result.output.count("\n") == 1
