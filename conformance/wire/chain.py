"""The envelope around the bytes that a codec of a chain wrote (55.0.0 and later)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

from conformance.wire.errors import (
    EnvelopeIdNotUtf8,
    EnvelopeIdTooLong,
    TruncatedEnvelope,
    UnknownMagic,
    UnsupportedEnvelopeVersion,
)
from conformance.wire.frame import MAGIC_SIZE

_LENGTH = struct.Struct("<I")


@dataclass(frozen=True)
class Envelope:
    """Magic, version (a byte), id length (u32, little-endian), id (UTF-8), blob.

    ``blob`` is whatever the named codec wrote: a UDF frame, another envelope or anything else.
    """

    codec_id: str
    blob: bytes
    version: int = 1

    MAGIC: ClassVar[bytes] = b"DFPYCHN"
    VERSION_AT: ClassVar[int] = 7
    LENGTH_AT: ClassVar[int] = 8
    ID_AT: ClassVar[int] = 12
    SUPPORTED: ClassVar[tuple[int, int]] = (1, 1)
    """The lowest and the highest version of released engines."""

    @property
    def blob_at(self) -> int:
        """The offset of the blob, in bytes from the magic."""
        return self.ID_AT + len(self.codec_id.encode())

    def to_bytes(self) -> bytes:
        """Return the bytes of the envelope; ``ValueError`` if the version does not fit a byte."""
        name = self.codec_id.encode()
        head = self.MAGIC + bytes((self.version,)) + _LENGTH.pack(len(name))
        return head + name + self.blob

    @classmethod
    def parse(cls, data: bytes, *, any_version: bool = False) -> Envelope:
        """Parse ``data`` as an envelope.

        The fields are checked in their order. Raises ``UnknownMagic``,
        ``TruncatedEnvelope``, ``UnsupportedEnvelopeVersion`` (not with
        ``any_version``), ``EnvelopeIdTooLong`` or ``EnvelopeIdNotUtf8``.
        """
        version = data[cls.VERSION_AT] if len(data) > cls.VERSION_AT else 0
        blob_at = cls.find_blob(data, any_version=any_version)
        return cls(data[cls.ID_AT : blob_at].decode(), data[blob_at:], version)

    @classmethod
    def find_blob(cls, data: bytes | memoryview, *, any_version: bool = True) -> int:
        """Return the offset of the blob; raises what ``parse`` raises."""
        magic = bytes(data[:MAGIC_SIZE])
        if magic != cls.MAGIC:
            raise UnknownMagic(magic, "a chain envelope")
        if len(data) <= cls.VERSION_AT:
            raise TruncatedEnvelope("envelope version", len(data))
        version = data[cls.VERSION_AT]
        low, high = cls.SUPPORTED
        if not any_version and not low <= version <= high:
            raise UnsupportedEnvelopeVersion(version, cls.SUPPORTED)
        if len(data) < cls.ID_AT:
            raise TruncatedEnvelope("codec id length", len(data))
        (length,) = _LENGTH.unpack_from(data, cls.LENGTH_AT)
        if length > len(data) - cls.ID_AT:
            raise EnvelopeIdTooLong(length, len(data) - cls.ID_AT)
        name = bytes(data[cls.ID_AT : cls.ID_AT + length])
        try:
            name.decode()
        except UnicodeDecodeError:
            raise EnvelopeIdNotUtf8(name) from None
        return cls.ID_AT + int(length)
