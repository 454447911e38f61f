"""A run with selected chapters: complete in these, partial as a run."""

from __future__ import annotations

import pytest

from conformance.spec import CLAUSES
from conformance.util.exit_codes import ExitCode
from tests.runner.runs import Suite

PARTIAL = ExitCode.PARTIAL
FRAME = [clause for clause in CLAUSES if clause.startswith("FRAME-")]
CASES = """
@clause("FRAME-01")
def test_a(subject): pass
@clause("STRICT-01")
def test_b(subject): raise ValueError("as ever")
"""
each_way = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])


@each_way
def test_only_the_chapter_is_judged(suite: Suite, workers: list[str]) -> None:
    suite.cases(CASES)
    result = suite.run(*workers, "--chapter", "FRAME")
    assert result.ret == ExitCode.OK
    assert suite.outcomes() == {"chapter/a": "pass"}
    assert suite.report.complete
    assert [verdict.clause for verdict in suite.report.verdicts()] == FRAME
    assert suite.document["chapters"] == ["FRAME"]


def test_several_chapters(suite: Suite) -> None:
    suite.cases(CASES)
    result = suite.run("--chapter", "FRAME", "--chapter", "STRICT")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert suite.outcomes() == {"chapter/a": "pass", "chapter/b": "fail"}


def test_a_pick_within_the_chapter_is_partial(suite: Suite) -> None:
    suite.cases(CASES)
    assert suite.run("--chapter", "FRAME", "-k", "test_a").ret == PARTIAL
    assert not suite.report.complete


def test_divergences_of_other_chapters_are_not_stale(suite: Suite) -> None:
    suite.cases(CASES)
    known = suite.known(
        {"clause": "STRICT-01", "cases": "chapter/b"}, {"clause": "FRAME-02", "cases": "chapter/c"}
    )
    suite.run("--chapter", "FRAME", "--divergences", str(known))
    assert suite.report.stale == ("known-1",)


def test_only_cases_of_the_chapter_are_not_applicable(suite: Suite) -> None:
    suite.cases('@clause("RAY-01")\ndef test_a(subject): pass\n' + CASES)
    assert suite.run("--chapter", "FRAME").ret == ExitCode.OK
    assert suite.report.not_applicable == ()


def test_a_chapter_that_there_is_not(suite: Suite) -> None:
    suite.cases(CASES)
    result = suite.run("--chapter", "FRAMES")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--chapter FRAMES: unknown chapter; known: ALIVE, BOUNDARY," in result.stderr.str()
