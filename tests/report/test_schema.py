"""The JSON Schema of reports: what the suite writes follows it, wrong reports do not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.report.file import write_report
from conformance.report.model import OUTCOMES, Outcome
from conformance.spec.clauses import PROFILES
from conformance.util.kinds import KINDS
from tests.conftest import ROOT
from tests.report.reports import STRICT, diverging, failing, fixing, report

SCHEMA = json.loads((resources.files("conformance.report") / "schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def errors(path: Path) -> list[str]:
    document = json.loads(path.read_text(encoding="utf-8"))
    return [f"{one.json_path}: {one.message}" for one in VALIDATOR.iter_errors(document)]


def test_the_schema_has_the_words_of_the_suite() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert {*SCHEMA["$defs"]["kind"]["enum"]} == {"", *KINDS}
    assert SCHEMA["properties"]["profile"]["enum"] == ["", *PROFILES]
    assert {*SCHEMA["$defs"]["outcome"]["properties"]["outcome"]["enum"]} == {*OUTCOMES}


def test_reports(tmp_path: Path) -> None:
    warning = {STRICT[2]: Outcome("case/w", STRICT[2], "warning", "no", "", "wrong-value")}
    outcomes = {**failing(STRICT[0]), **diverging(STRICT[1], "a-divergence"), **warning}
    outcomes |= fixing(STRICT[3], "another")
    write_report(
        report(outcomes=outcomes, stale=("gone",), not_applicable=("FFI-01",)), tmp_path / "a"
    )
    write_report(report(planned=900, whole=False), tmp_path / "b")
    assert errors(tmp_path / "a") == errors(tmp_path / "b") == []


def test_the_report_of_a_run(tmp_path: Path) -> None:
    """A real one, of the reference, in which a chapter passes."""
    path = tmp_path / "report.json"
    command = [
        *(sys.executable, "-m", "conformance", "run", "--chapter", "TOGGLE", "-q"),
        *("--subject", "conformance.subjects.reference:Reference"),
        *("--conformance-report", str(path)),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert path.is_file(), done.stdout + done.stderr
    assert errors(path) == []
    assert json.loads(path.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(schema=1),
        lambda d: d.pop("complete"),
        lambda d: d.update(more=1),
        lambda d: d.update(planned=-1),
        lambda d: d.update(goldens="abc"),
        lambda d: d.update(profile="all"),
        lambda d: d["cell"].update(python=3.12),
        lambda d: d["clauses"][0].update(verdict="maybe"),
        lambda d: d["cases"][0].update(outcome="skipped"),
        lambda d: d["cases"][0].update(kind="no-error"),
        lambda d: d["cases"][0].update(outcome="fail"),
        lambda d: d["cases"][0].update(outcome="fail", kind="of-its-own"),
        lambda d: d["cases"][0].update(outcome="divergence", kind="no-error"),
        lambda d: d["cases"][0].update(outcome="fail", kind="no-error", divergence="x"),
        lambda d: d["cases"][0].update(outcome="fixed", kind="unexpected-pass"),
        lambda d: d.update(allow_fixed="yes"),
        lambda d: d["cases"][0].pop("seconds"),
        lambda d: d["cases"][0].update(clause="strict 4"),
    ],
)
def test_wrong_reports(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    write_report(report(), tmp_path / "report.json")
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    change(document)
    assert not VALIDATOR.is_valid(document)
