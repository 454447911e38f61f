"""The frame: wire versions that a decoder refuses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.runner.assertions import assert_error_kind, assert_message_contains, assert_raises
from conformance.subjects.interface import Subject
from conformance.suite.helpers.changed_frames import (
    assert_each_frame_unpickles_nothing,
    assert_unpickles_nothing,
    each_other,
    errors_per_frame,
    in_any_frame,
    set_python,
)
from conformance.suite.helpers.codec import (
    MAGIC,
    PYTHON,
    decode_by_route,
    encode_for_route,
    replace_frame,
    set_header_byte,
)
from conformance.suite.helpers.markers import clause, each_family, each_receiver, each_route
from conformance.suite.helpers.samples import receiver, sample


def _errors_per_version(
    subject: Subject, family: Family, mode: str, route: str
) -> Iterator[tuple[int, Exception, str]]:
    data, session = (
        encode_for_route(subject, route, sample(subject, family)),
        receiver(subject, mode),
    )
    (found,) = wire.find(data)
    at = found.offset + 7
    for version in (0, *range(2, 256)):
        wrong = data[:at] + bytes([version]) + data[at + 1 :]
        what = f"wire version {version}"
        yield (
            version,
            assert_raises(partial(decode_by_route, subject, route, wrong, session), what),
            what,
        )


@clause("FRAME-07")
@each_receiver
@each_route
@each_family
def test_wrong_version_is_an_execution_error(
    subject: Subject, family: Family, mode: str, route: str
) -> None:
    """A frame has another wire version than 1. Decoding raises an Execution error."""
    for _, error, what in _errors_per_version(subject, family, mode, route):
        assert_error_kind(subject, error, "Execution", what)


@clause("FRAME-08")
@each_receiver
@each_family
def test_wrong_version_is_named(subject: Subject, family: Family, mode: str) -> None:
    """A frame has another wire version than 1. The error names that version."""
    for version, error, what in _errors_per_version(subject, family, mode, "from_bytes"):
        assert_message_contains(error, [f"wire-format version v{version};"], what)


@clause("FRAME-08")
@each_other
@each_receiver
@each_family
def test_wrong_version_is_named_with_another_python(
    subject: Subject, family: Family, mode: str, python: tuple[int, int]
) -> None:
    """A frame has wire version 2 and is of another Python. The error names the wire version.

    The bytes behind the version byte mean something in version 1 only.
    """
    data = replace_frame(
        subject.to_bytes(sample(subject, family)),
        lambda frame: set_python(set_header_byte(7, 2)(frame), python),
    )
    what = "wire version 2 and another Python"
    error = assert_raises(partial(subject.from_bytes, data, receiver(subject, mode)), what)
    assert_message_contains(error, ["wire-format version v2;"], what)


@clause("FRAME-09")
@each_receiver
@each_family
def test_supported_range_is_named(subject: Subject, family: Family, mode: str) -> None:
    """A frame has another wire version than 1. The error names the supported range: 1 to 1."""
    for _, error, what in _errors_per_version(subject, family, mode, "from_bytes"):
        assert_message_contains(error, ["supports v1..=v1"], what)


@clause("FRAME-10")
@each_receiver
@each_family
def test_wrong_version_gives_the_remedy(subject: Subject, family: Family, mode: str) -> None:
    """A frame has another wire version than 1. The error asks to align versions on both sides."""
    for _, error, what in _errors_per_version(subject, family, mode, "from_bytes"):
        assert_message_contains(
            error, ["Align datafusion-python versions", "sender", "receiver"], what
        )


@clause("FRAME-07")
@in_any_frame
def test_wrong_version_in_any_frame(subject: Subject, entry: str) -> None:
    """One frame of several has another wire version.

    Decoding raises an Execution error, whichever frame it is.
    """
    for error, what in errors_per_frame(subject, entry, set_header_byte(7, 2)):
        assert_error_kind(subject, error, "Execution", what)


@clause("FRAME-08")
@in_any_frame
def test_wrong_version_is_named_in_any_frame(subject: Subject, entry: str) -> None:
    """One frame of several has another wire version.

    The error names that version, whichever frame it is.
    """
    for error, what in errors_per_frame(subject, entry, set_header_byte(7, 2)):
        assert_message_contains(error, ["wire-format version v2;"], what)


@clause("FRAME-11")
@each_receiver
@each_route
@each_family
def test_wrong_version_unpickles_nothing(
    subject: Subject, family: Family, mode: str, route: str
) -> None:
    """A canary frame has another wire version, most of them one bit off.

    The canary records nothing.
    """
    for version in (0, *(1 ^ 1 << bit for bit in range(1, 8)), 255):
        assert_unpickles_nothing(
            subject, family, mode, route, MAGIC[family] + bytes((version, *PYTHON))
        )


@clause("FRAME-11")
@in_any_frame
def test_wrong_version_in_any_frame_unpickles_nothing(subject: Subject, entry: str) -> None:
    """One frame of several has a canary and another wire version. The canary records nothing."""
    assert_each_frame_unpickles_nothing(subject, entry, 2, *PYTHON)
