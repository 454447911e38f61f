"""Envelopes: what a codec wrote, under that codec's id."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.texts import Texts


@dataclass(frozen=True)
class Envelope:
    """An id, and the bytes of the codec with that id."""

    codec_id: str
    blob: bytes


class Envelopes:
    """Writes and reads envelopes: magic, version, length of the id, the id, the codec's bytes."""

    magic = b"DFPYCHN"
    version = 1
    oldest = 1
    length = struct.Struct("<I")

    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def owns(self, data: bytes) -> bool:
        """Return whether ``data`` is an envelope."""
        return data.startswith(self.magic)

    def write(self, envelope: Envelope) -> bytes:
        """Return the bytes of an envelope."""
        id_ = envelope.codec_id.encode()
        head = self.magic + bytes((self.version,)) + self.length.pack(len(id_))
        return head + id_ + envelope.blob

    def read(self, data: bytes) -> Envelope:
        """Return the envelope that ``data`` is."""
        self.check_version(data)
        at = len(self.magic) + 1
        start = at + self.length.size
        self.check_there(data, start, "missing codec id length")
        (size,) = self.length.unpack_from(data, at)
        self.check_there(data, start + size, "codec id shorter than its declared length")
        return Envelope(self.codec_id(data[start : start + size]), data[start + size :])

    def check_version(self, data: bytes) -> None:
        """Check that the version is there, and supported."""
        at = len(self.magic)
        self.check_there(data, at + 1, "missing envelope version byte")
        if not self.oldest <= data[at] <= self.version:
            text = self.texts.envelope_version(data[at], self.oldest, self.version)
            raise ExecutionError(text)

    def check_there(self, data: bytes, size: int, missing: str) -> None:
        """There must be so many bytes."""
        if len(data) < size:
            raise ExecutionError(self.texts.envelope_truncated(missing))

    def codec_id(self, data: bytes) -> str:
        """Return the id as text."""
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise ExecutionError(self.texts.envelope_id()) from None
