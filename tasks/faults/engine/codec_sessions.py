"""Faults that confuse a session with the session of its codec or another handle."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from datafusion import SessionContext

from conformance import wire
from tasks.faults.engine.codec_strictness import Marked, mark
from tasks.faults.engine.faulty_at import (
    find_envelopes,
    find_frames,
    inlining,
    is_strict,
)
from tasks.faults.engine.faulty_chain import FaultyChain, parse_envelope
from tasks.faults.fault import breaks


@breaks("CODEC-12")
class PhysicalCodecsTurnTheLogicalLayerOn(Marked):
    """Write logical plans and pickles inline once a physical codec is there."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        other = mark(session).get("layer") == "physical" and artifact in ("logical", "pickle")
        return super().write(artifact, value, inlining(session) if other else session)


@breaks("CODEC-12")
class LogicalCodecsTurnThePhysicalLayerOn(Marked):
    """Decode frames in physical plans once a logical codec is there."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        other = mark(session).get("layer") == "logical" and artifact == "physical"
        return super().read(artifact, data, inlining(session) if other else session)


@breaks("CODEC-16")
class CodecsSessionKnowsTheName(Marked):
    """Resolve a name in the codec's session if the session does not know it."""

    artifacts = ("physical", "logical")

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception:
            codec = mark(session).get("codec")
            by_name = artifact in self.artifacts and not find_frames(data) and is_strict(session)
            if by_name and isinstance(codec, SessionContext):
                with suppress(Exception):
                    return super().read(artifact, data, codec)
            raise


@breaks("CODEC-18")
class OwnIdIsTheSessionItself(FaultyChain):
    """Decode an envelope with the session's own id, even if the session is strict."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        found = parse_envelope(find_envelopes(data)[0].data) if find_envelopes(data) else None
        if found and session and found.codec_id == f"session:{session.session_id()}":
            data = wire.replace(data, {find_envelopes(data)[0].path: found.blob})
            session = inlining(session)
        return super().read(artifact, data, session)
