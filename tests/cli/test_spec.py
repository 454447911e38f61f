"""``clauses`` and ``divergences``: their filters, and a divergence as an issue."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.cli.spec import SEVERITY_NAMES
from conformance.spec.clauses import SEVERITIES
from conformance.util.exit_codes import ExitCode


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_clauses_of_a_chapter_with_words() -> None:
    found = json.loads(_run("clauses", "--chapter", "strict", "--text", "REMEDY", "--json").output)
    assert [one["id"] for one in found] == ["STRICT-05", "STRICT-06"]


def test_clauses_of_an_older_engine() -> None:
    found = json.loads(_run("clauses", "--engine", "54.0.0", "--json").output)
    assert {one["since"] for one in found} == {"54.0.0"}


def test_divergences_of_an_engine_the_worst_first() -> None:
    found = json.loads(_run("divergences", "--engine", "55.0.0", "--json").output)
    severities = [SEVERITIES.index(one["severity"]) for one in found]
    assert severities == sorted(severities)
    assert "hostile-orderings-panic" not in {one["id"] for one in found}


def test_a_divergence_as_an_issue() -> None:
    lines = _run("divergences", "--text", "hostile-orderings", "--markdown").output.splitlines()
    assert lines[0] == "# The decoder of a sorted node unwraps the ordering that it computes"
    promised = "> A decoder MUST refuse bytes that it cannot decode with an `Exception`"
    assert any(line.startswith(promised) for line in lines)
    assert "```python" in lines
    assert "- datafusion 54.0.0, 54.1.0" in lines
    assert "- severity: crash" in lines


def test_an_issue_with_what_the_script_prints_here() -> None:
    output = _run("divergences", "--text", "hostile-orderings", "--markdown", "--run").output
    assert "It prints here\n\n```text\n" in output
    assert "(exit code " in output


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["clauses", "--engine", "53.0.0"], "--engine 53.0.0: expected a released engine, one of"),
        (["clauses", "--chapter", "X"], "--chapter X: unknown chapter; expected one of FRAME"),
        (["divergences", "--text", "no such words"], "Nothing has all that the options ask for"),
        (["divergences", "--run"], "--run: expected --markdown with it"),
    ],
)
def test_a_wrong_option(arguments: list[str], text: str) -> None:
    result = _run(*arguments)
    assert result.exit_code == ExitCode.USAGE
    assert text in result.output


def test_the_option_knows_all_severities() -> None:
    assert SEVERITY_NAMES == SEVERITIES
