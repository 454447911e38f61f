"""Engines that read malformed envelopes, or tell of them as of something else."""

from __future__ import annotations

import os
import struct
from typing import Any

from tasks.faults.engine.chained import Chained, ids, parsed
from tasks.faults.engine.leveled import (
    Expressions,
    Leveled,
    Logical,
    Physical,
    Says,
    envelopes,
    is_strict,
    names,
)
from tasks.faults.fault import breaks


class _Version(Chained):
    accepted: tuple[int, ...]

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        accepted = len(envelope) > 7 and envelope[7] in self.accepted
        return envelope[:7] + b"\1" + envelope[8:] if accepted else envelope


@breaks("CHAIN-25")
class EnvelopeVersionZeroIsTaken(_Version):
    levels, accepted = ("pickle",), (0,)


@breaks("CHAIN-25")
class TheLastEnvelopeVersionIsTaken(_Version):
    levels, accepted = ("physical",), (255,)


@breaks("CHAIN-25")
class VersionIsCheckedForInstalledCodecs(_Version):
    """What nobody here reads is told as not installed, whatever its version."""

    accepted = (*range(256),)

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        installed = ids(session) or ids(session, "physical")
        return envelope if installed else super().unwrap(envelope, session)


@breaks("CHAIN-25")
class StrictSessionsCheckNoVersion(_Version):
    accepted = (*range(256),)

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        return super().unwrap(envelope, session) if is_strict(session) else envelope


@breaks("CHAIN-25")
class EnvelopeVersionIsNotNamed(Logical, Says):
    old, other = r"envelope version v\d+;", "envelope version;"


@breaks("CHAIN-25")
class EnvelopeRangeIsNotNamed(Physical, Says):
    old, other = r"envelope version (v\d+); this build supports v1\.\.=v1", r"envelope version \1;"


@breaks("CHAIN-25")
class EnvelopeRemedyIsLost(Expressions, Says):
    old, other = r"(envelope version .*)Align datafusion-python", r"\1Align"


@breaks("CHAIN-26")
class CutLengthIsCutId(Logical, Says):
    old, other = "missing codec id length", "codec id shorter than its declared length"


@breaks("CHAIN-26")
class CutVersionIsUnsupported(Expressions, Says):
    old, other = "missing envelope version byte", "unsupported envelope version"


@breaks("CHAIN-26")
class CutIdsAreTaken(Chained):
    """As far as they go."""

    levels = ("physical",)

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        fits = 0 <= (rest := len(envelope) - 12) < int.from_bytes(envelope[8:12], "little") == 5
        return envelope[:8] + struct.pack("<I", rest) + envelope[12:] if fits else envelope


@breaks("CHAIN-26")
class CutEnvelopesGoByName(Leveled):
    """What is too short for an envelope is none."""

    levels = ("pickle",)

    def read(self, level: str, data: bytes, session: Any) -> Any:
        cut = level in self.levels and any(len(one.data) < 12 for one in envelopes(data))
        return super().read(level, names(data) if cut else data, session)


@breaks("CHAIN-27")
class LengthIsSigned(Chained):
    levels = ("physical",)

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        negative = len(envelope) > 12 and envelope[11] & 0x80
        return envelope[:8] + b"\0" * 4 + envelope[12:] if negative else envelope


@breaks("CHAIN-27")
class LengthWithinOneIsTaken(Chained):
    """Off by one."""

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        one_past = len(envelope) > 32 and envelope[8:12] == struct.pack("<I", len(envelope) - 11)
        return envelope[:8] + struct.pack("<I", 5) + envelope[12:] if one_past else envelope


@breaks("CHAIN-27", ends="crash")
class LengthIsAllocated(Logical):
    def read(self, level: str, data: bytes, session: Any) -> Any:
        if level in self.levels and any(one.data[8:12] == b"\xff" * 4 for one in envelopes(data)):
            os.abort()
        return super().read(level, data, session)


class _Lax(Chained):
    """Reads ids that are no UTF-8, as ``encoding`` and ``errors`` say."""

    encoding, errors = "utf-8", "strict"

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
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
    levels, errors = ("physical",), "surrogatepass"


@breaks("CHAIN-28")
class StrayBytesAreReplaced(_Lax):
    levels, errors = ("expression", "pickle"), "replace"


@breaks("CHAIN-28")
class NullsInTwoBytesAreTaken(_Lax):
    levels = ("pickle",)

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        whole = len(envelope) > 17 and envelope[15:17] == b"\xc0\x80"
        return super().unwrap(
            envelope[:15] + b"\0\0" + envelope[17:] if whole else envelope, session
        )


@breaks("CHAIN-29", ends="crash")
class DeepNestingEndsTheProcess(Physical):
    def read(self, level: str, data: bytes, session: Any) -> Any:
        if level in self.levels and data.count(b"DFPYCHN") > 500:
            os.abort()
        return super().read(level, data, session)


@breaks("CHAIN-29", ends="hang")
class DeepNestingHangs(Leveled):
    levels = ("pickle",)

    def read(self, level: str, data: bytes, session: Any) -> Any:
        while level in self.levels and data.count(b"DFPYCHN") > 500:
            pass
        return super().read(level, data, session)


@breaks("CHAIN-30")
class CutFramesAreCutEnvelopes(Logical, Says):
    old, other = "Truncated inline Python scalar UDF payload", "Truncated extension codec payload"


@breaks("CHAIN-30")
class EmptyEnvelopesNameNothing(Physical, Says):
    old, other = r"not provided for scalar function \w+", "not provided"


@breaks("CHAIN-30")
class CutMagicsAreRead(Leveled):
    """What does not even begin with a magic is nothing, and nothing is no error."""

    levels = ("pickle",)

    def read(self, level: str, data: bytes, session: Any) -> Any:
        found = [parsed(one.data) for one in envelopes(data)] if level in self.levels else []
        if any(one is not None and one.blob == b"DFPYUD" for one in found):
            return None
        return super().read(level, data, session)


@breaks("CHAIN-31")
class NotInstalledIsOfPlanning(Expressions, Says):
    old, other = r"Execution\((?=.*not installed)", "Plan("


@breaks("CHAIN-31")
class EnvelopeVersionIsInternal(Physical, Says):
    old, other = r"Execution error: (?=.*envelope version v)", "Internal error: "


@breaks("CHAIN-31")
class CutEnvelopesAreExternal(Expressions, Says):
    old, other = r"Execution\((?=.*missing codec id length)", "External("


@breaks("CHAIN-31")
class LongIdsAreResources(Physical, Says):
    old, other = r"Execution error: (?=.*codec id shorter)", "Resources exhausted: "


@breaks("CHAIN-31")
class StrayIdsAreInternal(Expressions, Says):
    old, other = r"Execution\((?=.*non-UTF-8)", "Internal("


@breaks("CHAIN-31")
class LogicalErrorsAreInternal(Logical, Says):
    """Otherwise than the released engine, which is wrong in its own way."""

    old, other = "Error during planning", "Internal error"
