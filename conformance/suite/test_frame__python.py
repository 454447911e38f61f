"""The frame: Python versions that a decoder refuses."""

from __future__ import annotations

import re

from conformance.catalogue.nodes import Family
from conformance.runner.assertions import (
    Mismatch,
    assert_error_kind,
    assert_message_contains,
    assert_raises,
    fail_message_lacks,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers.changed_frames import (
    MAJOR,
    MINOR,
    OTHER_PYTHONS,
    assert_each_frame_unpickles_nothing,
    assert_unpickles_nothing,
    each_other,
    errors_per_frame,
    in_any_frame,
    set_python,
)
from conformance.suite.helpers.codec import (
    MAGIC,
    decode_by_route,
    encode_for_route,
    replace_frame,
    set_header_byte,
)
from conformance.suite.helpers.markers import clause, each_family, each_receiver, each_route
from conformance.suite.helpers.samples import receiver, sample


@clause("FRAME-12")
@each_other
@each_receiver
@each_route
@each_family
def test_other_python_is_an_execution_error(
    subject: Subject, family: Family, mode: str, route: str, python: tuple[int, int]
) -> None:
    """A frame is of another Python version. Decoding raises an Execution error."""
    data = replace_frame(
        encode_for_route(subject, route, sample(subject, family)),
        lambda frame: set_python(frame, python),
    )
    error = assert_raises(
        lambda: decode_by_route(subject, route, data, receiver(subject, mode)), "another Python"
    )
    assert_error_kind(subject, error, "Execution", "another Python")


def _refusal_of_python(
    subject: Subject, family: Family, mode: str, python: tuple[int, int]
) -> Exception:
    data = subject.to_bytes(sample(subject, family))
    data = replace_frame(data, lambda frame: set_python(frame, python))
    return assert_raises(
        lambda: subject.from_bytes(data, receiver(subject, mode)), f"a frame of Python {python}"
    )


def _assert_both_pythons(error: Exception, sender: tuple[int, int], what: str) -> None:
    named = f"on Python {sender[0]}.{sender[1]}"
    if not re.search(rf"{re.escape(named)}(?!\d)", str(error)):  # no longer number
        fail_message_lacks(named, what, f"{type(error).__name__}: {error}")
    assert_message_contains(error, [f"running Python {MAJOR}.{MINOR}."], what)


@clause("FRAME-13")
@each_other
@each_receiver
@each_family
def test_both_pythons_are_named(
    subject: Subject, family: Family, mode: str, python: tuple[int, int]
) -> None:
    """A frame is of another Python version.

    The error names the sender's and the receiver's version.
    """
    error = _refusal_of_python(subject, family, mode, python)
    _assert_both_pythons(error, python, "another Python")


@clause("FRAME-13")
@in_any_frame
def test_both_pythons_are_named_in_any_frame(subject: Subject, entry: str) -> None:
    """One frame of several is of another Python version. The error names both versions."""
    for error, what in errors_per_frame(subject, entry, set_header_byte(9, MINOR + 1)):
        _assert_both_pythons(error, (MAJOR, MINOR + 1), what)


@clause("FRAME-14")
@each_receiver
@each_family
def test_other_python_gives_reason_and_remedy(subject: Subject, family: Family, mode: str) -> None:
    """A frame is of another Python version.

    The error explains that pickles are not portable and asks to align versions on both sides.
    """
    parts = ["not portable across Python minor versions", "Align Python versions"]
    for python in OTHER_PYTHONS:
        error = _refusal_of_python(subject, family, mode, python)
        assert_message_contains(error, [*parts, "sender", "receiver"], f"Python {python}")


@clause("FRAME-15")
@each_receiver
@each_route
@each_family
def test_other_python_unpickles_nothing(
    subject: Subject, family: Family, mode: str, route: str
) -> None:
    """A canary frame is of an older or newer Python version. The canary records nothing."""
    for python in OTHER_PYTHONS:
        assert_unpickles_nothing(subject, family, mode, route, MAGIC[family] + bytes((1, *python)))


@clause("FRAME-15")
@in_any_frame
def test_other_python_in_any_frame_unpickles_nothing(subject: Subject, entry: str) -> None:
    """One frame of several has a canary and another Python version. The canary records nothing."""
    assert_each_frame_unpickles_nothing(subject, entry, 1, MAJOR, MINOR + 1)


@clause("FRAME-16")
@each_receiver
@each_family
def test_other_python_is_a_value_error(subject: Subject, family: Family, mode: str) -> None:
    """A frame is of another Python version, older or newer. Decoding raises a ValueError."""
    for python in OTHER_PYTHONS:
        error = _refusal_of_python(subject, family, mode, python)
        if not isinstance(error, ValueError):
            message = f"Python {python}: expected a ValueError, got a {type(error).__name__}"
            raise Mismatch("wrong-error-kind", message, "ValueError", repr(error))
