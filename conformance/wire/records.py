"""The records of the frames and envelopes in bytes, as the golden manifest has them.

``golden/README.md`` describes the fields. Nothing is unpickled.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from conformance.wire.definition import Definition
from conformance.wire.errors import MalformedSchema
from conformance.wire.frame import Family
from conformance.wire.locate import locate
from conformance.wire.payload import Payload
from conformance.wire.protobuf import Found
from conformance.wire.schema import read_schema
from conformance.wire.trace import trace
from conformance.wire.types import field_record

Record = dict[str, Any]
"""A record by field; equal fields are shared between records, so none is to be changed."""


def take_apart(data: bytes) -> dict[str, list[Record]]:
    """Return the records of the ``frames`` and the ``envelopes`` in ``data``, in their order.

    Raises a ``WireError`` where one of them cannot be read to its end.
    """
    located = locate(data)
    return {
        "frames": [frame_record(found) for found in located.frames],
        "envelopes": [envelope_record(found) for found in located.envelopes],
    }


def frame_record(found: Found) -> Record:
    """Return the record of a frame."""
    frame = found.frame()
    return {
        **_place(found),
        "family": frame.family.name.lower(),
        "version": frame.wire_version,
        "python": ".".join(map(str, frame.python)),
        "call": found.name,
        **_definition(frame.family, frame.payload),
        "payload_sha256": hashlib.sha256(frame.payload).hexdigest(),
    }


def envelope_record(found: Found) -> Record:
    """Return the record of an envelope."""
    envelope = found.envelope()
    return {
        **_place(found),
        "version": envelope.version,
        "codec_id": envelope.codec_id,
        "payload_sha256": hashlib.sha256(envelope.blob).hexdigest(),
    }


def _place(found: Found) -> Record:
    path = [list(step) for step in found.path]
    return {"offset": found.offset, "size": found.size, "path": path}


@lru_cache(maxsize=10_000)
def _definition(family: Family, payload: bytes) -> Record:
    """Return what a payload says; many frames have the same."""
    followed = trace(payload)
    read = Definition.of(family, Payload.of(followed))
    returns = _fields(read.return_schema)
    if len(returns) != 1:
        raise MalformedSchema(f"expected one field in the return schema, found {len(returns)}")
    record: Record = {
        "name": read.name,
        "inputs": _fields(read.input_schema),
        "returns": returns[0],
    }
    if read.state_schema is not None:
        record["state"] = _fields(read.state_schema)
    return {**record, "volatility": read.volatility, "imports": sorted(followed.globals)}


@lru_cache(maxsize=10_000)
def _fields(schema: bytes) -> list[Record]:
    return [field_record(field) for field in read_schema(schema)]
