"""Tracebacks without the frames of the suite's own machinery."""

from __future__ import annotations

import pytest

from conformance.runner import frames
from conformance.runner.assertions import assert_equal, assert_succeeds


def text_of(call: object) -> str:
    """The traceback of what ``call`` raises."""
    try:
        call()  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001 - any traceback will do
        return frames.innermost(error)
    raise AssertionError("expected an error")


def broken() -> None:
    raise LookupError("gone")


def test_the_frames_of_an_assertion_go_and_those_of_the_case_stay() -> None:
    text = text_of(lambda: assert_equal(1, 2, "the number"))
    assert "assertions.py" in text
    short = frames.without_machinery(text)
    assert "assertions.py" not in short
    assert "Mismatch" not in short
    assert 'assert_equal(1, 2, "the number")' in short


def test_the_subjects_own_frames_stay() -> None:
    """The error below a failed assertion is shown with its frames and its text."""
    short = frames.without_machinery(text_of(lambda: assert_succeeds(broken, "a call")))
    assert "in broken" in short
    assert "LookupError: gone" in short
    assert "the direct cause" in short
    assert "assertions.py" not in short


def test_what_is_machinery_only_stays_whole() -> None:
    text = f'Traceback (most recent call last):\n  File "{frames.__file__}", line 1, in x\nE: y'
    assert frames.without_machinery(text) == text


@pytest.mark.parametrize("text", ["", "Thread 1:\n"])
def test_a_text_without_frames_stays(text: str) -> None:
    assert frames.without_machinery(text) == text


def test_a_recursion_fits_on_a_screen() -> None:
    def deeper(depth: int) -> None:
        other(depth - 1)

    def other(depth: int) -> None:
        if depth:
            deeper(depth)
        broken()

    text = text_of(lambda: deeper(100))
    assert text.count("  File ") == frames.MOST
    assert "in broken" in text
