"""A codec that runs no UDF, in this process: what faults of programs are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conformance import wire
from conformance.subjects.codec import OPERATIONS, Artifact, CannotDo, Conditions, Decision
from conformance.wire import Envelope, Family, Frame, WireError
from conformance.wire.records import take_apart


class SampleCodec:
    """The operations on intact bytes; ``decide`` knows the rules that goldens need."""

    operations: Sequence[str] = OPERATIONS

    def decide(self, artifact: Artifact, data: bytes, conditions: Conditions) -> Decision:
        records = self.take_apart(artifact, data)
        for envelope in records["envelopes"]:
            if envelope["codec_id"] not in conditions.codecs:
                return self.refuse(f"extension codec '{envelope['codec_id']}' is not installed")
        for frame in records["frames"]:
            if frame["python"] != conditions.python:
                return self.refuse_python(frame["python"], conditions.python)
            if not conditions.inlining:
                return self.refuse_inline(frame["call"])
        return Decision(accepted=True)

    def refuse_python(self, sender: str, own: str) -> Decision:
        return self.refuse(f"written on Python {sender}; this is running Python {own}.")

    def refuse_inline(self, name: str) -> Decision:
        return self.refuse(f"UDF '{name}': inlining is disabled on this session")

    def refuse(self, message: str) -> Decision:
        return Decision(accepted=False, kind="Execution", message=message)

    def take_apart(self, artifact: Artifact, data: bytes) -> Mapping[str, Any]:
        del artifact
        try:
            records = take_apart(data)
        except WireError as error:
            raise self.cannot_read(error) from None
        return {
            "frames": [self.frame(dict(one)) for one in records["frames"]],
            "envelopes": [self.envelope(dict(one)) for one in records["envelopes"]],
        }

    def cannot_read(self, error: WireError) -> CannotDo:
        return CannotDo(str(error))

    def frame(self, record: dict[str, Any]) -> dict[str, Any]:
        return record

    def envelope(self, record: dict[str, Any]) -> dict[str, Any]:
        return record

    def write_back(self, artifact: Artifact, data: bytes) -> bytes:
        del artifact
        return wire.replace(data, {found.path: found.data for found in wire.find(data)})

    def write_frame(self, family: str, python: str, payload: bytes) -> bytes:
        major, minor = map(int, python.split("."))
        return Frame(Family[family.upper()], 1, (major, minor), payload).to_bytes()

    def wrap(self, codec_id: str, payload: bytes) -> bytes:
        return Envelope(codec_id, payload).to_bytes()

    def unwrap(self, envelope: bytes) -> tuple[str, bytes]:
        try:
            read = Envelope.parse(envelope)
        except WireError as error:
            raise CannotDo(str(error)) from None
        return read.codec_id, read.blob
