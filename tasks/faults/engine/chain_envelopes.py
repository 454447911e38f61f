"""Engines that write other envelopes, or where there should be none, or read them otherwise."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from conformance import wire
from conformance.wire import Envelope
from tasks.faults.engine.chained import Chained, ids, parsed, renamed
from tasks.faults.engine.leveled import (
    WINDOW,
    Leveled,
    Physical,
    envelopes,
    frames,
    names,
)
from tasks.faults.fault import breaks


@breaks("CHAIN-13")
class DefaultCodecWrapsWindows(Leveled):
    """Both ends agree, so that every round trip passes."""

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        bare = [one for one in frames(data) if one.data[:7] == WINDOW and session is None]
        return wire.replace(data, {f.path: Envelope("default", f.data).to_bytes() for f in bare})

    def read(self, level: str, data: bytes, session: Any) -> Any:
        own = [one for one in envelopes(data) if b"default" in one.data[:19]]
        blobs = {one.path: one.envelope().blob for one in own}
        return super().read(level, wire.replace(data, blobs) if blobs else data, session)


@breaks("CHAIN-14")
class PhysicalFramesAreWrapped(Physical):
    """Where there are codecs; both ends agree."""

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        if level not in self.levels or not ids(session, level) or envelopes(data):
            return data
        first = ids(session, level)[0]
        return self.each(data, lambda frame: Envelope(first, frame).to_bytes())


@breaks("CHAIN-14")
class SeveralCodecsLeaveATrailer(Leveled):
    levels = ("pickle",)

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        several = level in self.levels and len(ids(session)) > 1 and not envelopes(data)
        return self.each(data, lambda frame: frame + b"\0") if several else data


@breaks("CHAIN-14")
class StrictCodecsTakeWindowsAway(Leveled):
    """What any of the codecs refuses to inline, goes by name."""

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        windows = any(one.data[:7] == WINDOW for one in frames(data))
        return names(data) if "strict" in ids(session, level) and windows else data


@breaks("CHAIN-15")
class NamesAreMarked(Physical):
    """A field that nobody knows says that there are codecs, and that they wrote nothing."""

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        marked = level in self.levels and ids(session, level) and not frames(data)
        return data + b"\xf8\x3f\x00" if marked else data


@breaks("CHAIN-16")
class EnvelopesOfTheFirstCodec(Chained):
    """Of the session's, though another wrote what is in it."""

    levels = ("pickle", "physical")

    def wrap(self, envelope: bytes, session: Any) -> bytes:
        return renamed(envelope, (ids(session) or ids(session, "physical"))[0])


@breaks("CHAIN-16")
class EnvelopesAddAByte(Chained):
    """Between the id and what the codec wrote; the reader takes it off."""

    levels = ("logical",)

    def wrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        found = parsed(envelope)
        assert found is not None
        return Envelope(found.codec_id, b"\0" + found.blob).to_bytes()

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        found = parsed(envelope)
        if found is None or found.blob[:1] != b"\0":
            return envelope
        return Envelope(found.codec_id, found.blob[1:]).to_bytes()


@breaks("CHAIN-16")
class EnvelopesInEnvelopes(Chained):
    def wrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        found = parsed(envelope)
        assert found is not None
        return Envelope(found.codec_id, envelope).to_bytes()


@breaks("CHAIN-16", "CHAIN-25", "CHAIN-31")
class EnvelopeVersionTwo(Chained):
    """Both ends agree."""

    def wrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        return envelope[:7] + b"\2" + envelope[8:]

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        return envelope[:7] + b"\1" + envelope[8:] if envelope[7:8] == b"\2" else envelope


@breaks("CHAIN-16")
class LengthIsBigEndian(Chained):
    """Both ends agree."""

    def wrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        return envelope[:8] + envelope[8:12][::-1] + envelope[12:]


@breaks("CHAIN-17", "CHAIN-24")
class EnvelopesOfWindowsAreLost(Physical):
    def read(self, level: str, data: bytes, session: Any) -> Any:
        window = level in self.levels and any(one.data[:7] == WINDOW for one in frames(data))
        lost = window and parsed(envelopes(data)[0].data) if envelopes(data) else None
        return super().read(level, names(data) if lost else data, session)


@breaks("CHAIN-17", "CHAIN-29", "CHAIN-30")
class PicklesLeadNowhere(Chained):
    levels = ("pickle",)

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        found = parsed(envelope)
        return renamed(envelope, "nowhere") if found and found.codec_id == "codec" else envelope


@breaks("CHAIN-18")
class TheFirstCodecReads(Chained):
    """Whichever of those that are installed wrote it."""

    levels = ("physical",)

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        found, there = parsed(envelope), ids(session, "physical")
        return renamed(envelope, there[0]) if found and found.codec_id in there else envelope


@breaks("CHAIN-18")
class AnotherReadsWhatOneRefuses(Leveled):
    def read(self, level: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(level, data, session)
        except Exception as error:
            found = parsed(envelopes(data)[0].data) if envelopes(data) else None
            there = ids(session, level)
            if found is None or found.codec_id not in there or "Refusing" not in str(error):
                raise
            for other in there:
                new = {one.path: renamed(one.data, other) for one in envelopes(data)}
                with suppress(Exception):
                    return super().read(level, wire.replace(data, new), session)
            raise
