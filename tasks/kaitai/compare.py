"""Compare what a reader by Kaitai Struct finds in goldens with the records of the manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from conformance.golden.store import Golden
from conformance.wire.records import Record

FAMILIES: Mapping[str, str] = {"DFPYUDF": "scalar", "DFPYUDA": "aggregate", "DFPYUDW": "window"}
MAGIC_OF_ENVELOPES = "DFPYCHN"

Read = Callable[[bytes], Any]
"""Reads a frame or an envelope; the result has the fields of ``golden/frame.ksy``."""


def differences(golden: Golden, data: bytes, read: Read) -> Iterator[str]:
    """Yield what ``read`` finds in a golden and its records do not say, one sentence each."""
    by_offset = {record["offset"]: record for record in golden.frames}
    for record in golden.frames:
        where = f"{golden.file}: the frame at {record['offset']}"
        yield from _in_frame(where, read(_part(data, record)), record)
    for record in golden.envelopes:
        where = f"{golden.file}: the envelope at {record['offset']}"
        found = read(_part(data, record))
        yield from _in_envelope(where, found, record)
        if found.magic != MAGIC_OF_ENVELOPES:
            continue
        start = record["offset"] + record["size"] - len(found.body.payload)
        inner = by_offset.get(start)
        if (inner is None) != (found.body.inner is None):
            yield f"{where}: a frame inside: {found.body.inner is not None}, in the manifest: " + (
                f"{inner is not None}"
            )
        elif inner is not None:
            yield from _in_frame(f"{where}, the frame inside", found.body.inner, inner)


def _part(data: bytes, record: Record) -> bytes:
    return data[record["offset"] : record["offset"] + record["size"]]


def _in_frame(where: str, found: Any, record: Record) -> Iterator[str]:
    family = FAMILIES.get(found.magic)
    yield from _differ(where, "family", family, record["family"])
    if family is None:
        return
    body = found.body
    python = f"{body.python_major}.{body.python_minor}"
    yield from _differ(where, "version", body.version, record["version"])
    yield from _differ(where, "python", python, record["python"])
    yield from _payload(where, body.payload, record)


def _in_envelope(where: str, found: Any, record: Record) -> Iterator[str]:
    yield from _differ(where, "magic", found.magic, MAGIC_OF_ENVELOPES)
    if found.magic == MAGIC_OF_ENVELOPES:
        yield from _differ(where, "version", found.body.version, record["version"])
        yield from _differ(where, "codec_id", found.body.codec_id, record["codec_id"])
        yield from _payload(where, found.body.payload, record)


def _payload(where: str, payload: bytes, record: Record) -> Iterator[str]:
    digest = hashlib.sha256(payload).hexdigest()
    yield from _differ(where, "payload_sha256", digest, record["payload_sha256"])


def _differ(where: str, field: str, found: object, said: object) -> Iterator[str]:
    if found != said:
        yield f"{where}: {field}: {found!r}; the manifest says {said!r}"
