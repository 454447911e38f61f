"""``clauses`` and ``divergences``: their filters, and a divergence as an issue."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.cli.spec import PROFILE_NAMES, SEVERITY_NAMES
from conformance.spec.clauses import PROFILES, SEVERITIES
from conformance.util.exit_codes import ExitCode


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_clauses_of_a_chapter_with_words() -> None:
    found = json.loads(_run("clauses", "--chapter", "strict", "--text", "REMEDY", "--json").output)
    assert [one["id"] for one in found] == ["STRICT-05", "STRICT-06"]


def test_clauses_of_an_older_engine() -> None:
    found = json.loads(_run("clauses", "--engine", "54.0.0", "--json").output)
    assert {one["since"] for one in found} == {"54.0.0"}


def test_clauses_of_a_profile_that_judge_a_program() -> None:
    """Each operation of a program is a capability; a case of the clause needs it, or the clause."""
    found = {}
    for needs in ("decide", "take-apart", "write-back", "write-frame", "envelopes"):
        text = _run("clauses", "--profile", "wire", "--needs", needs, "--json").output
        found[needs] = [one["id"] for one in json.loads(text)]
    assert found["take-apart"] == ["PROGRAM-02", "PROGRAM-03", "PROGRAM-04", "PROGRAM-05"]
    assert found["write-back"] == ["PROGRAM-06"]
    assert found["write-frame"] == ["FRAME-02", "FRAME-03", "FRAME-04", "PROGRAM-07"]
    assert found["envelopes"] == ["PROGRAM-08", "PROGRAM-09"]
    assert {"PROGRAM-01", "GOLDEN-02", "STRICT-01", "HOSTILE-04"} <= {*found["decide"]}
    text = _run("clauses", "--profile", "wire", "--needs", "take-apart").output
    assert text.count(", needs take-apart\n") == 4


def test_clauses_of_a_capability_in_python() -> None:
    found = json.loads(_run("clauses", "--needs", "ffi_libraries", "--json").output)
    assert {one["needs"] for one in found} == {"ffi_libraries"}
    assert [one for one in found if one["profile"] == "wire"] == []


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
        (
            ["clauses", "--needs", "x"],
            "--needs x: unknown capability; expected one of decide, take-",
        ),
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


def test_the_option_knows_all_profiles() -> None:
    assert PROFILE_NAMES == PROFILES
