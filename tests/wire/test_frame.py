from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given

from conformance.wire import (
    Family,
    Frame,
    TruncatedHeader,
    UnknownMagic,
    UnsupportedVersion,
)

from .samples import attempt, frames, likely


def test_a_frame_is_magic_version_python_payload() -> None:
    frame = Frame(Family.AGGREGATE, 1, (3, 12), b"payload")
    assert frame.to_bytes() == b"DFPYUDA" + b"\x01" + b"\x03" + b"\x0c" + b"payload"


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        (Family.SCALAR, "scalar UDF"),
        (Family.AGGREGATE, "aggregate UDF"),
        (Family.WINDOW, "window UDF"),
    ],
)
def test_kinds_are_named_as_the_engine_names_them(family: Any, kind: str) -> None:
    assert family.kind == kind


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        (b"DFPYUDF", "wire version"),
        (b"DFPYUDF\x01", "Python major"),
        (b"DFPYUDF\x01\x03", "Python minor"),
    ],
)
def test_a_cut_header_names_the_missing_byte(data: bytes, missing: Any) -> None:
    with pytest.raises(TruncatedHeader, match=missing) as caught:
        Frame.parse(data)
    assert caught.value.missing == missing
    assert caught.value.size == len(data)


@pytest.mark.parametrize("data", [b"", b"DFPYUD", b"DFPYUDX\x01\x03\x0c", b"DFPYCHN\x01"])
def test_another_magic_is_no_frame(data: bytes) -> None:
    with pytest.raises(UnknownMagic) as caught:
        Frame.parse(data)
    assert caught.value.magic == data[:7]


@pytest.mark.parametrize("version", [0, 2, 255])
def test_another_wire_version_is_refused_unless_asked_for(version: Any) -> None:
    data = b"DFPYUDF" + bytes((version, 3, 12))
    with pytest.raises(UnsupportedVersion, match=f"wire version {version} .* 1 to 1") as caught:
        Frame.parse(data)
    assert (caught.value.version, caught.value.supported) == (version, (1, 1))
    assert Frame.parse(data, any_version=True).wire_version == version


def test_the_version_is_judged_before_what_follows_it() -> None:
    with pytest.raises(UnsupportedVersion):
        Frame.parse(b"DFPYUDF\x02")


def test_a_header_value_that_is_no_byte_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="range"):
        Frame(Family.SCALAR, 256, (3, 12), b"").to_bytes()


@given(frames)
def test_what_is_written_is_read_back(frame: Any) -> None:
    assert Frame.parse(frame.to_bytes()) == frame


@given(likely)
def test_any_bytes_are_a_frame_or_a_wire_error(data: bytes) -> None:
    frame = attempt(Frame.parse, data)
    assert frame is None or frame.to_bytes() == data


def test_an_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(UnsupportedVersion(2, (1, 1))))
    assert (error.version, str(error)) == (2, str(UnsupportedVersion(2, (1, 1))))
