"""The listing of bytes, as the golden store keeps it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire import Envelope, Family, Frame, listing, replace

from .samples import REAL, attempt, damaged, field, likely, scalar


def test_a_scalar_udf_is_listed_whole() -> None:
    lines = listing(REAL["scalar-expr"]).splitlines()
    for line in (
        "1 of 1: scalar UDF, 862 bytes beside the name 'double'",
        "  in fields 20[0] > 3[0]",
        "  0x001d wire version 1",
        "  0x001e Python 3.12",
        "    name: 'double'",
        "    callable: <call>",
        "      arg_0: int64 null",
        "    volatility: 'immutable'",
        "    cloudpickle.cloudpickle._make_function",
    ):
        assert line in lines


@pytest.mark.parametrize("name", REAL)
def test_every_frame_is_listed_without_an_error(name: str) -> None:
    assert "!" not in listing(REAL[name])


def test_an_envelope_shows_its_codec() -> None:
    text = listing(REAL["chain-expr"])
    assert "codec id 'inner'" in text
    assert text.index("chain envelope") < text.index("scalar UDF")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"DFPYUDF\x01", "! TruncatedHeader: .*Python major"),
        (scalar(b"no pickle"), "! MalformedPickle: "),
        (scalar(b"N."), "! MalformedTuple: "),
        (scalar(b"(N\x8c\x01\xe9t."), "! MalformedPickle: "),
        (scalar(b"N\x85."), "member 0: <None>"),
        (scalar(b"N\x85.rest"), "4 bytes after STOP"),
        (scalar(b"N\x85.", version=2), "wire version 2"),
        (Envelope.MAGIC + b"\x01\xff", "! TruncatedEnvelope: .*codec id length"),
    ],
)
def test_what_is_malformed_is_listed_as_far_as_it_goes(data: bytes, words: Any) -> None:
    assert re.search(words, listing(field(1, data)))


def test_bytes_without_frames_say_so() -> None:
    assert listing(field(1, b"by name")).startswith(
        "protobuf, 9 bytes, frames and envelopes: 0\n"
        "no frame: no Python UDF travels inline in these bytes "
        "(by-name references are not shown)\n"
    )


def test_a_schema_that_is_none_is_an_error_in_its_place() -> None:
    data = replace(REAL["scalar-expr"], {((20, 0), (3, 0)): scalar(b"(C\x01xt.")})
    assert "! MalformedSchema" in listing(data)


def test_without_pyarrow_schemas_are_byte_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    text = listing(REAL["scalar-expr"])
    assert "input schema: 200 bytes\n      ! install pyarrow to see the schema" in text


def test_a_broken_pyarrow_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError('pyarrow requires another NumPy')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "pyarrow")
    assert "! install pyarrow to see the schema" in listing(REAL["scalar-expr"])


def test_a_blob_from_a_stranger_cannot_draw_on_the_terminal() -> None:
    payload = b"(\x8c\x04\x1b[2Jcos\x1b\n\x1b\nt."
    assert "\x1b" not in listing(Frame(Family.SCALAR, 1, (3, 12), payload).to_bytes())


real = st.sampled_from(sorted(REAL)).flatmap(lambda name: damaged(REAL[name]))


@settings(max_examples=150)
@given(likely | real | st.binary().map(scalar))
def test_any_bytes_can_be_listed_or_raise_a_wire_error(data: bytes) -> None:
    text = attempt(listing, data)
    if text is not None:
        text.encode()
