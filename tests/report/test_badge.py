"""The badge is red where the verdict is, and grey where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.report.file import write_report
from conformance.report.model import Report
from conformance.spec import CLAUSES, DIVERGENCES
from tests.report.reports import STRICT, diverging, failing, fixing, report

ALL = len(CLAUSES)
KNOWN = next(iter(DIVERGENCES.values()))


@pytest.mark.parametrize(
    ("judged", "message", "color"),
    [
        (report(), f"{ALL} of {ALL} clauses hold", "brightgreen"),
        (
            report(not_applicable=(STRICT[0],)),
            f"{ALL - 1} of {ALL - 1} clauses hold",
            "brightgreen",
        ),
        (
            report(outcomes=diverging(KNOWN.clause, KNOWN.id)),
            f"{ALL - 1} of {ALL} clauses hold, others as known",
            "green",
        ),
        (report(outcomes=failing(STRICT[0])), f"1 of {ALL} clauses fail", "red"),
        (report(outcomes=fixing(STRICT[0], "known")), "failed", "red"),
        (
            report(outcomes=fixing(STRICT[0], "known"), allow_fixed=True),
            f"{ALL} of {ALL} clauses hold",
            "brightgreen",
        ),
        (report(planned=ALL + 1), "failed", "red"),
        (report(whole=False), "partial run, no verdict", "lightgrey"),
    ],
)
def test_badge(tmp_path: Path, judged: Report, message: str, color: str) -> None:
    write_report(judged, tmp_path / "report.json")
    target = tmp_path / "badge.json"
    command = ["report", "badge", str(tmp_path / "report.json"), "-o", str(target)]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert json.loads(target.read_text(encoding="utf-8")) == {
        "schemaVersion": 1,
        "label": "dfpy-conformance",
        "message": message,
        "color": color,
    }


def test_a_planned_cell_without_a_report_is_red(tmp_path: Path) -> None:
    write_report(report(), tmp_path / "report.json")
    target = tmp_path / "badge.json"
    command = ["report", "badge", str(tmp_path / "report.json"), "--expect=b", "-o", str(target)]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert json.loads(target.read_text(encoding="utf-8"))["color"] == "red"


def test_what_cannot_be_read_makes_no_badge(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{")
    target = tmp_path / "badge.json"
    command = ["report", "badge", str(tmp_path / "report.json"), "-o", str(target)]
    assert CliRunner().invoke(main, command).exit_code == 2
    assert not target.exists()
