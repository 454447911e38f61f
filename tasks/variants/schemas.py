"""Engines whose Arrow writes schemas in other bytes.

A payload's schema is promised to be an Arrow IPC stream of a schema message without a batch.
Arrow leaves the rest to the writer: whether a stream has an end marker, the padding of a
message, the layout of its flatbuffer. Streams as they were before Arrow 0.15, without
continuation markers, are streams, too, and every reader of Arrow reads them.

Left out, since they are promised: the names, types, nullability and metadata of fields, and
that pyarrow's IPC functions write nothing (PAYLOAD-18).
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

import pyarrow as pa

from conformance.subjects.reference.schemas import Schemas
from tasks.variants.engine import OtherBytes

_CONTINUATION = b"\xff\xff\xff\xff"


class _OtherSchemas(OtherBytes):
    """An engine whose payloads have their schemas as ``stream`` writes them."""

    def payload(self, value: Any) -> Any:
        value = super().payload(value)
        if not isinstance(value, tuple):
            return value
        return tuple(self.stream(one) if isinstance(one, bytes) else one for one in value)

    def stream(self, data: bytes) -> bytes:
        """Return another stream of the same schema."""
        return data


class NoEndMarker(_OtherSchemas):
    """End a stream after its schema, without an end marker."""

    def stream(self, data: bytes) -> bytes:
        message = _message(data)
        return _CONTINUATION + struct.pack("<i", len(message)) + message


class BeforeContinuations(_OtherSchemas):
    """Write the streams of Arrow before 0.15: only the length is in front of a message."""

    def stream(self, data: bytes) -> bytes:
        message = _message(data)
        message += bytes(-(4 + len(message)) % 8)
        return struct.pack("<i", len(message)) + message + bytes(4)


class OtherLayout(_OtherSchemas):
    """Lay the message out otherwise: aligned to 8 bytes and not 64, metadata the other way round.

    The writer is that of the reference, which is none of pyarrow's.
    """

    def stream(self, data: bytes) -> bytes:
        return _laid_out(data)


def _message(data: bytes) -> bytes:
    """Return the message of a stream as the released engines write it."""
    (size,) = struct.unpack_from("<i", data, len(_CONTINUATION))
    return data[8 : 8 + size]


@cache
def _laid_out(data: bytes) -> bytes:
    schemas = Schemas()
    return schemas.write([_reversed_metadata(field) for field in schemas.read(data, "written")])


def _reversed_metadata(field: pa.Field) -> pa.Field:
    return field.with_metadata(dict(reversed((field.metadata or {}).items())) or None)
