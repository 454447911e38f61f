"""``explain``: a clause, a known divergence, a case, and a failed case beside its report."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.explain.side_by_side import side_by_side
from conformance.explain.verdicts import by_severity, since_when
from conformance.report.file import read_report, write_report
from conformance.report.merged import Merged
from conformance.report.model import Outcome, Report
from conformance.spec import CLAUSES, DIVERGENCES
from conformance.util.exit_codes import ExitCode

CASE = "strict/refusal_names_the_udf[scalar]"


def _explain(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Write the report of a run in which one case failed."""
    found = Report("0.1.0", "mine", {"engine": "1.0"}, True, 2)
    found.cases = [
        Outcome(CASE, "STRICT-02", "fail", "the error lacks the name", "", "message-lacks"),
        Outcome("strict/refusal_names_the_udf[window]", "STRICT-02", "pass"),
    ]
    found.evidence = {CASE: {"expected": "UDF 'times'", "seen": "UDF"}}
    found.commands = {CASE: "python -m pytest x"}
    path = tmp_path / "mine.json"
    write_report(found, path)
    return path


def test_a_clause() -> None:
    lines = _explain("strict-02").output.splitlines()
    assert lines[0] == "STRICT-02: The refusal names the UDF"
    assert "engines   55.0.0 holds, 54.1.0 holds, 54.0.0 holds" in lines
    assert any(line.startswith("  strict/refusal_names_the_udf  A strict") for line in lines)
    assert any(line.startswith("  engine/strict/RefusalLostTheName  Omit") for line in lines)
    assert any(line.startswith("source    codec.rs, refuse_inline_payload") for line in lines)
    assert not any(line.startswith("goldens") for line in lines)


@pytest.mark.parametrize("clause", ["PROGRAM-01", "PROGRAM-03", "PROGRAM-06", "PROGRAM-08"])
def test_a_clause_about_programs_says_nothing_of_engines(clause: str) -> None:
    """No engine is judged by it: it is not applicable in each report of one."""
    lines = _explain(clause).output.splitlines()
    assert "engines   55.0.0 n/a, 54.1.0 n/a, 54.0.0 n/a; it judges programs, no engine" in lines
    engines = json.loads(_explain(clause, "--json").output)["engines"]
    assert engines == {"55.0.0": "n/a", "54.1.0": "n/a", "54.0.0": "n/a"}


@pytest.mark.parametrize(
    ("clause", "kind"),
    [("GOLDEN-01", "expression"), ("GOLDENPLAN-01", "plan"), ("GOLDENCHAIN-01", "chain")],
)
def test_goldens(clause: str, kind: str) -> None:
    """A chapter of goldens lists those that it reads, and no other."""
    files = json.loads(_explain(clause, "--json").output)["goldens"]
    found = {
        "chain" if "/chain/" in file else "plan" if "-plan/" in file else "expression"
        for file in files
    }
    assert found == {kind}


def test_a_clause_that_releases_break_has_the_reproduction() -> None:
    output = _explain("HOSTILE-03").output
    assert "54.0.0 diverges" in output
    assert "known divergence hostile-orderings-panic: datafusion 54.0.0, 54.1.0" in output
    assert "hostile-orderings-panic.py" in output


def test_a_clause_with_a_snippet_has_its_command() -> None:
    script = CLAUSES["TOGGLE-08"].snippet
    assert f"snippet   python {script}  #" in _explain("TOGGLE-08").output
    assert "snippet" not in _explain("STRICT-08").output


def test_a_divergence() -> None:
    output = _explain("hostile-orderings-panic").output
    assert "known divergence hostile-orderings-panic: datafusion 54.0.0, 54.1.0" in output
    assert "clause    HOSTILE-03 (crash): A refusal is an Exception, not a panic" in output
    assert "fails     as panic; the engine says 'PanicException: '" in output


def test_a_vector() -> None:
    lines = _explain("wrong-version-2/scalar/strict").output.splitlines()
    assert lines[0] == "wrong-version-2/scalar/strict"
    assert "session   strict, Python 3.12; codecs: none; registered: none" in lines
    assert "decision  refuse" in lines
    assert '  FRAME-08: the words "wire-format version v2;"' in lines
    assert "  FRAME-11: nothing is unpickled" in lines
    (dumped,) = (line for line in lines if line.endswith("  wire version"))
    assert dumped.startswith("0000001c  02 ")
    request = json.loads(lines[-1].removeprefix("request"))
    found = json.loads(_explain("wrong-version-2/scalar/strict", "--json").output)
    assert request == found["request"]
    assert base64.b64decode(request["data"]).hex() == found["data"]


def test_a_failed_vector_beside_its_report(tmp_path: Path) -> None:
    case = "negative/demand[FRAME-08-wrong-version-2-scalar-strict]"
    found = Report("0.1.0", "mine", {"engine": "1.0"}, True, 1)
    found.cases = [Outcome(case, "FRAME-08", "fail", "accepted", "", "no-error")]
    write_report(found, tmp_path / "mine.json")
    output = _explain("wrong-version-2/scalar/strict", "--report", str(tmp_path)).output
    assert f"fail of {case} (no-error)" in output
    other = _explain("wrong-version-2/scalar/inlining", "--report", str(tmp_path)).output
    assert case not in other


def test_a_failed_case_beside_its_report(report: Path) -> None:
    lines = _explain(CASE, "--report", str(report)).output.splitlines()
    assert "mine (engine 1.0)" in lines
    assert "  1 failed" in lines
    assert "    expected      seen" in lines
    assert "    UDF 'times' | UDF" in lines
    assert "    reproduce: python -m pytest x" in lines


def test_a_clause_beside_the_reports_of_a_folder(report: Path) -> None:
    output = _explain("STRICT-02", "--report", str(report.parent)).output
    assert "  1 passed, 1 failed" in output


def test_it_is_json_for_programs(report: Path) -> None:
    found = json.loads(_explain("STRICT-02", "--report", str(report), "--json").output)
    assert found["engines"]["54.0.0"] == "holds"
    assert found["reports"][0]["failures"][0]["seen"] == "UDF"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("STRIC-02", "did you mean STRICT-02"),
        ("nothing", "expected a clause, a divergence, a case or a vector"),
        ("wrong-version-2/scalar/stric", "did you mean wrong-version-2/scalar/strict"),
        ("FOREIGN-01", "FOREIGN-01 is retired"),
    ],
)
def test_an_unknown_name(name: str, text: str) -> None:
    result = _explain(name)
    assert result.exit_code == ExitCode.USAGE
    assert text in result.output


def test_a_folder_without_reports(tmp_path: Path) -> None:
    result = _explain("STRICT-02", "--report", str(tmp_path))
    assert result.exit_code == ExitCode.USAGE
    assert "expected reports (*.json) in this folder, found none" in result.output


def test_the_worst_severity_comes_first() -> None:
    ordered = by_severity([*DIVERGENCES.values()])
    assert len(ordered) == len(DIVERGENCES)
    assert CLAUSES[ordered[0].clause].severity == "code-execution"
    assert CLAUSES[ordered[-1].clause].severity == "diagnostics"


def test_each_divergence_shows_on_a_release() -> None:
    assert [one.id for one in DIVERGENCES.values() if not since_when(one)] == []


def test_texts_that_are_too_wide_come_one_under_the_other() -> None:
    assert [*side_by_side("a" * 30, "b" * 30, 40)] == [
        f"expected  {'a' * 30}",
        f"seen      {'b' * 30}",
    ]
    assert [*side_by_side("same\nx", "same\ny", 40)] == [
        "expected   seen",
        "same       same",
        "x        | y",
    ]


def test_a_case_that_no_report_has(report: Path) -> None:
    result = _explain("strict/refusal_names_the_udf[scaler]", "--report", str(report))
    assert result.exit_code == ExitCode.USAGE
    assert f"no report has this case; did you mean {CASE}" in result.output


def test_without_a_report_the_parameters_are_not_checked() -> None:
    assert "Its parameters are not checked: a report" in _explain(CASE).output


def test_a_case_in_a_merged_document(report: Path, tmp_path: Path) -> None:
    merged = tmp_path / "all.json"
    Merged({"a": read_report(report)}).write(merged)
    assert "a (engine 1.0)" in _explain(CASE, "--report", str(merged)).output


def test_a_divergence_that_says_nothing() -> None:
    assert "fails     as hang\n" in _explain("strict-pool-hangs").output
