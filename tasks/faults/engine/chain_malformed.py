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
    remove_frames,
)
from tasks.faults.engine.faulty_chain import FaultyChain, codec_ids
from tasks.faults.fault import breaks


class _Version(FaultyChain):
    """An engine that accepts the envelope versions in ``accepted``."""

    accepted: tuple[int, ...]

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        accepted = len(envelope) > 7 and envelope[7] in self.accepted
        return envelope[:7] + b"\1" + envelope[8:] if accepted else envelope


@breaks("CHAIN-25")
class VersionIsCheckedForInstalledCodecs(_Version):
    """Do not check the envelope version if no codec is installed."""

    accepted = (*range(256),)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        installed = codec_ids(session) or codec_ids(session, "physical")
        return envelope if installed else super().read_envelope(envelope, session)


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


@breaks("CHAIN-27", "CHAIN-31", outcome="crash")
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


@breaks("CHAIN-30")
class CutFramesAreCutEnvelopes(AtLogical):
    """Report a truncated frame in an envelope as a truncated envelope."""

    rewords = [("Truncated inline Python scalar UDF payload", "Truncated extension codec payload")]


@breaks("CHAIN-30")
class EmptyEnvelopesNameNothing(AtPhysical):
    """Omit the function's name from the error for an empty envelope."""

    rewords = [(r"not provided for scalar function \w+", "not provided")]


class _InEnvelopes(FaultyAt):
    """An engine that rewords errors in more envelopes than ``depth``."""

    artifacts = ("expression", "logical")
    depth = 0

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if data.count(b"DFPYCHN") > self.depth:
            return super().read(artifact, data, session)
        return self.decode(artifact, data, session)


@breaks("CHAIN-30")
class CutFramesLackSomething(_InEnvelopes):
    """Omit the missing byte from the error for a truncated frame in an envelope."""

    rewords = [(r"missing (wire-format|Python) [\w ]+ byte", "something is missing")]


@breaks("CHAIN-29")
class DeepEnvelopesNameNoId(_InEnvelopes):
    """Omit the codec id from errors in many envelopes."""

    rewords = [(r"by extension codec '[^']*'", "by an extension codec")]
    depth = 5


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
