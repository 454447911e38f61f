"""The second child of a long run: what it runs, how its cases are reported, how it ends."""

from __future__ import annotations

import time

import pytest

from conformance.runner import execution, second_child
from conformance.util.exit_codes import ExitCode
from tests.conftest import gone
from tests.runner.runs import Suite

FIRST = """
import os, signal, time
from pathlib import Path

def note(name):
    Path(name).write_text(str(os.getpid()))

@pytest.fixture
def number():
    return 1

@clause("FRAME-01")
def test_first(subject):
    note("first")

@clause("FRAME-02")
def test_with_a_fixture(subject, number):
    note("fixture")

@clause("FRAME-03")
def test_second(subject):
    note("second")
"""

LAST = """
@clause("FRAME-04")
def test_fails(subject):
    note("fails")
    assert_equal(1, 2, "the number")

@clause("FRAME-05")
@pytest.mark.deadly
def test_ends(subject):
    note("ends")
    os.kill(os.getpid(), signal.SIGKILL)

@clause("FRAME-06")
@pytest.mark.deadly
def test_last(subject):
    time.sleep(0.1)
    note("last")
"""


@pytest.fixture
def long(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Return a suite whose run counts as long, and whose subject as the engine."""
    monkeypatch.setattr(second_child, "LEAST", 2)
    monkeypatch.setattr(second_child, "SHARE", 0.6)
    monkeypatch.setattr(execution, "SUBJECT", "fake:Fake")
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    return suite


def pids(suite: Suite) -> dict[str, int]:
    """Return the process of each case that left a note."""
    names = ("first", "fixture", "second", "fails", "ends", "last")
    files = [suite.folder / name for name in names if (suite.folder / name).exists()]
    return {file.name: int(file.read_text()) for file in files}


def test_the_last_cases_run_in_a_second_child(long: Suite) -> None:
    long.cases(FIRST + LAST)
    long.run()
    seen = pids(long)
    assert seen["first"] == seen["fixture"] == seen["second"]
    assert seen["fails"] == seen["ends"]
    assert len({seen["first"], seen["ends"], seen["last"]}) == 3  # the last one has a new child


def test_all_cases_are_reported_in_their_order(long: Suite) -> None:
    long.cases(FIRST + LAST)
    result = long.run()
    assert result.ret == ExitCode.FAILED
    assert list(long.outcomes().values()) == ["pass", "pass", "pass", "fail", "crash", "pass"]


def test_one_child_if_it_is_asked_for(long: Suite) -> None:
    long.cases(FIRST)
    long.run("--one-child")
    assert len(set(pids(long).values())) == 1


def test_a_run_that_stops_does_not_wait_for_it(long: Suite) -> None:
    long.cases(
        FIRST.replace('note("first")', "assert_equal(1, 2, 'the number')")
        + """
@clause("FRAME-04")
@pytest.mark.deadline(100)
def test_waits(subject):
    note("fails")
    time.sleep(100)

@clause("FRAME-05")
def test_does_not_start(subject):
    note("last")
"""
    )
    began = time.monotonic()
    long.run("-x")
    assert time.monotonic() - began < 50
    seen = pids(long)
    assert "last" not in seen
    assert "fails" not in seen or gone(seen["fails"])


def test_a_few_cases_need_no_second_child() -> None:
    assert not second_child.last_cases([])
