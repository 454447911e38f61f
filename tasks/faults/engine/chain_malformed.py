"""Engines that read malformed envelopes, or tell of them as of something else."""

from __future__ import annotations

import os
import struct
from typing import Any

from tasks.faults.engine.faulty_at import (
    AtExpressions,
    AtLogical,
    AtPhysical,
    FaultyAt,
    find_envelopes,
    is_strict,
    remove_frames,
)
from tasks.faults.engine.faulty_chain import FaultyChain, codec_ids, parse_envelope
from tasks.faults.fault import breaks


class _Version(FaultyChain):
    accepted: tuple[int, ...]

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        accepted = len(envelope) > 7 and envelope[7] in self.accepted
        return envelope[:7] + b"\1" + envelope[8:] if accepted else envelope


@breaks("CHAIN-25")
class EnvelopeVersionZeroIsTaken(_Version):
    artifacts, accepted = ("pickle",), (0,)


@breaks("CHAIN-25")
class TheLastEnvelopeVersionIsTaken(_Version):
    artifacts, accepted = ("physical",), (255,)


@breaks("CHAIN-25")
class VersionIsCheckedForInstalledCodecs(_Version):
    """What nobody here reads is told as not installed, whatever its version."""

    accepted = (*range(256),)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        installed = codec_ids(session) or codec_ids(session, "physical")
        return envelope if installed else super().read_envelope(envelope, session)


@breaks("CHAIN-25")
class StrictSessionsCheckNoVersion(_Version):
    accepted = (*range(256),)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        return super().read_envelope(envelope, session) if is_strict(session) else envelope


@breaks("CHAIN-25")
class EnvelopeVersionIsNotNamed(AtLogical):
    rewords = [(r"envelope version v\d+;", "envelope version;")]


@breaks("CHAIN-25")
class EnvelopeRangeIsNotNamed(AtPhysical):
    rewords = [(r"envelope version (v\d+); this build supports v1\.\.=v1", r"envelope version \1;")]


@breaks("CHAIN-25")
class EnvelopeRemedyIsLost(AtExpressions):
    rewords = [(r"(envelope version .*)Align datafusion-python", r"\1Align")]


@breaks("CHAIN-26")
class CutLengthIsCutId(AtLogical):
    rewords = [("missing codec id length", "codec id shorter than its declared length")]


@breaks("CHAIN-26")
class CutVersionIsUnsupported(AtExpressions):
    rewords = [("missing envelope version byte", "unsupported envelope version")]


@breaks("CHAIN-26")
class CutIdsAreTaken(FaultyChain):
    """As far as they go."""

    artifacts = ("physical",)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        fits = 0 <= (rest := len(envelope) - 12) < int.from_bytes(envelope[8:12], "little") == 5
        return envelope[:8] + struct.pack("<I", rest) + envelope[12:] if fits else envelope


@breaks("CHAIN-26")
class CutEnvelopesGoByName(FaultyAt):
    """What is too short for an envelope is none."""

    artifacts = ("pickle",)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        cut = artifact in self.artifacts and any(len(one.data) < 12 for one in find_envelopes(data))
        return super().read(artifact, remove_frames(data) if cut else data, session)


@breaks("CHAIN-27")
class LengthIsSigned(FaultyChain):
    artifacts = ("physical",)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        negative = len(envelope) > 12 and envelope[11] & 0x80
        return envelope[:8] + b"\0" * 4 + envelope[12:] if negative else envelope


@breaks("CHAIN-27")
class LengthWithinOneIsTaken(FaultyChain):
    """Off by one."""

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        one_past = len(envelope) > 32 and envelope[8:12] == struct.pack("<I", len(envelope) - 11)
        return envelope[:8] + struct.pack("<I", 5) + envelope[12:] if one_past else envelope


@breaks("CHAIN-27", outcome="crash")
class LengthIsAllocated(AtLogical):
    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and any(
            one.data[8:12] == b"\xff" * 4 for one in find_envelopes(data)
        ):
            os.abort()
        return super().read(artifact, data, session)


class _Lax(FaultyChain):
    """Reads ids that are no UTF-8, as ``encoding`` and ``errors`` say."""

    encoding, errors = "utf-8", "strict"

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        length = int.from_bytes(envelope[8:12], "little")
        name = envelope[12 : 12 + length]
        if len(name) < length or envelope[7:8] != b"\1":
            return envelope
        try:
            name.decode()
        except UnicodeDecodeError:
            try:
                name.decode(self.encoding, self.errors)
            except UnicodeDecodeError:
                return envelope
            return envelope[:12] + b"?" * length + envelope[12 + length :]
        return envelope


@breaks("CHAIN-28")
class SurrogatesAreTaken(_Lax):
    artifacts, errors = ("physical",), "surrogatepass"


@breaks("CHAIN-28")
class StrayBytesAreReplaced(_Lax):
    artifacts, errors = ("expression", "pickle"), "replace"


@breaks("CHAIN-28")
class NullsInTwoBytesAreTaken(_Lax):
    artifacts = ("pickle",)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        whole = len(envelope) > 17 and envelope[15:17] == b"\xc0\x80"
        return super().read_envelope(
            envelope[:15] + b"\0\0" + envelope[17:] if whole else envelope, session
        )


@breaks("CHAIN-29", outcome="crash")
class DeepNestingEndsTheProcess(AtPhysical):
    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and data.count(b"DFPYCHN") > 500:
            os.abort()
        return super().read(artifact, data, session)


@breaks("CHAIN-29", outcome="hang")
class DeepNestingHangs(FaultyAt):
    artifacts = ("pickle",)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        while artifact in self.artifacts and data.count(b"DFPYCHN") > 500:
            pass
        return super().read(artifact, data, session)


@breaks("CHAIN-30")
class CutFramesAreCutEnvelopes(AtLogical):
    rewords = [("Truncated inline Python scalar UDF payload", "Truncated extension codec payload")]


@breaks("CHAIN-30")
class EmptyEnvelopesNameNothing(AtPhysical):
    rewords = [(r"not provided for scalar function \w+", "not provided")]


@breaks("CHAIN-30")
class CutMagicsAreRead(FaultyAt):
    """What does not even begin with a magic is nothing, and nothing is no error."""

    artifacts = ("pickle",)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        found = (
            [parse_envelope(one.data) for one in find_envelopes(data)]
            if artifact in self.artifacts
            else []
        )
        if any(one is not None and one.blob == b"DFPYUD" for one in found):
            return None
        return super().read(artifact, data, session)


@breaks("CHAIN-31")
class NotInstalledIsOfPlanning(AtExpressions):
    rewords = [(r"Execution\((?=.*not installed)", "Plan(")]


@breaks("CHAIN-31")
class EnvelopeVersionIsInternal(AtPhysical):
    rewords = [(r"Execution error: (?=.*envelope version v)", "Internal error: ")]


@breaks("CHAIN-31")
class CutEnvelopesAreExternal(AtExpressions):
    rewords = [(r"Execution\((?=.*missing codec id length)", "External(")]


@breaks("CHAIN-31")
class LongIdsAreResources(AtPhysical):
    rewords = [(r"Execution error: (?=.*codec id shorter)", "Resources exhausted: ")]


@breaks("CHAIN-31")
class StrayIdsAreInternal(AtExpressions):
    rewords = [(r"Execution\((?=.*non-UTF-8)", "Internal(")]


@breaks("CHAIN-31")
class LogicalErrorsAreInternal(AtLogical):
    """Otherwise than the released engine, which is wrong in its own way."""

    rewords = [("Error during planning", "Internal error")]
