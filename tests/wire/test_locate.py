from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire import (
    Container,
    Envelope,
    Family,
    MalformedPickle,
    MalformedProtobuf,
    WireError,
    find,
    find_envelopes,
    locate,
    replace,
)
from conformance.wire.protobuf import MAX_DEPTH

from .samples import REAL, attempt, damaged, field, frames, likely, scalar

NAMES = {"scalar": "double", "aggregate": "total", "window": "rank_"}


@pytest.mark.parametrize("layer", ["expr", "logical", "physical", "pickle"])
@pytest.mark.parametrize("family", Family)
def test_each_family_is_found_in_each_layer(family: Any, layer: Any) -> None:
    key = family.name.lower()
    located = locate(REAL[f"{key}-{layer}"])
    (found,) = located.frames
    assert located.container is (Container.PICKLE if layer == "pickle" else Container.PROTOBUF)
    assert found.name == NAMES[key]
    frame = found.frame()
    assert (frame.family, frame.python) == (family, (3, 12))
    assert frame.payload.endswith(b".")


@pytest.mark.parametrize("name", REAL)
def test_offsets_are_those_of_the_outermost_bytes(name: str) -> None:
    data = REAL[name]
    for found in locate(data).found:
        assert data[found.offset : found.offset + len(found.data)] == found.data


def test_nested_calls_are_found_in_the_order_of_their_bytes() -> None:
    found = find(REAL["nested-expr"])
    assert [item.name for item in found] == ["double", "double", "total"]
    assert [item.offset for item in found] == sorted(item.offset for item in found)
    assert len({item.path for item in found}) == 3


def test_an_envelope_is_found_and_the_frame_in_it() -> None:
    located = locate(REAL["chain-expr"])
    (envelope,), (frame,) = located.envelopes, located.frames
    assert envelope.envelope().codec_id == "inner"
    assert envelope.envelope().blob == frame.data
    assert frame.path == (*envelope.path, (0, 0))
    assert frame.name == envelope.name == "double"


@pytest.mark.parametrize(
    ("data", "container"),
    [
        (scalar(), Container.FRAME),
        (Envelope("x", scalar()).to_bytes(), Container.ENVELOPE),
        (pickle.dumps(field(1, scalar())), Container.PICKLE),
        (field(1, scalar()), Container.PROTOBUF),
    ],
)
def test_every_container_gives_its_frame(data: bytes, container: Any) -> None:
    located = locate(data)
    assert located.container is container
    assert [found.data for found in located.frames] == [scalar()]


def test_a_frame_is_not_walked_into() -> None:
    inside = scalar(field(1, scalar()))
    assert [found.data for found in find(field(1, inside))] == [inside]


def test_a_magic_that_does_not_start_a_field_is_no_frame() -> None:
    assert find(field(1, b"x" + scalar())) == []


def test_a_frame_without_the_rest_of_its_header_is_found_and_fails_when_parsed() -> None:
    (found,) = find(field(1, b"DFPYUDF"))
    with pytest.raises(WireError):
        found.frame()


def test_a_malformed_envelope_is_found_and_holds_nothing() -> None:
    located = locate(field(1, Envelope.MAGIC + b"\x01\xff"))
    assert (len(located.envelopes), located.frames) == (1, ())


def test_envelopes_nest() -> None:
    data = field(1, Envelope("a", Envelope("b", scalar()).to_bytes()).to_bytes())
    assert [found.path[1:] for found in locate(data).found] == [
        (),
        ((0, 0),),
        ((0, 0), (0, 0)),
    ]


def test_a_codec_may_write_protobuf_of_its_own() -> None:
    data = Envelope("a", field(3, scalar())).to_bytes()
    assert [found.path for found in find(data)] == [((0, 0), (3, 0))]


def test_fields_of_one_number_are_counted() -> None:
    data = field(2, b"x") + field(1, scalar(b"a")) + field(1, scalar(b"b"))
    assert [found.path for found in find(data)] == [((1, 0),), ((1, 1),)]


def test_the_cursor_passes_every_wire_type() -> None:
    varint, fixed64, fixed32 = b"\x08\xff\x01", b"\x11" + b"8" * 8, b"\x1d" + b"4" * 4
    group = b"\x23" + varint + field(1, scalar(b"g")) + b"\x24"
    data = varint + fixed64 + fixed32 + group + field(5, scalar(b"f"))
    for found in find(data):
        assert data[found.offset :].startswith(found.data)
    assert [found.path for found in find(data)] == [((4, 0), (1, 1)), ((5, 0),)]


def test_protobuf_without_its_native_part_finds_the_same() -> None:
    """The pure-Python reader is laxer with groups: an open one must not stop the walk."""
    script = """if True:
        from conformance.wire import find
        from google.protobuf.internal import api_implementation
        from tests.wire.samples import REAL, field, scalar
        assert api_implementation.Type() == "python"
        print(*(f"{found.path} {found.offset}" for data in REAL.values() for found in find(data)))
        assert find(field(1, b"xxxxxxCCD")) == []
    """
    environment = {**os.environ, "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"}
    child = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    expected = (f"{found.path} {found.offset}" for data in REAL.values() for found in find(data))
    assert child.stdout == " ".join(expected) + "\n"


@pytest.mark.parametrize("data", [b"\x0a\x05abc", b"\x00", b"\xff" * 12])
def test_bytes_that_are_no_message_are_reported(data: bytes) -> None:
    with pytest.raises(MalformedProtobuf):
        find(data)


def test_a_truncated_pickle_is_reported() -> None:
    with pytest.raises(MalformedPickle):
        find(REAL["scalar-pickle"][:-100])


def nested(depth: int, content: bytes) -> bytes:
    for _ in range(depth):
        content = field(1, content)
    return content


def test_depth_is_bounded() -> None:
    assert len(find(nested(MAX_DEPTH, scalar()))) == 1
    with pytest.raises(MalformedProtobuf, match="deeper"):
        find(nested(MAX_DEPTH + 2, scalar()))
    data = scalar()
    for _ in range(MAX_DEPTH + 2):
        data = Envelope("", data).to_bytes()
    with pytest.raises(MalformedProtobuf, match="deeper"):
        find(data)


def test_a_field_without_a_magic_is_not_walked() -> None:
    deep = nested(MAX_DEPTH + 2, b"no magic")
    assert len(find(field(1, deep) + field(2, scalar()))) == 1


def test_wide_and_deep_bytes_take_time_by_their_size_only() -> None:
    data = nested(90, field(1, b"\x0a\x07" + b"a" * 7) * 2_000)
    started = time.perf_counter()
    assert find(data) == []
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("number", [3, 10])
def test_the_name_is_that_of_its_field_wherever_it_stands(number: int) -> None:
    parts = [field(9, scalar()), field(8, b"shown"), field(number, b"called"), field(99, b"new")]
    for several in permutations(parts):
        (found,) = find(b"".join(several))
        assert found.name == "called"


def test_the_name_in_an_unknown_message_is_its_first_text() -> None:
    (found,) = find(field(50, b"first") + field(60, scalar()) + field(2, b"second"))
    assert found.name == "first"


@pytest.mark.parametrize("name", REAL)
def test_putting_back_what_was_there_changes_nothing(name: str) -> None:
    data = REAL[name]
    for found in locate(data).found:
        assert replace(data, {found.path: found.data}) == data


def test_a_length_written_with_more_bytes_than_needed_stays_so() -> None:
    data = b"\x0a\x90\x80\x00" + field(1, scalar(b"abcd")) + field(2, b"rest")
    (found,) = find(data)
    assert replace(data, {found.path: found.data}) == data
    assert replace(data, {found.path: scalar(b"wxyz")}) == data.replace(b"abcd", b"wxyz")


@pytest.mark.parametrize("size", [0, 1, 300, 70_000])
@pytest.mark.parametrize("name", REAL)
def test_a_replaced_frame_is_found_again_and_the_rest_is_unchanged(name: str, size: int) -> None:
    data = REAL[name]
    found = find(data)
    new = scalar(b"p" * size)
    changed = replace(data, {item.path: new for item in found})
    again = find(changed)
    assert [item.data for item in again] == [new] * len(found)
    assert [item.path for item in again] == [item.path for item in found]
    back = replace(changed, {item.path: item.data for item in found})
    if name.endswith("-pickle"):  # its opcode for long bytes is kept for short ones
        assert find(back) == find(data)
    else:
        assert back == data


@pytest.mark.parametrize("size", [3, 300, 70_000])
@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_a_pickle_with_a_replaced_frame_still_loads(protocol: Any, size: int) -> None:
    head, tail = b"head" * 20_000, "tail"
    data = pickle.dumps((head, field(1, scalar()), tail), protocol)
    (found,) = find(data)
    new = scalar(b"p" * size)
    loaded = pickle.loads(replace(data, {found.path: new}))
    assert loaded == (head, field(1, new), tail)


def test_an_envelope_can_be_replaced_whole() -> None:
    data = REAL["chain-expr"]
    (found,) = find_envelopes(data)
    (bare,) = find(data)
    assert [item.data for item in find(replace(data, {found.path: bare.data}))] == [bare.data]


def test_a_frame_and_the_envelope_around_it_cannot_both_be_replaced() -> None:
    data = REAL["chain-expr"]
    with pytest.raises(WireError, match="inside another"):
        replace(data, {found.path: b"" for found in locate(data).found})


def test_a_path_without_a_frame_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        replace(REAL["scalar-expr"], {((1, 0),): b""})


trees = st.recursive(
    st.binary(max_size=40) | frames.map(lambda frame: frame.to_bytes()),
    lambda inner: st.lists(st.tuples(st.integers(1, 300), inner), max_size=4).map(
        lambda fields: b"".join(field(*item) for item in fields)
    ),
    max_leaves=12,
)


@given(trees, st.binary(max_size=200))
def test_frames_in_any_message_can_be_replaced_and_put_back(message: Any, payload: bytes) -> None:
    data = field(1, message)
    found = find(data)
    new = scalar(payload)
    changed = replace(data, {item.path: new for item in found})
    assert [(item.path, item.data) for item in find(changed)] == [
        (item.path, new) for item in found
    ]
    assert replace(changed, {item.path: item.data for item in found}) == data


@given(likely | st.sampled_from(sorted(REAL)).flatmap(lambda name: damaged(REAL[name])))
def test_any_bytes_can_be_looked_into_or_raise_a_wire_error(data: bytes) -> None:
    located = attempt(locate, data)
    for found in located.found if located else ():
        assert data[found.offset :].startswith(found.data)
        assert replace(data, {found.path: found.data}) == data
