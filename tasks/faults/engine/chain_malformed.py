"""Faults in reading malformed envelopes."""

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
    """An engine that accepts the envelope versions in ``accepted``."""

    accepted: tuple[int, ...]

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        accepted = len(envelope) > 7 and envelope[7] in self.accepted
        return envelope[:7] + b"\1" + envelope[8:] if accepted else envelope


@breaks("CHAIN-25")
class EnvelopeVersionZeroIsTaken(_Version):
    """Accept envelope version 0."""

    artifacts, accepted = ("pickle",), (0,)


@breaks("CHAIN-25")
class TheLastEnvelopeVersionIsTaken(_Version):
    """Accept envelope version 255."""

    artifacts, accepted = ("physical",), (255,)


@breaks("CHAIN-25")
class VersionIsCheckedForInstalledCodecs(_Version):
    """Do not check the envelope version if no codec is installed."""

    accepted = (*range(256),)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        installed = codec_ids(session) or codec_ids(session, "physical")
        return envelope if installed else super().read_envelope(envelope, session)


@breaks("CHAIN-25")
class StrictSessionsCheckNoVersion(_Version):
    """Do not check the envelope version on strict sessions."""

    accepted = (*range(256),)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        return super().read_envelope(envelope, session) if is_strict(session) else envelope


@breaks("CHAIN-25")
class EnvelopeVersionIsNotNamed(AtLogical):
    """Omit the version from the error for an unsupported envelope version."""

    rewords = [(r"envelope version v\d+;", "envelope version;")]


@breaks("CHAIN-25")
class EnvelopeRangeIsNotNamed(AtPhysical):
    """Omit the supported range from the error for an unsupported envelope version."""

    rewords = [(r"envelope version (v\d+); this build supports v1\.\.=v1", r"envelope version \1;")]


@breaks("CHAIN-25")
class EnvelopeRemedyIsLost(AtExpressions):
    """Omit the package from the remedy for an unsupported envelope version."""

    rewords = [(r"(envelope version .*)Align datafusion-python", r"\1Align")]


@breaks("CHAIN-26")
class CutLengthIsCutId(AtLogical):
    """Report a truncated length of the codec id as a truncated id."""

    rewords = [("missing codec id length", "codec id shorter than its declared length")]


@breaks("CHAIN-26")
class CutVersionIsUnsupported(AtExpressions):
    """Report a missing envelope version byte as an unsupported version."""

    rewords = [("missing envelope version byte", "unsupported envelope version")]


@breaks("CHAIN-26")
class CutIdsAreTaken(FaultyChain):
    """Accept a truncated codec id."""

    artifacts = ("physical",)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        fits = 0 <= (rest := len(envelope) - 12) < int.from_bytes(envelope[8:12], "little") == 5
        return envelope[:8] + struct.pack("<I", rest) + envelope[12:] if fits else envelope


@breaks("CHAIN-26")
class CutEnvelopesGoByName(FaultyAt):
    """Ignore truncated envelopes and resolve their calls by name."""

    artifacts = ("pickle",)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        cut = artifact in self.artifacts and any(len(one.data) < 12 for one in find_envelopes(data))
        return super().read(artifact, remove_frames(data) if cut else data, session)


@breaks("CHAIN-27")
class LengthIsSigned(FaultyChain):
    """Read the length of a codec id as a signed number."""

    artifacts = ("physical",)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        negative = len(envelope) > 12 and envelope[11] & 0x80
        return envelope[:8] + b"\0" * 4 + envelope[12:] if negative else envelope


@breaks("CHAIN-27")
class LengthWithinOneIsTaken(FaultyChain):
    """Accept a length of the codec id that is one too large."""

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        one_past = len(envelope) > 32 and envelope[8:12] == struct.pack("<I", len(envelope) - 11)
        return envelope[:8] + struct.pack("<I", 5) + envelope[12:] if one_past else envelope


@breaks("CHAIN-27", outcome="crash")
class LengthIsAllocated(AtLogical):
    """Allocate the declared length of a codec id, and abort if that fails."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and any(
            one.data[8:12] == b"\xff" * 4 for one in find_envelopes(data)
        ):
            os.abort()
        return super().read(artifact, data, session)


class _Lax(FaultyChain):
    """An engine that decodes ids that are not UTF-8 by ``encoding`` and ``errors``."""

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
    """Accept encoded surrogates in codec ids."""

    artifacts, errors = ("physical",), "surrogatepass"


@breaks("CHAIN-28")
class StrayBytesAreReplaced(_Lax):
    """Replace invalid UTF-8 in codec ids instead of refusing it."""

    artifacts, errors = ("expression", "pickle"), "replace"


@breaks("CHAIN-28")
class NullsInTwoBytesAreTaken(_Lax):
    """Accept the overlong encoding of a null character in codec ids."""

    artifacts = ("pickle",)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        whole = len(envelope) > 17 and envelope[15:17] == b"\xc0\x80"
        return super().read_envelope(
            envelope[:15] + b"\0\0" + envelope[17:] if whole else envelope, session
        )


@breaks("CHAIN-29", outcome="crash")
class DeepNestingEndsTheProcess(AtPhysical):
    """Abort the process on more than 500 nested envelopes."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and data.count(b"DFPYCHN") > 500:
            os.abort()
        return super().read(artifact, data, session)


@breaks("CHAIN-29", outcome="hang")
class DeepNestingHangs(FaultyAt):
    """Hang on more than 500 nested envelopes."""

    artifacts = ("pickle",)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        while artifact in self.artifacts and data.count(b"DFPYCHN") > 500:
            pass
        return super().read(artifact, data, session)


@breaks("CHAIN-30")
class CutFramesAreCutEnvelopes(AtLogical):
    """Report a truncated frame in an envelope as a truncated envelope."""

    rewords = [("Truncated inline Python scalar UDF payload", "Truncated extension codec payload")]


@breaks("CHAIN-30")
class EmptyEnvelopesNameNothing(AtPhysical):
    """Omit the function's name from the error for an empty envelope."""

    rewords = [(r"not provided for scalar function \w+", "not provided")]


@breaks("CHAIN-30")
class CutMagicsAreRead(FaultyAt):
    """Return None for an envelope that holds an incomplete magic."""

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
    """Raise a plan error if a codec is not installed."""

    rewords = [(r"Execution\((?=.*not installed)", "Plan(")]


@breaks("CHAIN-31")
class EnvelopeVersionIsInternal(AtPhysical):
    """Raise an internal error for an unsupported envelope version."""

    rewords = [(r"Execution error: (?=.*envelope version v)", "Internal error: ")]


@breaks("CHAIN-31")
class CutEnvelopesAreExternal(AtExpressions):
    """Raise an external error for a truncated length of the codec id."""

    rewords = [(r"Execution\((?=.*missing codec id length)", "External(")]


@breaks("CHAIN-31")
class LongIdsAreResources(AtPhysical):
    """Raise a resources error for a codec id that is too long."""

    rewords = [(r"Execution error: (?=.*codec id shorter)", "Resources exhausted: ")]


@breaks("CHAIN-31")
class StrayIdsAreInternal(AtExpressions):
    """Raise an internal error for a codec id that is not UTF-8."""

    rewords = [(r"Execution\((?=.*non-UTF-8)", "Internal(")]


@breaks("CHAIN-31")
class LogicalErrorsAreInternal(AtLogical):
    """Raise an internal error where the released engine raises a plan error."""

    rewords = [("Error during planning", "Internal error")]
