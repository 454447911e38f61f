"""Faults in writing and reading envelopes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from conformance import wire
from conformance.wire import Envelope
from tasks.faults.engine.faulty_at import (
    WINDOW,
    AtPhysical,
    FaultyAt,
    find_envelopes,
    find_frames,
    remove_frames,
)
from tasks.faults.engine.faulty_chain import FaultyChain, codec_ids, parse_envelope, rename_envelope
from tasks.faults.fault import breaks


@breaks("CHAIN-14")
class PhysicalFramesAreWrapped(AtPhysical):
    """Wrap the bare frames of physical plans if there are codecs, on both ends."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if (
            artifact not in self.artifacts
            or not codec_ids(session, artifact)
            or find_envelopes(data)
        ):
            return data
        first = codec_ids(session, artifact)[0]
        return self.change_frames(data, lambda frame: Envelope(first, frame).to_bytes())


@breaks("CHAIN-14")
class StrictCodecsTakeWindowsAway(FaultyAt):
    """Write windows by name if a codec named strict is installed."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        windows = any(one.data[:7] == WINDOW for one in find_frames(data))
        return remove_frames(data) if "strict" in codec_ids(session, artifact) and windows else data


@breaks("CHAIN-15")
class NamesAreMarked(AtPhysical):
    """Append an unknown field to physical plans by name if there are codecs."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        marked = (
            artifact in self.artifacts and codec_ids(session, artifact) and not find_frames(data)
        )
        return data + b"\xf8\x3f\x00" if marked else data


@breaks("CHAIN-16", "CHAIN-25", "CHAIN-31")
class EnvelopeVersionTwo(FaultyChain):
    """Write envelope version 2; both ends agree, so that round trips pass."""

    def write_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        return envelope[:7] + b"\2" + envelope[8:]

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        return envelope[:7] + b"\1" + envelope[8:] if envelope[7:8] == b"\2" else envelope


@breaks("CHAIN-17", "CHAIN-22", "CHAIN-24")
class EnvelopesOfWindowsAreLost(AtPhysical):
    """Ignore envelopes around windows in physical plans; resolve the calls by name."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        window = artifact in self.artifacts and any(
            one.data[:7] == WINDOW for one in find_frames(data)
        )
        lost = (
            window and parse_envelope(find_envelopes(data)[0].data)
            if find_envelopes(data)
            else None
        )
        return super().read(artifact, remove_frames(data) if lost else data, session)


@breaks("CHAIN-17", "CHAIN-29", "CHAIN-30")
class PicklesLeadNowhere(FaultyChain):
    """Look for the codec of a pickled envelope under a wrong id."""

    artifacts = ("pickle",)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        found = parse_envelope(envelope)
        return (
            rename_envelope(envelope, "nowhere")
            if found and found.codec_id == "codec"
            else envelope
        )


@breaks("CHAIN-18")
class AnotherReadsWhatOneRefuses(FaultyAt):
    """Try all other codecs if the codec of an envelope refuses it."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            found = parse_envelope(find_envelopes(data)[0].data) if find_envelopes(data) else None
            installed = codec_ids(session, artifact)
            if found is None or found.codec_id not in installed or "Refusing" not in str(error):
                raise
            for other in installed:
                new = {one.path: rename_envelope(one.data, other) for one in find_envelopes(data)}
                with suppress(Exception):
                    return super().read(artifact, wire.replace(data, new), session)
            raise
