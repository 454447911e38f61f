"""Differences of two outputs are named by header, tuple, schema, opcode and surroundings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import wire
from conformance.golden.store import Store
from conformance.inspection.differences import differences
from conformance.wire import Envelope, WireError
from tasks.goldens.compare import compare
from tests.conftest import ROOT
from tests.golden.samples import (
    CASES,
    PYTHON,
    by,
    full,
    header_changed,
    make,
    of,
    payload_changed,
    writing,
)

SCALAR, AGGREGATE, WINDOW = (writing().data[case] for case in CASES)


def fields(old: bytes, new: bytes) -> list[str]:
    return [found.field for found in differences(old, new)]


@pytest.mark.parametrize(
    ("new", "field", "text"),
    [
        (header_changed(SCALAR, 7, 2), "header, wire_version", "1 became 2"),
        (header_changed(SCALAR, 9, 11), "header, python", "(3, 12) became (3, 11)"),
        (header_changed(SCALAR, 6, ord("W")), "header, family", "SCALAR"),
        (payload_changed(SCALAR, b"\x8c\x06lambda", b"\x8c\x06lambdo"), "tuple, name", "'lambdo'"),
        (
            payload_changed(SCALAR, b"\x8c\timmutable", b"\x8c\x06stable"),
            "tuple, volatility",
            "'immutable' became 'stable'",
        ),
        (
            payload_changed(SCALAR, b"value\0", b"valuo\0"),
            "tuple, return_schema",
            "value: int64 null became valuo: int64 null",
        ),
        (
            payload_changed(SCALAR, b"_function_setstate", b"_function_setstare"),
            "imports",
            "_function_setstare",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "," in value else "",
)
def test_a_field(new: bytes, field: str, text: str) -> None:
    found = [one for one in differences(SCALAR, new) if one.field == f"frame 1, {field}"]
    assert len(found) == 1, fields(SCALAR, new)
    assert text in str(found[0])
    assert not found[0].minor


def test_a_state_schema() -> None:
    names = [b"total", b"count", b"state_0", b"seen", b"sum"]
    name = next(name for name in names if AGGREGATE.count(name + b"\0") == 1)
    new = payload_changed(AGGREGATE, name + b"\0", name[:-1] + b"x\0")
    assert "frame 1, tuple, state_schema" in fields(AGGREGATE, new)


def test_an_opcode() -> None:
    """Another opcode ends the comparison of the opcodes and is no patch release's doing."""
    new = payload_changed(SCALAR, b"\x85\x94R", b"\x85\x94\x81")
    found = list(differences(SCALAR, new))
    assert found[-1].field.startswith("frame 1, opcode ")
    assert (found[-1].old, found[-1].new, found[-1].minor) == ("REDUCE", "NEWOBJ", False)


def test_an_argument_is_minor() -> None:
    """Bytecode and line tables stand in arguments."""
    new = payload_changed(SCALAR, b"\x97\x00t\x01", b"\x97\x00t\x02")
    (found,) = differences(SCALAR, new)
    assert found.minor
    assert "SHORT_BINBYTES" in found.field


@pytest.mark.parametrize(
    ("was", "now", "shown"),
    [
        (b"G" + bytes(8), b"G\x80" + bytes(7), ("0.0", "-0.0")),
        (b"I01\n", b"I1\n", ("True", "1")),
        (
            b"G\x7f\xf8" + bytes(6),
            b"G\x7f\xf8" + bytes(5) + b"\1",
            ("b'G\\x7f\\xf8\\x00\\x00\\x00\\x00\\x00\\x00'",),
        ),
        (b"cos\na b\n", b"cos a\nb\n", ("b'cos\\na b\\n'", "b'cos a\\nb\\n'")),
    ],
)
def test_equal_arguments_that_mean_something_else(
    was: bytes, now: bytes, shown: tuple[str, ...]
) -> None:
    """0.0 and -0.0, True and 1, two NaNs, two names that read alike."""
    (frame,) = wire.find(SCALAR)
    payload = frame.frame().payload
    assert payload[2:3] == b"\x95"
    # Without the frame of the pickle, whose length would differ, too.
    start, rest = frame.data[:10] + payload[:2] + payload[11:12], payload[12:]
    old, new = (wire.replace(SCALAR, {frame.path: start + one + b"0" + rest}) for one in (was, now))
    (found,) = differences(old, new)
    assert (found.old, found.new)[: len(shown)] == shown
    assert not found.unread


def test_around_the_frames() -> None:
    place = SCALAR.index(b"lambda")
    new = SCALAR[:place] + b"L" + SCALAR[place + 1 :]
    assert fields(SCALAR, new) == ["protobuf around the frames"]


# Plans: the protobuf around the frames is the engine's own matter, and changes with its releases.


def plan_of(case: str, engine: str) -> bytes:
    """Return the bytes that this engine wrote of a plan."""
    store = Store(ROOT / "golden")
    writers = store.manifest.writers
    (golden,) = (
        golden
        for golden in store.manifest.goldens
        if (golden.case, golden.python) == (case, PYTHON)
        and engine in {writers[key]["engine"] for key in golden.writers}
    )
    return store.data(golden)


LAYERS = ("logical-plan/group-aggregate-values", "physical-plan/all-families-memory")
each_plan = pytest.mark.parametrize("case", LAYERS)


@each_plan
def test_a_plan_with_another_frame(case: str) -> None:
    """And the very same protobuf around it, but for the lengths."""
    old = plan_of(case, "55.0.0")
    found = wire.find(old)
    frame = found[-1].data.replace(b"\x8c\timmutable", b"\x8c\x06stable")
    result = [*differences(old, wire.replace(old, {found[-1].path: frame}))]
    assert {one.field.partition(",")[0] for one in result} == {f"frame {len(found)}"}
    assert any(one.field.endswith("tuple, volatility") and not one.minor for one in result)


@each_plan
def test_a_plan_with_another_protobuf_around_the_frames(case: str) -> None:
    old = plan_of(case, "55.0.0")
    place = old.index(b"sum_squares")
    assert fields(old, old[:place] + b"S" + old[place + 1 :]) == ["protobuf around the frames"]


def test_a_release_that_changed_the_plans_alone() -> None:
    """55 writes other physical plans of a grouping than 54 does, with the same frames in them."""
    case = "physical-plan/group-aggregate-values"
    found = list(differences(plan_of(case, "54.0.0"), plan_of(case, "55.0.0")))
    assert [one.field for one in found] == ["protobuf around the frames"]


def test_an_envelope() -> None:
    """Differences in its id, its version and its content have names of their own."""
    old = plan_of("chain/logical-plan-scalar", "55.0.0")
    (found,) = wire.find_envelopes(old)
    envelope = found.envelope()

    def changed(new: Envelope) -> list[str]:
        return fields(old, wire.replace(old, {found.path: new.to_bytes()}))

    assert changed(replace(envelope, codec_id="another")) == ["envelope 1, codec_id"]
    assert changed(replace(envelope, version=2)) == ["envelope 1, version"]
    blob = envelope.blob.replace(b"\x8c\x06triple", b"\x8c\x06triplo")
    assert {one.partition(", ")[0] for one in changed(replace(envelope, blob=blob))} == {"frame 1"}
    bare = wire.replace(old, {found.path: envelope.blob})
    assert fields(old, bare) == ["number of envelopes"]
    own = wire.replace(old, {found.path: Envelope("x", b"a codec's own bytes").to_bytes()})
    other = wire.replace(old, {found.path: Envelope("x", b"a codec's new bytes").to_bytes()})
    assert fields(own, other) == ["envelope 1, blob"]


def test_another_number_of_frames() -> None:
    place = SCALAR.index(b"DFPYUDF")
    new = SCALAR[:place] + b"X" + SCALAR[place + 1 :]
    (found,) = differences(SCALAR, new)
    assert str(found) == "number of frames: 1 became 0"


def test_equal_bytes_do_not_differ() -> None:
    assert [*differences(SCALAR, SCALAR), *differences(AGGREGATE, AGGREGATE)] == []


@given(st.sampled_from([SCALAR, AGGREGATE, WINDOW]), st.data())
def test_other_bytes_differ(old: bytes, data: st.DataObject) -> None:
    """Any changed byte names a field, or the bytes cannot be read."""
    place = data.draw(st.integers(0, len(old) - 1))
    value = data.draw(st.integers(1, 255))
    new = old[:place] + bytes([old[place] ^ value]) + old[place + 1 :]
    try:
        found = list(differences(old, new))
    except WireError:
        return
    assert found
    assert all(str(one) for one in found)


# Comparing with the store


def test_the_same_writer_byte_for_byte(tmp_path: Path) -> None:
    """Even what a patch release may bring is fatal where the very writer wrote otherwise."""
    store = full(tmp_path)
    assert list(compare(store, [writing("3.0.0"), writing("3.1.2")])) == []
    changed = of(writing("3.1.2"), scalar=payload_changed(SCALAR, b"\x97\x00t\x01", b"\x97\x00t\2"))
    (finding,) = compare(store, [changed])
    assert finding.fatal
    assert str(finding).startswith(f"scalar/lambda by {changed.key}: frame 1, opcode ")


def test_another_patch_release_field_by_field(tmp_path: Path) -> None:
    store = full(tmp_path)
    patch = by(writing("3.1.2"), python="3.12.99")
    assert list(compare(store, [patch])) == []
    bytecode = payload_changed(SCALAR, b"\x97\x00t\x01", b"\x97\x00t\2")
    (finding,) = compare(store, [of(patch, scalar=bytecode)])
    assert not finding.fatal
    schema = payload_changed(bytecode, b"value\0", b"valuo\0")
    found = list(compare(store, [of(patch, scalar=schema)]))
    assert {finding.fatal for finding in found} == {True, False}
    assert any("return_schema" in finding.text for finding in found if finding.fatal)


def test_the_nearest_golden_is_taken(tmp_path: Path) -> None:
    """Equality with one of two patch releases that wrote different bytes is enough."""
    bytecode = payload_changed(SCALAR, b"\x97\x00t\x01", b"\x97\x00t\2")
    other = of(by(writing(), python="3.12.2"), scalar=bytecode)
    store = make(tmp_path, writing(), other)
    assert list(compare(store, [by(other, python="3.12.99")])) == []


def test_no_golden_of_this_kind(tmp_path: Path) -> None:
    store = full(tmp_path)
    for stranger in (by(writing(), engine="99.0.0"), writing("3.1.2", "3.11")):
        found = list(compare(store, [stranger]))
        assert {finding.case for finding in found} == set(CASES)
        assert all(finding.fatal and "no golden of this" in finding.text for finding in found)


@pytest.mark.parametrize("python", ["3.12.1", "3.12.99"])
def test_a_case_that_is_no_longer_written(tmp_path: Path, python: str) -> None:
    writer = by(of(writing(), window=None), python=python)
    (finding,) = compare(full(tmp_path), [writer])
    assert finding.fatal
    assert finding.case == "window/whole-partition"
    assert "a golden was written inline; now the case is not written inline" in finding.text
