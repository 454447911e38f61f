"""Plans: frames and bytes that a reader refuses, and UDFs that a writer refuses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import product

import pytest

from conformance.catalogue.nodes import Family
from conformance.hostile import canary
from conformance.runner.assertions import (
    Mismatch,
    assert_error_kind,
    assert_message_contains,
    assert_names_versions,
    assert_nothing_unpickled,
    assert_raises,
    assert_succeeds,
)
from conformance.subjects.interface import Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.canaries import with_canaries
from conformance.suite.helpers.codec import PYTHON, set_header_byte
from conformance.suite.helpers.markers import clause, each_family, each_layer, each_receiver
from conformance.suite.helpers.plans import SAMPLES, encode_plan, make_plan, replace_frames
from conformance.suite.helpers.same_name_udfs import call_of
from conformance.suite.helpers.samples import (
    make_functions,
    make_locked,
    plans,
    receiver,
    strict_session,
)

OTHER_PYTHON = (PYTHON[0], PYTHON[1] ^ 1)


def _cut_to(size: int, frame: bytes) -> bytes:
    return frame[:size]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "strict": lambda frame: frame,
    "version": set_header_byte(7, 2),
    "python": set_header_byte(9, OTHER_PYTHON[1]),
    "cut": partial(_cut_to, 8),
}


@clause("PLAN-13")
@pytest.mark.parametrize("change", list(CHANGES))
@each_family
@each_layer
def test_refusals_are_execution_errors(
    subject: Subject, layer: Layer, family: Family, change: str
) -> None:
    """A frame in a plan is refused. The error is an Execution error, not a Plan error."""
    data = replace_frames(encode_plan(subject, layer, SAMPLES[family]), CHANGES[change])
    decode = partial(plans(subject).from_bytes, layer, strict_session(subject), data)
    assert_error_kind(subject, assert_raises(decode, change), "Execution", change)


ALIGN = ("Align datafusion-python versions", "sender", "receiver")

MISSING_FIELDS = {
    7: "missing wire-format version byte",
    8: "missing Python major version byte",
    9: "missing Python minor version byte",
}


@clause("PLAN-16")
@each_receiver
@each_family
@each_layer
def test_other_wire_version(subject: Subject, layer: Layer, family: Family, mode: str) -> None:
    """A frame in a plan has an unsupported wire version.

    The error names it, the supported range and a remedy.
    """
    for version in (0, 2, 255):
        data = replace_frames(
            encode_plan(subject, layer, SAMPLES[family]), set_header_byte(7, version)
        )
        decode = partial(plans(subject).from_bytes, layer, receiver(subject, mode), data)
        error = assert_raises(decode, f"version {version}")
        parts = [f"wire-format version v{version};", "supports v1..=v1", *ALIGN]
        assert_message_contains(error, parts, f"version {version}")


@clause("PLAN-17")
@each_receiver
@each_family
@each_layer
def test_other_python(subject: Subject, layer: Layer, family: Family, mode: str) -> None:
    """A frame in a plan is of another Python version. The error names both versions."""
    data = replace_frames(
        encode_plan(subject, layer, SAMPLES[family]), set_header_byte(9, OTHER_PYTHON[1])
    )
    decode = partial(plans(subject).from_bytes, layer, receiver(subject, mode), data)
    both = [".".join(map(str, python)) for python in (OTHER_PYTHON, PYTHON)]
    assert_names_versions(assert_raises(decode, "another Python"), both, "another Python")


@clause("PLAN-18")
@each_receiver
@each_family
@each_layer
def test_cut_frame(subject: Subject, layer: Layer, family: Family, mode: str) -> None:
    """A frame in a plan is cut in its header. The error names the missing byte."""
    data = encode_plan(subject, layer, SAMPLES[family])
    for size, part in MISSING_FIELDS.items():
        cut = replace_frames(data, partial(_cut_to, size))
        decode = partial(plans(subject).from_bytes, layer, receiver(subject, mode), cut)
        assert_message_contains(assert_raises(decode, f"{size} bytes"), [part], f"{size} bytes")


@clause("PLAN-24")
@each_layer
@each_family
def test_unpicklable_is_an_error(subject: Subject, family: Family, layer: Layer) -> None:
    """The callable holds a lock. Encoding the plan raises an error, and without it none."""
    query = SAMPLES[family]
    assert_succeeds(partial(encode_plan, subject, layer, query), "without the lock")
    udfs = {udf: subject.function(udf, make_locked(subject, udf)) for udf in query.udfs}
    with make_plan(subject, layer, query, udfs) as plan:
        # Picklers raise errors of several types for objects that they cannot pickle.
        assert_raises(lambda: plans(subject).to_bytes(plan), "a lock", any_error=True)


@clause("PLAN-32")
@each_receiver
@each_family
@each_layer
def test_bytes_of_something_else(subject: Subject, layer: Layer, family: Family, mode: str) -> None:
    """The bytes are of the other layer or of an expression, and their frames hold canaries.

    Decoding raises an error and unpickles nothing.
    """
    query, session = SAMPLES[family], receiver(subject, mode)
    other: Layer = "physical" if layer == "logical" else "logical"
    (udf,), (function,) = query.udfs, make_functions(subject, query).values()
    expr = call_of(subject, udf, function)
    for what, data in {
        f"a {other} plan": encode_plan(subject, other, query),
        "an expression": subject.to_bytes(expr),
    }.items():
        hostile = with_canaries(data)
        with canary.recording() as events:
            assert_raises(partial(plans(subject).from_bytes, layer, session, hostile), what)
            assert_nothing_unpickled(events, what)


@clause("PLAN-33")
@pytest.mark.deadly
@each_layer
def test_damaged(subject: Subject, layer: Layer) -> None:
    """One byte of a plan by name is damaged.

    Decoding returns another plan or raises an Exception.
    """
    query, session = SAMPLES["scalar"], strict_session(subject)
    for function in make_functions(subject, query).values():
        subject.register(session, function)
    data = encode_plan(subject, layer, query, session)
    for bit, place in product((0x40, 0x80), range(len(data))):
        damaged = data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
        try:
            with suppress(Exception):
                plans(subject).from_bytes(layer, session, damaged)
        except BaseException as error:  # noqa: BLE001 - a panic is not an Exception
            seen = f"{type(error).__name__}: {error}"
            message = f"a panic after byte {place} of {len(data)} was damaged"
            raise Mismatch("panic", message, "an Exception", seen) from None
