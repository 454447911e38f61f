"""The frame: the header that an engine writes, and its errors for a malformed one."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import permutations
from operator import itemgetter

import pytest

from conformance import wire
from conformance.catalogue import get
from conformance.catalogue.nodes import Family, calls
from conformance.hostile import canary
from conformance.runner.assertions import (
    Mismatch,
    assert_control,
    assert_equal,
    assert_error_kind,
    assert_message_contains,
    assert_nothing_unpickled,
    assert_raises,
    assert_refused,
    assert_succeeds,
    assert_true,
    fail_message_lacks,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers.codec import (
    MAGIC,
    PYTHON,
    decode_by_route,
    encode_all_entries,
    encode_for_route,
    frame_of,
    replace_frame,
    set_header_byte,
    signature_of,
)
from conformance.suite.helpers.markers import clause, each_family, each_receiver, each_route
from conformance.suite.helpers.samples import (
    KIND,
    SAMPLES,
    build_expression,
    make_functions,
    receiver,
    sample,
    sample_function,
)

MAJOR, MINOR = PYTHON
MISSING_FIELDS = {7: "wire-format version", 8: "Python major version", 9: "Python minor version"}
OTHER_PYTHONS = [
    (MAJOR, MINOR - 1),
    (MAJOR, MINOR + 1),
    (MAJOR, 0),
    (MAJOR, 255),
    (2, MINOR),
    (4, MINOR),
    (0, 0),
]

each_other = pytest.mark.parametrize(
    "python", OTHER_PYTHONS, ids=lambda pair: f"{pair[0]}.{pair[1]}"
)


def _set_python(frame: bytes, python: tuple[int, int]) -> bytes:
    return frame[:8] + bytes(python) + frame[10:]


def _frames_of(subject: Subject, family: Family) -> Iterator[tuple[str, bytes]]:
    """Yield every frame of ``family`` in the catalogue's bytes, with a description."""
    frames = [
        (f"a frame in {entry.id}", found.data)
        for entry, _, frames in encode_all_entries(subject)
        for found in frames
        if found.data.startswith(MAGIC[family])
    ]
    assert_control(bool(frames), f"no {family} frame in the catalogue's bytes")
    yield from frames


@clause("FRAME-01")
def test_one_frame_a_call(subject: Subject) -> None:
    """The subject encodes the catalogue.

    Each UDF call has exactly one frame, and no frame is in an envelope.
    """
    for entry, data, frames in encode_all_entries(subject):
        assert_equal(len(frames), len([*calls(entry.expr)]), f"the frames in {entry.id}")
        assert_equal(wire.find_envelopes(data), [], f"the envelopes in {entry.id}")


@clause("FRAME-01")
@each_family
def test_same_frame_on_every_route(subject: Subject, family: Family) -> None:
    """An expression is encoded with a session, a second time and by pickle.

    There is one frame each time, and it defines the same UDF.
    """
    expr, session = sample(subject, family), subject.session()
    first = frame_of(subject.to_bytes(expr))
    for data in (*[subject.to_bytes(expr, session) for _ in "12"], pickle.dumps(expr)):
        frame = frame_of(data)
        # Another pickle of the same callable may have other bytes.
        assert_equal(
            (frame.wire_version, frame.python, *signature_of(frame)),
            (first.wire_version, first.python, *signature_of(first)),
            "the frame on another route",
        )


@clause("FRAME-02")
def test_magic(subject: Subject) -> None:
    """The subject encodes the catalogue. Each frame begins with the magic of its UDF's family."""
    for entry, _, frames in encode_all_entries(subject):
        expected = sorted(MAGIC[udf.family] for udf in calls(entry.expr))
        assert_equal(sorted(found.data[:7] for found in frames), expected, f"magics in {entry.id}")


@clause("FRAME-03")
@each_family
def test_wire_version(subject: Subject, family: Family) -> None:
    """The subject encodes the catalogue. Each frame has wire version 1."""
    for what, frame in _frames_of(subject, family):
        assert_equal(frame[7], 1, what)


@clause("FRAME-04")
@each_family
def test_python_version(subject: Subject, family: Family) -> None:
    """The subject encodes the catalogue. Each frame has the running Python's version."""
    for what, frame in _frames_of(subject, family):
        assert_equal(tuple(frame[8:10]), PYTHON, what)


@clause("FRAME-05")
@each_family
def test_payload_is_one_pickle(subject: Subject, family: Family) -> None:
    """The subject encodes the catalogue. From byte 10 to its end, each frame is a single pickle."""
    for what, frame in _frames_of(subject, family):
        assert_equal(wire.Payload.read(frame[10:]).size, len(frame) - 10, what)


@clause("FRAME-05")
@each_family
def test_payload_in_a_pickle_is_one_pickle(subject: Subject, family: Family) -> None:
    """An expression is pickled. From byte 10 to its end, the frame in it is a single pickle."""
    (found,) = wire.find(pickle.dumps(sample(subject, family)))
    size = wire.Payload.read(found.data[10:]).size
    assert_equal(size, len(found.data) - 10, "a frame in a pickle")


@clause("FRAME-06")
def test_aggregate_over_a_window(subject: Subject) -> None:
    """An aggregate UDF is called over a window. Its frame has the aggregate magic."""
    entry = get("window/aggregate")
    (found,) = wire.find(subject.to_bytes(build_expression(subject, entry)))
    assert_equal(found.data[:7], b"DFPYUDA", "the magic")


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
        lambda frame: _set_python(set_header_byte(7, 2)(frame), python),
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


def _errors_per_frame(
    subject: Subject, entry: str, change: Callable[[bytes], bytes]
) -> Iterator[tuple[Exception, str]]:
    """Yield the error for each frame of ``entry`` in turn, altered by ``change``; outer ones first.

    The session has decoded the unaltered bytes before and has all UDFs registered.
    """
    data, session = subject.to_bytes(build_expression(subject, get(entry))), subject.session()
    for function in make_functions(subject, get(entry)).values():
        subject.register(session, function)
    outer_first = sorted(wire.find(data), key=lambda found: len(found.path))
    for number, found in enumerate(outer_first):
        subject.from_bytes(data, session)
        wrong, what = wire.replace(data, {found.path: change(found.data)}), f"frame {number}"
        yield assert_raises(partial(subject.from_bytes, wrong, session), what), what


in_any_frame = pytest.mark.parametrize("entry", ["expression/nested", "expression/three-families"])


@clause("FRAME-07")
@in_any_frame
def test_wrong_version_in_any_frame(subject: Subject, entry: str) -> None:
    """One frame of several has another wire version.

    Decoding raises an Execution error, whichever frame it is.
    """
    for error, what in _errors_per_frame(subject, entry, set_header_byte(7, 2)):
        assert_error_kind(subject, error, "Execution", what)


@clause("FRAME-08")
@in_any_frame
def test_wrong_version_is_named_in_any_frame(subject: Subject, entry: str) -> None:
    """One frame of several has another wire version.

    The error names that version, whichever frame it is.
    """
    for error, what in _errors_per_frame(subject, entry, set_header_byte(7, 2)):
        assert_message_contains(error, ["wire-format version v2;"], what)


def _put_canary(data: bytes, header: bytes) -> bytes:
    return replace_frame(data, lambda _: header + canary.payload())


def _assert_unpickles_nothing(
    subject: Subject, family: Family, mode: str, route: str, header: bytes
) -> None:
    data = _put_canary(encode_for_route(subject, route, sample(subject, family)), header)
    session = receiver(subject, mode)
    with canary.recording() as events:
        assert_raises(lambda: decode_by_route(subject, route, data, session), f"header {header!r}")
        assert_nothing_unpickled(events, f"header {header!r}")


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
        _assert_unpickles_nothing(
            subject, family, mode, route, MAGIC[family] + bytes((version, *PYTHON))
        )


def _assert_each_frame_unpickles_nothing(subject: Subject, entry: str, *header: int) -> None:
    payload = canary.payload()
    with canary.recording() as events:
        frames = _errors_per_frame(subject, entry, lambda old: old[:7] + bytes(header) + payload)
        for _, what in frames:
            assert_nothing_unpickled(events, what)


@clause("FRAME-11")
@in_any_frame
def test_wrong_version_in_any_frame_unpickles_nothing(subject: Subject, entry: str) -> None:
    """One frame of several has a canary and another wire version. The canary records nothing."""
    _assert_each_frame_unpickles_nothing(subject, entry, 2, *PYTHON)


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
        lambda frame: _set_python(frame, python),
    )
    error = assert_raises(
        lambda: decode_by_route(subject, route, data, receiver(subject, mode)), "another Python"
    )
    assert_error_kind(subject, error, "Execution", "another Python")


def _refusal_of_python(
    subject: Subject, family: Family, mode: str, python: tuple[int, int]
) -> Exception:
    data = subject.to_bytes(sample(subject, family))
    data = replace_frame(data, lambda frame: _set_python(frame, python))
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
    for error, what in _errors_per_frame(subject, entry, set_header_byte(9, MINOR + 1)):
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
        _assert_unpickles_nothing(subject, family, mode, route, MAGIC[family] + bytes((1, *python)))


@clause("FRAME-15")
@in_any_frame
def test_other_python_in_any_frame_unpickles_nothing(subject: Subject, entry: str) -> None:
    """One frame of several has a canary and another Python version. The canary records nothing."""
    _assert_each_frame_unpickles_nothing(subject, entry, 1, MAJOR, MINOR + 1)


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


@clause("FRAME-17")
@pytest.mark.parametrize("size", list(MISSING_FIELDS))
@each_receiver
@each_route
@each_family
def test_cut_header_names_the_missing_byte(
    subject: Subject, family: Family, mode: str, route: str, size: int
) -> None:
    """A frame is cut to 7, 8 or 9 bytes. The error names the missing byte."""
    data = replace_frame(
        encode_for_route(subject, route, sample(subject, family)), lambda frame: frame[:size]
    )
    assert_refused(
        subject,
        lambda: decode_by_route(subject, route, data, receiver(subject, mode)),
        kind="Execution",
        parts=["Truncated", f"missing {MISSING_FIELDS[size]} byte"],
        what=f"a frame of {size} bytes",
    )


@clause("FRAME-17")
@in_any_frame
def test_cut_header_in_any_frame(subject: Subject, entry: str) -> None:
    """One frame of several is cut in its header.

    The error names the missing byte, whichever frame it is.
    """
    for error, what in _errors_per_frame(subject, entry, itemgetter(slice(9))):
        assert_message_contains(error, ["Truncated", "missing Python minor version byte"], what)


HEADER_FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "version": set_header_byte(7, 2),
    "python": set_header_byte(9, MINOR + 1),
    "cut-before-version": itemgetter(slice(7)),
    "cut-before-major": itemgetter(slice(8)),
    "cut-before-minor": itemgetter(slice(9)),
}
each_fault = pytest.mark.parametrize("fault", list(HEADER_FAULTS))


@clause("FRAME-18")
@each_fault
@each_receiver
@each_family
def test_refusal_names_the_kind(subject: Subject, family: Family, mode: str, fault: str) -> None:
    """A frame has a faulty header. The error names the kind of its UDF."""
    data = replace_frame(subject.to_bytes(sample(subject, family)), HEADER_FAULTS[fault])
    error = assert_raises(lambda: subject.from_bytes(data, receiver(subject, mode)), fault)
    assert_message_contains(error, [f"Python {KIND[family]} payload"], fault)


@clause("FRAME-19")
@each_receiver
@each_route
@pytest.mark.parametrize(("family", "other"), list(permutations(SAMPLES, 2)))
def test_other_family(
    subject: Subject, family: Family, mode: str, route: str, other: Family
) -> None:
    """A canary frame has the magic of another family.

    Decoding raises an error, and the canary records nothing.
    """
    header = MAGIC[other] + bytes((1, *PYTHON))
    _assert_unpickles_nothing(subject, family, mode, route, header)


UNKNOWN_MAGICS = [
    b"",
    b"D",
    b"DFPYUD",
    b"DFPYUDX",
    *(magic.lower() for magic in MAGIC.values()),
    b"\0FPYUDF",
    b"DFPYUD\xff",
    b"XXXXXXX",
]


@clause("FRAME-20")
@pytest.mark.parametrize("magic", UNKNOWN_MAGICS, ids=repr)
@each_receiver
@each_family
def test_unknown_magic(subject: Subject, family: Family, mode: str, magic: bytes) -> None:
    """A canary frame has a cut or unknown magic.

    Decoding raises an error, and the canary records nothing.
    """
    _assert_unpickles_nothing(subject, family, mode, "from_bytes", magic + bytes((1, *PYTHON)))


@clause("FRAME-21")
@each_fault
@each_route
@each_family
def test_same_diagnostic_strict_or_not(
    subject: Subject, family: Family, route: str, fault: str
) -> None:
    """A frame has a faulty header.

    A strict and an inlining session raise errors with the same message.
    """
    data = replace_frame(
        encode_for_route(subject, route, sample(subject, family)), HEADER_FAULTS[fault]
    )
    strict, inlining = (
        str(
            assert_raises(
                partial(decode_by_route, subject, route, data, receiver(subject, mode)), fault
            )
        )
        for mode in ("strict", "inlining")
    )
    assert_equal(strict, inlining, "the strict session's message")
    assert_true(
        "inlining is disabled" not in strict,
        "the strict session reports a refusal instead of the header fault",
        strict,
    )


@clause("FRAME-22")
@each_family
def test_cut_payload(subject: Subject, family: Family) -> None:
    """A payload is cut after each of its bytes and its UDF is registered.

    Decoding raises an Execution error.
    """
    data, session = subject.to_bytes(sample(subject, family)), subject.session()
    subject.register(session, sample_function(subject, family))
    (found,) = wire.find(data)
    for size in range(10, len(found.data)):
        cut = wire.replace(data, {found.path: found.data[:size]})
        error = assert_raises(partial(subject.from_bytes, cut, session), f"cut to {size} bytes")
        assert_error_kind(subject, error, "Execution", f"cut to {size} bytes")


@clause("FRAME-22")
@in_any_frame
def test_cut_payload_in_any_frame(subject: Subject, entry: str) -> None:
    """One payload of several lacks its last byte: an Execution error, whichever it is."""
    for error, what in _errors_per_frame(subject, entry, itemgetter(slice(-1))):
        assert_error_kind(subject, error, "Execution", what)


@clause("FRAME-23")
@pytest.mark.parametrize(
    "data", [b"", b"\0", b"\xff\xff", b"DFPYUDF", b"not an expression"], ids=repr
)
@each_receiver
def test_no_expression(subject: Subject, mode: str, data: bytes) -> None:
    """The bytes hold no expression. Decoding raises an error."""
    assert_raises(lambda: subject.from_bytes(data, receiver(subject, mode)), repr(data))


@clause("FRAME-24")
@pytest.mark.parametrize("magic", [b"XXXXXXX", b"dfpyudf"], ids=repr)
@each_receiver
@each_family
def test_registry_is_the_last_resort(
    subject: Subject, family: Family, mode: str, magic: bytes
) -> None:
    """No codec knows the definition, but its name is registered. Decoding succeeds."""
    data = replace_frame(subject.to_bytes(sample(subject, family)), lambda frame: magic + frame[7:])
    session = receiver(subject, mode)
    subject.register(session, sample_function(subject, family))
    assert_succeeds(lambda: subject.from_bytes(data, session), "a registered name")
