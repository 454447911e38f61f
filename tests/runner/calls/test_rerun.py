"""A failure on the installed engine comes with the calls of its case, once for each clause."""

from __future__ import annotations

from conformance.subjects import SUBJECT
from tests.runner.runs import Suite

CASES = """
from datafusion import Expr, SessionContext

@clause("FRAME-02")
def test_frame(subject):
    assert_equal(str(Expr.literal(SMALL)), "another", "the text")
"""


def test_a_failure_shows_what_its_case_called(suite: Suite) -> None:
    first = CASES.replace("SMALL", "1")
    suite.cases(first + CASES.replace("SMALL", "2").replace("test_frame", "test_again"))
    text = suite.run(subject=SUBJECT).stdout.str()
    assert "snippet    # The last call of the case, and those on which it depends." in text
    assert "expr1 = Expr.literal(1)\n           print(repr(expr1))" in text
    assert text.count("print(repr(") == 1


def test_a_case_that_calls_nothing_has_no_snippet(suite: Suite) -> None:
    suite.cases("@clause('FRAME-02')\ndef test_frame(subject): assert_equal(1, 2, 'numbers')\n")
    text = suite.run(subject=SUBJECT).stdout.str()
    assert "FRAME-02" in text
    assert "snippet " not in text


def test_another_subject_has_no_snippet(suite: Suite) -> None:
    suite.cases(CASES.replace("SMALL", "1"))
    assert "snippet " not in suite.run().stdout.str()
