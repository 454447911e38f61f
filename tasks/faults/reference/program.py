"""Faults of codecs that run no UDF: what they report of goldens, decide about them and write."""

from __future__ import annotations

import os
import time
from typing import Any

from conformance.subjects.codec import Artifact, CannotDo, Conditions, Decision
from conformance.subjects.reference import Reference
from conformance.wire import WireError
from tasks.faults.fault import breaks
from tasks.faults.sample_codec import SampleCodec


class Program(Reference):
    """A reference that offers a codec: the class ``Codec`` in the body of a subclass."""

    Codec: type[SampleCodec] = SampleCodec

    def __init__(self) -> None:
        super().__init__()
        self.wire_codec = self.Codec()


@breaks("PROGRAM-01")
class AcceptsOnlyOneFrame(Program):
    """Refuse bytes with more than one frame."""

    class Codec(SampleCodec):
        def decide(self, artifact: Artifact, data: bytes, conditions: Conditions) -> Decision:
            if len(self.take_apart(artifact, data)["frames"]) > 1:
                return self.refuse("more than one frame")
            return super().decide(artifact, data, conditions)


@breaks("GOLDEN-02", "GOLDENCHAIN-04")
class NamesItsOwnPythonOnly(Program):
    """Refuse another Python, and do not name the sender's version."""

    class Codec(SampleCodec):
        def refuse_python(self, sender: str, own: str) -> Decision:
            del sender
            return self.refuse(f"this is running Python {own}.")


@breaks("GOLDEN-02", "GOLDENCHAIN-04")
class ComparesMajorVersions(Program):
    """Accept a frame of any Python 3."""

    class Codec(SampleCodec):
        def refuse_python(self, sender: str, own: str) -> Decision:
            del sender, own
            return Decision(accepted=True)


@breaks("GOLDEN-03")
class StrictNamesNoUdf(Program):
    """Refuse an inline frame without the name of the UDF."""

    class Codec(SampleCodec):
        def refuse_inline(self, name: str) -> Decision:
            del name
            return self.refuse("inlining is disabled on this session")


@breaks("GOLDENCHAIN-02", "GOLDENCHAIN-03")
class AnyCodecReads(Program):
    """Read the payload of an envelope whatever its id."""

    class Codec(SampleCodec):
        def decide(self, artifact: Artifact, data: bytes, conditions: Conditions) -> Decision:
            known = {one["codec_id"] for one in self.take_apart(artifact, data)["envelopes"]}
            codecs = (*conditions.codecs, *known)
            installed = Conditions(conditions.python, conditions.inlining, codecs)
            return super().decide(artifact, data, installed)


@breaks("PROGRAM-02")
class OffsetsOfPayloads(Program):
    """Report the offset of the payload as that of the frame."""

    class Codec(SampleCodec):
        def frame(self, record: dict[str, Any]) -> dict[str, Any]:
            return {**record, "offset": record["offset"] + 10}


@breaks("PROGRAM-02")
class SizesWithoutHeaders(Program):
    """Report the size of an envelope without its header."""

    class Codec(SampleCodec):
        def envelope(self, record: dict[str, Any]) -> dict[str, Any]:
            return {**record, "size": record["size"] - 12}


@breaks("PROGRAM-03")
class WindowsAreAggregates(Program):
    """Report every window UDF as an aggregate UDF."""

    class Codec(SampleCodec):
        def frame(self, record: dict[str, Any]) -> dict[str, Any]:
            family = record["family"]
            return {**record, "family": "aggregate" if family == "window" else family}


@breaks("PROGRAM-03")
class AbsentNamesAreInvented(Program):
    """Report a name of its own for a call that has none."""

    class Codec(SampleCodec):
        def frame(self, record: dict[str, Any]) -> dict[str, Any]:
            return {**record, "call": record["call"] or "unnamed"}


@breaks("PROGRAM-01", "PROGRAM-03")
class IdsWithoutDots(Program):
    """Report a codec id to its first dot."""

    class Codec(SampleCodec):
        def envelope(self, record: dict[str, Any]) -> dict[str, Any]:
            return {**record, "codec_id": record["codec_id"].partition(".")[0]}


@breaks("PROGRAM-04")
class ReturnsAreNullable(Program):
    """Report every return field as nullable."""

    class Codec(SampleCodec):
        def frame(self, record: dict[str, Any]) -> dict[str, Any]:
            returns = {name: one for name, one in record["returns"].items() if name != "nullable"}
            return {**record, "returns": returns}


@breaks("PROGRAM-04")
class NoState(Program):
    """Leave out the state schema."""

    class Codec(SampleCodec):
        def frame(self, record: dict[str, Any]) -> dict[str, Any]:
            return {name: one for name, one in record.items() if name != "state"}


@breaks("PROGRAM-05")
class FirstImports(Program):
    """Report no more than three imports."""

    class Codec(SampleCodec):
        def frame(self, record: dict[str, Any]) -> dict[str, Any]:
            return {**record, "imports": record["imports"][:3]}


@breaks("PROGRAM-05")
class DigestsOfEnvelopes(Program):
    """Report another digest for the payload of an envelope."""

    class Codec(SampleCodec):
        def envelope(self, record: dict[str, Any]) -> dict[str, Any]:
            return {**record, "payload_sha256": "0" * 64}


@breaks("PROGRAM-06")
class DropsTheLastByte(Program):
    """Write expressions of more than a kilobyte back without their last byte."""

    class Codec(SampleCodec):
        def write_back(self, artifact: Artifact, data: bytes) -> bytes:
            back = super().write_back(artifact, data)
            return back[:-1] if len(back) > 1024 else back


class _Writer(SampleCodec):
    """A codec that writes frames and does nothing else."""

    operations = ("write_frame",)


@breaks("FRAME-02")
class OneMagic(Program):
    """Write the magic of scalar UDFs for every family."""

    class Codec(_Writer):
        def write_frame(self, family: str, python: str, payload: bytes) -> bytes:
            del family
            return super().write_frame("scalar", python, payload)


@breaks("FRAME-03")
class WireVersion0(Program):
    """Write the wire version 0."""

    class Codec(_Writer):
        def write_frame(self, family: str, python: str, payload: bytes) -> bytes:
            frame = super().write_frame(family, python, payload)
            return frame[:7] + b"\0" + frame[8:]


@breaks("FRAME-04")
class Python3(Program):
    """Write 3 as the major version of every Python."""

    class Codec(_Writer):
        def write_frame(self, family: str, python: str, payload: bytes) -> bytes:
            frame = super().write_frame(family, python, payload)
            return frame[:8] + b"\3" + frame[9:]


@breaks("PROGRAM-07")
class EndsThePayload(Program):
    """Write a payload without its last byte."""

    class Codec(SampleCodec):
        def write_frame(self, family: str, python: str, payload: bytes) -> bytes:
            return super().write_frame(family, python, payload[:-1])


@breaks("PROGRAM-07", "PROGRAM-08", "PROGRAM-09")
class CutsLargePayloads(Program):
    """Cut a payload after 65,535 bytes."""

    class Codec(SampleCodec):
        def write_frame(self, family: str, python: str, payload: bytes) -> bytes:
            return super().write_frame(family, python, payload[:0xFFFF])

        def wrap(self, codec_id: str, payload: bytes) -> bytes:
            return super().wrap(codec_id, payload[:0xFFFF])

        def unwrap(self, envelope: bytes) -> tuple[str, bytes]:
            codec_id, payload = super().unwrap(envelope)
            return codec_id, payload[:0xFFFF]


@breaks("PROGRAM-08")
class CountsCharacters(Program):
    """Write the number of characters of a codec id in the place of its bytes."""

    class Codec(SampleCodec):
        def wrap(self, codec_id: str, payload: bytes) -> bytes:
            length = len(codec_id).to_bytes(4, "little")
            return b"DFPYCHN\x01" + length + codec_id.encode() + payload


@breaks("PROGRAM-09")
class UnwrapsAnyVersion(Program):
    """Unwrap an envelope whatever its version."""

    class Codec(SampleCodec):
        def unwrap(self, envelope: bytes) -> tuple[str, bytes]:
            return super().unwrap(envelope[:7] + b"\x01" + envelope[8:])


@breaks("PROGRAM-09")
class StripsPayloads(Program):
    """Return the payload of an envelope without the full stop at its end."""

    class Codec(SampleCodec):
        def unwrap(self, envelope: bytes) -> tuple[str, bytes]:
            codec_id, payload = super().unwrap(envelope)
            return codec_id, payload.rstrip(b".")


@breaks("HOSTILE-01", "HOSTILE-02", "HOSTILE-04", "HOSTILE-05", "HOSTILE-07", outcome="crash")
class EndsOnDamagedBytes(Program):
    """End the process on bytes that cannot be read."""

    class Codec(SampleCodec):
        def cannot_read(self, error: WireError) -> CannotDo:
            del error
            os.abort()


@breaks("HOSTILE-05", outcome="hang")
class NeverAnswersLongBytes(Program):
    """Never answer on more than 30,000 bytes."""

    class Codec(SampleCodec):
        def take_apart(self, artifact: Artifact, data: bytes) -> Any:
            if len(data) > 30_000:
                time.sleep(60)
            return super().take_apart(artifact, data)


@breaks("PROGRAM-09")
class UnwrapsWithoutTheMark(Program):
    """Unwrap an id without the byte order mark with which it begins."""

    class Codec(SampleCodec):
        def unwrap(self, envelope: bytes) -> tuple[str, bytes]:
            codec_id, payload = super().unwrap(envelope)
            return codec_id.removeprefix("\ufeff"), payload
