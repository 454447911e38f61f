"""The records of frames and envelopes, against values written by hand."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire import Envelope, MalformedSchema
from conformance.wire.records import take_apart

from .samples import REAL, attempt, damaged, field, likely

pa = pytest.importorskip("pyarrow")


def test_a_frame_of_an_engine() -> None:
    data = REAL["aggregate-expr"]
    (frame,) = take_apart(data)["frames"]
    at = data.index(b"DFPYUDA")
    assert frame.pop("payload_sha256") == hashlib.sha256(data[at + 10 :]).hexdigest()
    imports = frame.pop("imports")
    assert imports == sorted(set(imports))
    assert "cloudpickle.cloudpickle._make_skeleton_class" in imports
    assert frame == {
        "offset": at,
        "size": len(data) - at,
        "path": [[19, 0], [6, 0]],
        "family": "aggregate",
        "version": 1,
        "python": "3.12",
        "call": "total",
        "name": "total",
        "inputs": [{"name": "arg_0", "type": "int64"}],
        "returns": {"name": "result", "type": "int64"},
        "state": [{"name": "state_0", "type": "int64"}],
        "volatility": "stable",
    }


def test_an_envelope_and_the_frame_in_it() -> None:
    whole = REAL["scalar-expr"]
    inside = whole[whole.index(b"DFPYUDF") :]
    envelope = Envelope("a.codec", inside).to_bytes()
    data = field(20, field(1, b"double") + field(3, envelope))
    found = take_apart(data)
    at = data.index(b"DFPYCHN")
    assert found["envelopes"] == [
        {
            "offset": at,
            "size": len(envelope),
            "path": [[20, 0], [3, 0]],
            "version": 1,
            "codec_id": "a.codec",
            "payload_sha256": hashlib.sha256(inside).hexdigest(),
        }
    ]
    (frame,) = found["frames"]
    assert (frame["offset"], frame["size"]) == (at + 12 + 7, len(inside))
    assert frame["path"] == [[20, 0], [3, 0], [0, 0]]
    assert "state" not in frame


def test_bytes_without_frames() -> None:
    assert take_apart(field(1, b"plain")) == {"frames": [], "envelopes": []}


def test_a_return_schema_of_two_fields() -> None:
    two = pa.schema([("a", pa.int8()), ("b", pa.int8())]).serialize().to_pybytes()
    empty = pa.schema([]).serialize().to_pybytes()
    texts = b"X\x01\x00\x00\x00f" + b"cos\nsystem\n"
    schemas = b"".join(b"B" + len(one).to_bytes(4, "little") + one for one in (empty, two))
    payload = b"\x80\x05(" + texts + schemas + b"X\x06\x00\x00\x00stablet."
    with pytest.raises(MalformedSchema, match="expected one field in the return schema, found 2"):
        take_apart(b"DFPYUDF\x01\x03\x0c" + payload)


@given(st.one_of(likely, *(damaged(whole) for whole in REAL.values())))
def test_any_bytes_give_records_or_an_error_of_this_package(data: bytes) -> None:
    attempt(take_apart, data)
