"""A report is written completely or not at all; a damaged one is refused."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import __version__
from conformance.report.file import read_report, write_report
from conformance.report.model import SCHEMA, Outcome, ReportError
from tests.report.cases import OUTCOMES, case, report, verdicts


@given(st.lists(OUTCOMES), st.text(max_size=5))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, cases: list[Outcome], subject: str
) -> None:
    path = tmp_path_factory.mktemp("reports") / "deep" / "report.json"
    one = report(*cases)
    one.subject, one.stale, one.not_applicable = subject, ("known",), ("FRAME-24",)
    write_report(one, path)
    assert read_report(path) == one
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["schema"] == SCHEMA
    assert document["complete"] == one.complete
    assert {entry["clause"]: entry["verdict"] for entry in document["clauses"]} == verdicts(one)
    assert os.listdir(path.parent) == ["report.json"]


@pytest.mark.parametrize("place", ["json.dumps", "os.fdopen", "os.fsync", "os.chmod", "os.replace"])
def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, place: str) -> None:
    path = tmp_path / "report.json"
    write_report(report(case("chapter/x")), path)
    before = path.read_bytes()
    with (
        mock.patch(place, side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        write_report(report(case("chapter/y")), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_report_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_report(report(case("chapter/x")), path)
    whole = path.read_bytes()
    for size in range(0, len(whole.rstrip()), 97):
        path.write_bytes(whole[:size])
        with pytest.raises(ReportError, match=re.escape(f"{path}: not a complete report: ")):
            read_report(path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda d: d.update(schema=SCHEMA + 1),
            f"schema {SCHEMA + 1}, of a newer dfpy-conformance: update",
        ),
        (lambda d: d.update(schema=0), f"not a report of schema {SCHEMA}"),
        (lambda d: d.pop("schema"), f"not a report of schema {SCHEMA}"),
        (lambda d: d.pop("planned"), f"not a report of schema {SCHEMA}"),
        (lambda d: d.pop("whole"), "a field is missing or unknown: 'whole'"),
        (lambda d: d["cases"][0].update(mood="good"), "a field is missing or unknown: .*mood"),
        (lambda d: d["cases"][0].pop("outcome"), "a field is missing or unknown: .*outcome"),
        (lambda d: d.update(cases=None), "a field is missing or unknown"),
        (lambda d: d.update(suite=1), "suite: expected str, found "),
        (lambda d: d.update(subject=None), "subject: expected str, found "),
        (lambda d: d.update(cell=[]), "cell: expected dict, found "),
        (lambda d: d["cell"].update(python=3.12), "cell: expected strings, found "),
        (lambda d: d.update(whole="no"), "whole: expected bool, found "),
        (lambda d: d.update(planned=True), "planned: expected int, found "),
        (lambda d: d.update(planned=2), "complete contradicts the cases"),
        (lambda d: d.update(stale=[1]), "stale: expected strings, found "),
        (lambda d: d["cases"][0].update(clause=1), "cases: a field of number 0 has the wrong type"),
        (
            lambda d: d["cases"][0].update(seconds=""),
            "cases: a field of number 0 has the wrong type",
        ),
        (
            lambda d: d["cases"][0].update(kind="no-error"),
            "case chapter/x: unknown kind",
        ),
        (
            lambda d: d["cases"][0].update(outcome="fail"),
            "case chapter/x: unknown kind",
        ),
        (
            lambda d: d["cases"][0].update(outcome="fail", kind="bad"),
            "case chapter/x: unknown kind 'bad' of a fail",
        ),
        (lambda d: d["cases"][0].update(clause="NO-99"), "case chapter/x: unknown clause 'NO-99'"),
        (lambda d: d["cell"].update(python="\ud800"), "cell.python: expected text, found half of"),
        (lambda d: d.update(subject="\udfff"), "subject: expected text, found half of"),
        (lambda d: d.update(stale=["\ud800"]), "stale: expected text, found half of"),
        (lambda d: d["cases"].clear(), "complete contradicts the cases"),
        (lambda d: d.pop("complete"), "complete contradicts the cases"),
    ],
)
def test_reports_of_another_form(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], says: str
) -> None:
    path = tmp_path / "report.json"
    write_report(report(case("chapter/x")), path)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(ReportError, match=f"{re.escape(str(path))}: {says}"):
        read_report(path)


def test_verdicts_that_do_not_follow_from_the_cases(tmp_path: Path) -> None:
    """This is an error in a report of this suite; another suite may have other clauses."""
    path = tmp_path / "report.json"
    for suite in (__version__, "0.0.1"):
        write_report(report(case("chapter/x", outcome="fail")), path)
        document = json.loads(path.read_text())
        document["suite"] = suite
        document["cases"][0].update(outcome="pass", kind="")
        path.write_text(json.dumps(document))
        if suite != __version__:
            assert read_report(path).suite == suite
            continue
        with pytest.raises(ReportError, match="clauses contradicts the cases"):
            read_report(path)


def test_a_report_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=f"{re.escape(str(tmp_path))}: cannot be read: Is a dir"):
        read_report(tmp_path)
    path = tmp_path / "report.json"
    path.write_text("[" * 100_000)
    with pytest.raises(ReportError, match=r"report\.json: not a complete report: "):
        read_report(path)


@pytest.mark.parametrize("text", ["[]", "null", "7"])
def test_json_that_is_no_report(tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(ReportError, match=r"report\.json: not a report of schema"):
        read_report(path)


def test_a_report_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"report\.json: no such file"):
        read_report(tmp_path / "report.json")
