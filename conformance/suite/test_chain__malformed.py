"""The codec chain: malformed envelopes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial

import pytest

from conformance import wire
from conformance.runner.assertions import assert_error_kind, assert_raises
from conformance.subjects.interface import Subject
from conformance.suite.helpers.artifacts import (
    Artifact,
    each_artifact,
    encode_inline,
    from_bytes,
    wrap_frames,
)
from conformance.suite.helpers.chains import CODEC, assert_refuses, make_reader
from conformance.suite.helpers.markers import clause, each_receiver
from conformance.suite.helpers.samples import receiver
from conformance.wire import Envelope


def _make_envelope(subject: Subject, artifact: Artifact, change: Callable[[bytes], bytes]) -> bytes:
    """Return a scalar call whose frame is in an envelope of ``CODEC``, altered by ``change``."""
    data = wrap_frames(encode_inline(subject, artifact, "scalar"), CODEC)
    new = {found.path: change(found.data) for found in wire.find_envelopes(data)}
    return wire.replace(data, new)


VERSION_AT, LENGTH_AT, ID_AT = Envelope.VERSION_AT, Envelope.LENGTH_AT, Envelope.ID_AT


BLOB_AT = ID_AT + len(CODEC)


@clause("CHAIN-25")
@pytest.mark.parametrize("version", [0, 2, 255])
@each_receiver
@each_artifact
def test_version(subject: Subject, artifact: Artifact, mode: str, version: int) -> None:
    """An envelope has another version than 1.

    The error names it, the supported range and a remedy.
    """
    head = bytes((version,))
    data = _make_envelope(subject, artifact, lambda e: e[:VERSION_AT] + head + e[VERSION_AT + 1 :])
    parts = [f"envelope version v{version};", "supports v1..=v1", "Align datafusion-python"]
    for session in (make_reader(subject, artifact, mode)[0], receiver(subject, mode)):
        assert_refuses(subject, artifact, data, session, parts)


@clause("CHAIN-26")
@pytest.mark.parametrize("size", range(VERSION_AT, BLOB_AT))
@each_receiver
@each_artifact
def test_cut(subject: Subject, artifact: Artifact, mode: str, size: int) -> None:
    """An envelope is cut at each byte of its header. The error names the missing part."""
    session, _ = make_reader(subject, artifact, mode)
    missing = (
        "missing envelope version byte"
        if size <= VERSION_AT
        else "missing codec id length"
        if size < ID_AT
        else "codec id shorter than its declared length"
    )
    data = _make_envelope(subject, artifact, lambda e: e[:size])
    assert_refuses(subject, artifact, data, session, ["Truncated extension codec payload", missing])


@clause("CHAIN-27")
@pytest.mark.parametrize("length", ["one-past", "sign-bit", "largest"])
@each_receiver
@each_artifact
def test_length_past_the_end(subject: Subject, artifact: Artifact, mode: str, length: str) -> None:
    """The length of the id exceeds the envelope, up to the maximum of the field.

    Decoding raises an error.
    """
    session, _ = make_reader(subject, artifact, mode)

    def change(envelope: bytes) -> bytes:
        past = {"one-past": len(envelope) - ID_AT + 1, "sign-bit": 2**31, "largest": 2**32 - 1}
        return envelope[:LENGTH_AT] + struct.pack("<I", past[length]) + envelope[ID_AT:]

    data = _make_envelope(subject, artifact, change)
    assert_refuses(subject, artifact, data, session, ["codec id shorter than its declared length"])


@clause("CHAIN-28")
@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"], ids=bytes.hex)
@each_receiver
@each_artifact
def test_id_not_utf8(subject: Subject, artifact: Artifact, mode: str, bad: bytes) -> None:
    """The id is not valid UTF-8: a stray byte, a cut, a surrogate, an overlong form.

    Decoding raises an error.
    """
    session, _ = make_reader(subject, artifact, mode)
    data = _make_envelope(subject, artifact, lambda e: e[: BLOB_AT - len(bad)] + bad + e[BLOB_AT:])
    assert_refuses(subject, artifact, data, session, ["non-UTF-8 codec id"])


@clause("CHAIN-29")
@pytest.mark.parametrize("depth", [10, 1000])
@each_receiver
@each_artifact
def test_nested_without_end(subject: Subject, artifact: Artifact, mode: str, depth: int) -> None:
    """Up to 1,000 envelopes name a codec that is not installed.

    The error names it, and nothing crashes.
    """
    session, _ = make_reader(subject, artifact, mode)
    data = wrap_frames(encode_inline(subject, artifact, "scalar"), CODEC, *["inner"] * depth)
    assert_refuses(
        subject, artifact, data, session, ["'inner'", "no extension codecs are installed"]
    )


@clause("CHAIN-30")
@pytest.mark.parametrize("size", range(BLOB_AT, BLOB_AT + 10))
@each_artifact
def test_cut_in_the_frame(subject: Subject, artifact: Artifact, size: int) -> None:
    """The frame inside an envelope is cut.

    The error is the codec's, which names the missing byte, or the UDF where the magic is cut.
    """
    session, _ = make_reader(subject, artifact)
    data = _make_envelope(subject, artifact, lambda e: e[:size])
    missing = {7: "wire-format version", 8: "Python major version", 9: "Python minor version"}
    byte = missing.get(size - BLOB_AT)
    of_codec = ("Truncated", "Python scalar UDF payload", f"missing {byte} byte")
    assert_refuses(subject, artifact, data, session, of_codec if byte else ["times"])


@clause("CHAIN-31")
@pytest.mark.parametrize("what", ["version", "cut", "length", "utf8", "not-installed"])
@each_artifact
def test_is_an_execution_error(subject: Subject, artifact: Artifact, what: str) -> None:
    """An envelope is malformed in one of five ways. Decoding raises an Execution error."""
    session, _ = make_reader(subject, artifact)
    changes: dict[str, Callable[[bytes], bytes]] = {
        "version": lambda e: e[:VERSION_AT] + b"\2" + e[VERSION_AT + 1 :],
        "cut": lambda e: e[:LENGTH_AT],
        "length": lambda e: e[:LENGTH_AT] + b"\xff" * 4 + e[ID_AT:],
        "utf8": lambda e: e[:ID_AT] + b"\xff" + e[ID_AT + 1 :],
        "not-installed": lambda e: e[:ID_AT] + b"k" + e[ID_AT + 1 :],
    }
    data = _make_envelope(subject, artifact, changes[what])
    error = assert_raises(partial(from_bytes, subject, artifact, data, session), what)
    assert_error_kind(subject, error, "Execution", what)
