"""Incomplete runs, and damage that must not pass for a complete run."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from unittest import mock

import pytest

from conformance.report.file import read_report
from conformance.report.model import ReportError
from conformance.util.exit_codes import ExitCode
from conformance.util.places import SUITE
from tests.conftest import ROOT
from tests.runner.runs import Suite, says

REFERENCE = "conformance.subjects.reference:Reference"
PASSES = '@clause("FRAME-01")\ndef test_a(subject): pass\n'
FAILS = '@clause("FRAME-01")\ndef test_b(subject): assert False\n'


@pytest.mark.parametrize(
    "picks",
    [["--ignore", "test_y.py"], ["--ignore-glob", "*_y.py"], ["test_x.py"]],
    ids=["ignore", "ignore-glob", "file"],
)
def test_a_file_left_out(suite: Suite, picks: list[str]) -> None:
    suite.cases(PASSES, "test_x")
    suite.cases(FAILS, "test_y")
    result = suite.run(*picks)
    assert result.ret == ExitCode.PARTIAL
    says(result, "partial run, no verdict: only 1 selected cases ran")
    assert suite.outcomes() == {"x/a": "pass"}
    assert not suite.report.complete
    assert suite.verdicts() == {}


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_pick_that_fails_is_a_failure(suite: Suite, options: tuple[str, ...]) -> None:
    suite.cases(PASSES + FAILS)
    assert suite.run(*options, "-k", "test_a").ret == ExitCode.PARTIAL
    assert suite.run(*options, "-k", "test_b").ret == ExitCode.FAILED
    assert suite.run(*options, "--deselect", "test_chapter.py::test_b").ret == ExitCode.PARTIAL


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_another_plugin_deselects(suite: Suite, options: tuple[str, ...]) -> None:
    suite.cases(PASSES + FAILS)
    suite.pytester.makeconftest(
        """
def pytest_collection_modifyitems(config, items):
    config.hook.pytest_deselected(items=items[1:])
    del items[1:]
"""
    )
    suite.run(*options)
    assert not suite.report.complete


def test_a_module_that_cannot_be_collected(suite: Suite) -> None:
    suite.cases(PASSES, "test_x")
    suite.cases("import nowhere", "test_y")
    suite.run("--continue-on-collection-errors")
    assert not suite.report.complete


def test_an_old_report_does_not_outlive_the_next_run(suite: Suite) -> None:
    suite.cases(PASSES)
    suite.run()
    assert suite.report_file.exists()
    suite.run("--cell", "engine=1.0")
    assert not suite.report_file.exists()


def test_the_report_says_by_which_goldens_it_judged(suite: Suite) -> None:
    suite.cases(PASSES)
    suite.run()
    store = ROOT / "golden"
    folders = [sorted((store / name).iterdir()) for name in ("refusals", "negative")]
    files = [store / "manifest.json", *folders[0], *folders[1]]
    content = b"".join(path.read_bytes() for path in files)
    assert suite.report.goldens == hashlib.sha256(content).hexdigest()


def test_a_damaged_store_ends_the_run(
    suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before any case: nothing could be judged by it."""
    monkeypatch.setenv("CONFORMANCE_GOLDEN", str(tmp_path / "store"))
    run = suite.run(str(SUITE / "test_payload.py"))
    assert run.ret == ExitCode.DAMAGED_STORE
    assert "The golden store is damaged:" in run.stdout.str() + run.stderr.str()
    assert not suite.report_file.exists()


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_a_report_that_cannot_be_written_after_the_run(suite: Suite, workers: list[str]) -> None:
    """The failures first, then one sentence, and the exit code for an answer that is lost."""
    suite.cases(PASSES + FAILS)
    full = OSError(28, "No space left on device", "report.json")
    with mock.patch("conformance.util.atomic.write", side_effect=full):
        run = suite.run(*workers)
    assert run.ret == ExitCode.USAGE
    says(run, "FAILURES", "chapter/b", "1 failed, 1 passed")
    message = (
        f"--conformance-report {suite.report_file}: cannot be written: No space left on device"
    )
    assert run.stderr.str().splitlines()[-1] == message
    assert "Traceback" not in run.stderr.str()
    assert "INTERNALERROR" not in run.stdout.str()
    assert not suite.report_file.exists()


def refused_before_the_run(suite: Suite, path: Path, why: str) -> None:
    suite.cases('@clause("FRAME-01")\ndef test_a(subject): open("ran", "w").close()')
    run = suite.run("--conformance-report", str(path))
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    message = f"ERROR: --conformance-report {path}: cannot be written: {why}"
    assert message in run.stderr.str().splitlines()
    assert not (suite.folder / "ran").exists()


def test_a_report_over_a_folder(suite: Suite) -> None:
    suite.report_file.mkdir()
    refused_before_the_run(suite, suite.report_file, "not a regular file")
    assert suite.report_file.is_dir()


@pytest.mark.parametrize("linked", [False, True])
def test_a_report_over_a_device(suite: Suite, linked: bool) -> None:
    """As ``/dev/null`` is: the device stays."""
    fifo = suite.folder / "fifo"
    os.mkfifo(fifo)
    path = suite.folder / "link" if linked else fifo
    if linked:
        path.symlink_to(fifo)
    refused_before_the_run(suite, path, "not a regular file")
    assert fifo.is_fifo()


def test_a_report_where_no_file_can_be(suite: Suite) -> None:
    (suite.folder / "file").write_text("mine")
    refused_before_the_run(suite, suite.folder / "file" / "x.json", "File exists")


def test_a_report_over_links_in_a_circle(suite: Suite) -> None:
    one, other = suite.folder / "one", suite.folder / "other"
    one.symlink_to(other)
    other.symlink_to(one)
    refused_before_the_run(suite, one, "Too many levels of symbolic links")
    assert one.is_symlink()
    assert other.is_symlink()


@pytest.mark.parametrize("text", ["# mine\n", '{"schema": 2}', '{"schema": 2', "[]", ""])
def test_what_is_no_report_stays_until_there_is_one(suite: Suite, text: str) -> None:
    """A run that ends before its first case, such as for another cell, loses nobody's file."""
    suite.cases(PASSES)
    suite.report_file.write_text(text)
    assert suite.run("--cell", "engine=1.0").ret == ExitCode.WRONG_CELL
    assert suite.report_file.read_text() == text
    assert suite.run().ret == ExitCode.OK
    assert suite.report.complete
    assert {path.name for path in suite.folder.glob(".new-*")} == set()


def test_an_old_report_behind_a_link(suite: Suite) -> None:
    """It does not outlive the next run, either; the link does."""
    suite.cases(PASSES)
    suite.run()
    link = suite.folder / "link.json"
    link.symlink_to(suite.report_file)
    suite.run("--conformance-report", str(link), "--cell", "engine=1.0")
    assert link.is_symlink()
    assert not suite.report_file.exists()
    suite.run("--conformance-report", str(link))
    assert link.is_symlink()
    assert suite.report.complete


def test_a_run_without_cases_to_run_leaves_the_report(suite: Suite) -> None:
    suite.cases(PASSES)
    suite.run()
    suite.run("--collect-only")
    assert suite.report.complete


def test_a_case_that_was_not_planned(suite: Suite) -> None:
    suite.cases('@clause("FRAME-01")\ndef test_a(subject): return 7\n')
    assert suite.run().ret == pytest.ExitCode.TESTS_FAILED
    assert suite.outcomes() == {"chapter/a": "fail"}


def test_a_fixture_among_cases_that_run_ahead(suite: Suite) -> None:
    suite.cases(
        """
@pytest.fixture
def seven():
    return 7
@clause("FRAME-01")
def test_a(subject): pass
@clause("FRAME-01")
def test_b(subject, seven): assert seven == 7
@clause("FRAME-01")
@pytest.mark.parametrize("n", [1, lambda: None])
def test_c(subject, n): pass
@clause("FRAME-01")
def test_d(subject): pass
"""
    )
    suite.run()
    outcomes = suite.outcomes()
    assert outcomes.pop("chapter/c[<lambda>]") == "fail"
    assert set(outcomes.values()) == {"pass"}
    assert len(outcomes) == 4


def test_versions_of_another_subject_are_its_own(suite: Suite) -> None:
    suite.cases(PASSES)
    source = "from fake import Fake\nclass Mine(Fake):\n    def versions(self):\n"
    suite.pytester.makepyfile(mine=source + "        return {'engine': '0.1'}\n")
    assert suite.run(subject="mine:Mine").ret == pytest.ExitCode.OK
    assert suite.verdicts()["FRAME-01"] == "pass"


@pytest.mark.parametrize(
    ("field", "value"), [("outcome", "failed"), ("outcome", "divergence"), ("divergence", "x")]
)
def test_an_outcome_that_there_is_not(suite: Suite, field: str, value: str) -> None:
    suite.cases(PASSES)
    suite.run()
    path: Path = suite.report_file
    document = json.loads(path.read_text())
    document["cases"][0][field] = value
    path.write_text(json.dumps(document))
    with pytest.raises(
        ReportError, match=r"report\.json: case chapter/a: unknown or contradictory outcome"
    ):
        read_report(path)


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_cases_of_the_suite_that_pytest_does_not_collect(
    suite: Suite, options: tuple[str, ...]
) -> None:
    suite.pytester.makeini("[pytest]\npython_functions = test_fresh*\n")
    where = ("--pyargs", "conformance", "--chapter", "TOGGLE")
    result = suite.run(*options, *where, subject=REFERENCE)
    assert result.ret == ExitCode.FAILED
    says(result, "WITHOUT A CASE: TOGGLE-02 … TOGGLE-14. Something keeps pytest from")
    assert set(suite.verdicts()) == {"TOGGLE-01"}
