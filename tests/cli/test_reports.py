"""The command ``report html``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.report.file import write_report
from conformance.util.exit_codes import ExitCode
from tests.report.reports import STRICT, failing, report

CASE = f"case/{STRICT[0]}[scalar]"


def html(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["report", "html", *map(str, arguments)])


def test_the_page_is_written_whatever_the_verdict(tmp_path: Path) -> None:
    one = report(outcomes=failing(STRICT[0]))
    one.evidence[CASE] = {"expected": "this", "seen": "something else"}
    one.commands[CASE] = "pytest here"
    write_report(one, tmp_path / "a.json")
    page = tmp_path / "page.html"
    result = html(tmp_path / "a.json", "-o", page)
    assert (result.exit_code, result.output) == (0, f"{page}: open it in a browser\n")
    text = page.read_text(encoding="utf-8")
    assert "something else" in text
    assert "pytest here" in text
    assert 'id="grid"' in text
    assert html(tmp_path / "a.json", "-o", page, "--no-reproduce").exit_code == 0
    assert "pytest here" not in page.read_text(encoding="utf-8")


def test_the_page_since_an_earlier_run(tmp_path: Path) -> None:
    write_report(report(), tmp_path / "old.json")
    write_report(report(outcomes=failing(STRICT[0])), tmp_path / "new.json")
    page = tmp_path / "page.html"
    result = html(tmp_path / "new.json", "--since", tmp_path / "old.json", "-o", page)
    assert result.exit_code == 0, result.output
    assert '<tr class="worse">' in page.read_text(encoding="utf-8")


def test_without_jinja2_it_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    write_report(report(), tmp_path / "a.json")
    result = html(tmp_path / "a.json", "-o", tmp_path / "page.html")
    assert result.exit_code == ExitCode.NOT_INSTALLED
    assert "pip install jinja2" in result.output
    assert result.output.count("\n") == 1
    assert not (tmp_path / "page.html").exists()


def test_what_cannot_be_read_or_written(tmp_path: Path) -> None:
    result = html(tmp_path / "none.json", "-o", tmp_path / "page.html")
    assert (result.exit_code, result.output) == (2, f"{tmp_path}/none.json: no such file\n")
    write_report(report(), tmp_path / "a.json")
    page = tmp_path / "no-folder-but-a-file"
    page.write_text("", encoding="utf-8")
    result = html(tmp_path / "a.json", "-o", page / "page.html")
    assert result.exit_code == 2
    assert "page.html: cannot be written: " in result.output
