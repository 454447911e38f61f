"""The frame around an inline UDF: its header and its payload, and bytes that are none."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from functools import partial
from itertools import permutations
from operator import itemgetter

import pytest

from conformance import wire
from conformance.catalogue import get
from conformance.catalogue.nodes import Family, calls
from conformance.runner.assertions import (
    assert_control,
    assert_equal,
    assert_error_kind,
    assert_message_contains,
    assert_raises,
    assert_refused,
    assert_succeeds,
    assert_true,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers.changed_frames import (
    MINOR,
    assert_unpickles_nothing,
    errors_per_frame,
    in_any_frame,
)
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
    receiver,
    sample,
    sample_function,
)

MISSING_FIELDS = {7: "wire-format version", 8: "Python major version", 9: "Python minor version"}


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
    for error, what in errors_per_frame(subject, entry, itemgetter(slice(9))):
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
    assert_unpickles_nothing(subject, family, mode, route, header)


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
    assert_unpickles_nothing(subject, family, mode, "from_bytes", magic + bytes((1, *PYTHON)))


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
    for error, what in errors_per_frame(subject, entry, itemgetter(slice(-1))):
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
