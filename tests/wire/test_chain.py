from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from conformance.wire import (
    Envelope,
    EnvelopeIdNotUtf8,
    EnvelopeIdTooLong,
    TruncatedEnvelope,
    UnknownMagic,
    UnsupportedEnvelopeVersion,
)

from .samples import attempt, envelopes, likely


def test_an_envelope_is_magic_version_length_id_blob() -> None:
    data = b"DFPYCHN" + b"\x01" + b"\x03\x00\x00\x00" + b"geo" + b"blob"
    assert Envelope("geo", b"blob").to_bytes() == data
    assert Envelope.parse(data) == Envelope("geo", b"blob", 1)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"DFPYUDF\x01", UnknownMagic, "chain envelope"),
        (b"DFPYCHN", TruncatedEnvelope, "envelope version"),
        (b"DFPYCHN\x02", UnsupportedEnvelopeVersion, "envelope version 2"),
        (b"DFPYCHN\x01", TruncatedEnvelope, "codec id length"),
        (b"DFPYCHN\x01\x03\x00\x00", TruncatedEnvelope, "codec id length"),
        (b"DFPYCHN\x01\x03\x00\x00\x00ge", EnvelopeIdTooLong, "3 bytes, but only 2"),
        (b"DFPYCHN\x01\xff\xff\xff\xffge", EnvelopeIdTooLong, "4294967295 bytes"),
        (b"DFPYCHN\x01\x02\x00\x00\x00\xff\xfe", EnvelopeIdNotUtf8, "not UTF-8"),
    ],
)
def test_malformed_envelopes_say_what_is_wrong(
    data: bytes, error: type[Exception], words: Any
) -> None:
    with pytest.raises(error, match=words):
        Envelope.parse(data)


def test_the_length_counts_bytes_and_not_characters() -> None:
    data = Envelope("é", b"").to_bytes()
    assert data[Envelope.LENGTH_AT : Envelope.ID_AT] == b"\x02\x00\x00\x00"


@given(envelopes)
def test_what_is_written_is_read_back(envelope: Any) -> None:
    data = envelope.to_bytes()
    assert Envelope.parse(data) == envelope
    assert data[envelope.blob_at :] == envelope.blob


@given(likely)
def test_any_bytes_are_an_envelope_or_a_wire_error(data: bytes) -> None:
    envelope = attempt(Envelope.parse, data)
    assert envelope is None or envelope.to_bytes() == data
