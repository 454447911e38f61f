"""A run with many failures ends with their causes on one screen."""

from __future__ import annotations

import pytest

from conformance.util.exit_codes import ExitCode
from tests.runner.runs import Suite, says

ALL_FAIL = """
@clause("FRAME-02")
@pytest.mark.parametrize("number", range({number}))
def test_magic(subject, number):
    raise LookupError(f"no frame {{number}}")

@clause("STRICT-01")
@pytest.mark.parametrize("number", range(12))
def test_strict(subject, number):
    raise LookupError(f"no frame {{number}}")

@clause("BYNAME-01")
@pytest.mark.parametrize("number", range(12))
def test_by_name(subject, number):
    assert_equal(number, -1, "the number")
"""


def test_hundreds_of_failures_of_one_cause_are_one(suite: Suite) -> None:
    suite.cases(ALL_FAIL.format(number=300))
    result = suite.run("-q", "--tb=short")
    assert result.ret == ExitCode.FAILED
    says(
        result,
        "= 324 failures, 2 causes, the most basic first =",
        "312 failures (unexpected-error) in 2 clauses: FRAME-02, STRICT-01",
        "  seen       LookupError: no frame 0",
        "  example    chapter/magic[[]0]; FRAME-02, interop: A frame begins with the magic of its",
        "reproduce  (cd *test_chapter.py::test_magic[[]0]*)",
        "12 failures (wrong-value): BYNAME-01",
        "reproduce  (cd *test_chapter.py::test_by_name[[]0]*)",
        "-v prints each failure in full; --conformance-report FILE writes them all",
        "324 failed in",
    )
    after = result.stdout.str().partition("324 failures, 2 causes")[2]
    assert len(after.splitlines()) < 24
    assert "FAILED" not in result.stdout.str()
    assert len(suite.report.cases) == 324


def test_few_failures_of_one_cause_are_printed_once_in_full(suite: Suite) -> None:
    suite.cases(ALL_FAIL.format(number=20))
    result = suite.run("-q", "-k", "magic")
    says(
        result,
        "_ chapter/magic[[]0] _",
        "failure    unexpected LookupError: no frame 0",
        "and 19 more of this cause; -v prints each in full",
        "  chapter/magic[[]19] - unexpected LookupError: no frame 19",
        "= short test summary info =",
        "FAILED chapter/magic[[]19] - FRAME-02: unexpected LookupError: no frame 19",
    )
    text = result.stdout.str()
    assert text.count("failure    ") == 1
    assert "the most basic first" not in text
    assert text.count("FAILED ") == 20


def test_two_causes_are_printed_in_full(suite: Suite) -> None:
    """The lines of the summary are whole, however long they are; -rN leaves them out."""
    suite.cases(
        f"""
@clause("FRAME-02")
def test_one(subject): raise LookupError({"a" * 150!r})
@clause("STRICT-01")
def test_two(subject): raise ValueError("two")
"""
    )
    text = suite.run("-q").stdout.str()
    assert text.count("failure    ") == 2
    assert f"FAILED chapter/one - FRAME-02: unexpected LookupError: {'a' * 150}\n" in text
    assert "FAILED " not in suite.run("-q", "-rN").stdout.str()
    assert "failure    " not in suite.run("-q", "--tb=no").stdout.str()


def test_captured_output_is_shown_unless_an_option_hides_it(suite: Suite) -> None:
    suite.cases(
        '@clause("FRAME-02")\ndef test_one(subject):\n    print("words")\n    raise LookupError'
    )
    assert "Captured output call" in suite.run("-q").stdout.str()
    assert "Captured output call" not in suite.run("-q", "--show-capture=no").stdout.str()


@pytest.mark.parametrize("option", ["-v", "--full-trace"])
def test_verbose_prints_each_with_all_frames(suite: Suite, option: str) -> None:
    suite.cases(ALL_FAIL.format(number=21))
    result = suite.run(option)
    says(
        result,
        "failure    unexpected LookupError: no frame 20",
        "child.py*, in _run",
        "FAILED chapter/magic[[]20]*",
    )
    assert "the most basic first" not in result.stdout.str()


def test_other_tests_are_printed_as_ever(suite: Suite) -> None:
    """A failure that is no case is pytest's, and stays in its list."""
    suite.cases(ALL_FAIL.format(number=21) + "\ndef test_own(): assert 1 == 2\n")
    result = suite.run("-q", "-n", "2")
    says(result, "_ test_own _", "= 45 failures, 2 causes", "FAILED *::test_own", "46 failed in")
    assert "test_magic[0] -" not in result.stdout.str()


def test_a_failure_with_a_long_message_is_one_short_line_of_the_summary(suite: Suite) -> None:
    suite.cases(
        """
@clause("FRAME-02")
@pytest.mark.parametrize("number", [1, 2])
def test_magic(subject, number):
    assert_equal(number, -1, "x" * 5_000)
"""
    )
    result = suite.run("-q")
    says(
        result,
        "  chapter/magic[[]2] - x*x... (5024 characters)",
        "FAILED chapter/magic[[]1] - FRAME-02: x*x... (5024 characters)",
    )
    lines = result.stdout.str().partition("of this cause")[2].splitlines()
    assert max(map(len, lines)) < 500
