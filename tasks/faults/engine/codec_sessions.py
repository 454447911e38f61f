"""Faults that confuse a session with the session of its codec or another handle."""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import Any

from datafusion import SessionContext

from conformance import wire
from conformance.subjects.engine.chain import EngineChain
from conformance.subjects.plans import Layer
from tasks.faults.engine.codec_strictness import Marked, mark
from tasks.faults.engine.faulty_at import (
    AGGREGATE,
    WINDOW,
    FaultyAt,
    find_envelopes,
    find_frames,
    inlining,
    is_strict,
    remove_frames,
)
from tasks.faults.engine.faulty_chain import FaultyChain, parse_envelope
from tasks.faults.fault import breaks


@breaks("CODEC-11")
class StrictCodecsTurnTheirTargetOn(FaultyChain):
    """Turn inlining on in the source when a strict codec is installed on it."""

    class Chain(EngineChain):
        def install(self, session: SessionContext, layer: Layer, *codec: Any) -> SessionContext:
            derived = super().install(session, layer, *codec)
            strict = isinstance(codec[0], SessionContext) and is_strict(codec[0])
            if strict and is_strict(session):
                session.ctx = inlining(session).ctx
            return derived


@breaks("CODEC-11")
class SourceGetsThePhysicalCodec(FaultyChain):
    """Install a physical codec on the strict source session, too."""

    class Chain(EngineChain):
        def install(self, session: SessionContext, layer: Layer, *codec: Any) -> SessionContext:
            derived = super().install(session, layer, *codec)
            if layer == "physical" and is_strict(session):
                session.ctx = derived.ctx
            return derived


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


class _StrictCodec(Marked):
    """An engine that is faulty if an inlining session has a strict codec."""

    def applies(self, artifact: str, session: Any) -> bool:
        codec = mark(session).get("codec")
        strict = isinstance(codec, SessionContext) and is_strict(codec)
        return artifact in self.artifacts and strict and not is_strict(session)


@breaks("CODEC-13", "CODEC-17")
class StrictCodecsTakeAggregatesAway(_StrictCodec):
    """Write aggregates by name if an inlining session has a strict codec."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        aggregates = any(one.data[:7] == AGGREGATE for one in find_frames(data))
        return remove_frames(data) if aggregates and self.applies(artifact, session) else data


@breaks("CODEC-13", "CODEC-17")
class StrictCodecsAddATrailer(_StrictCodec):
    """Append a byte to pickled frames if an inlining session has a strict codec."""

    artifacts = ("pickle",)

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        applies = self.applies(artifact, session)
        return self.change_frames(data, lambda frame: frame + b"\0") if applies else data


@breaks("CODEC-14", "CODEC-17")
class StrictCodecsReadFirst(_StrictCodec):
    """Refuse bare frames if an inlining session has a strict codec."""

    artifacts = ("physical", "pickle")

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if self.applies(artifact, session) and find_frames(data) and not find_envelopes(data):
            session = session.with_python_udf_inlining(enabled=False)
        return super().read(artifact, data, session)


@breaks("CODEC-14", "CODEC-17")
class StrictCodecsHaveNamesOnly(_StrictCodec):
    """Resolve bare window frames by name if the session has a strict codec."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        windows = any(one.data[:7] == WINDOW for one in find_frames(data)) and not find_envelopes(
            data
        )
        by_name = windows and self.applies(artifact, session)
        return super().read(artifact, remove_frames(data) if by_name else data, session)


@breaks("CODEC-15", "CODEC-19")
class InliningSessionsReadForStrictCodecs(_StrictCodec):
    """Decode what a strict codec would refuse if the session inlines."""

    artifacts = ("physical",)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if self.applies(artifact, session) and find_envelopes(data):
            data = wire.replace(data, {find_envelopes(data)[0].path: find_frames(data)[0].data})
        return super().read(artifact, data, session)


@breaks("CODEC-15", "CODEC-19")
class StrictCodecsGiveNoReason(_StrictCodec):
    """Omit the reason from refusals of a strict codec."""

    rewords = [("Python UDF inlining is disabled on this session", "not here")]

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if not self.applies(artifact, session):
            return self.decode(artifact, data, session)
        return super().read(artifact, data, session)


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


@breaks("CODEC-16")
class CodecsSessionIsAskedFirst(Marked):
    """Resolve pickled names in the codec's session first."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        codec = mark(session).get("codec")
        if artifact == "pickle" and isinstance(codec, SessionContext) and not find_frames(data):
            with suppress(Exception):
                super().read(artifact, data, session)
                return super().read(artifact, data, codec)
        return super().read(artifact, data, session)


@breaks("CODEC-17")
class OnAgainIsStillStrict(Marked):
    """Keep a session with a codec strict when inlining is turned on again."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        again = enabled and mark(session).get("codec") is not None and is_strict(session)
        derived = super().with_inlining(session, enabled)
        return derived.with_python_udf_inlining(enabled=False) if again else derived


@breaks("CODEC-17")
class OnAgainForgetsTheLastCodec(Marked):
    """Hide the last codec when inlining is turned on again."""

    class Chain(Marked.Chain):
        def ids(self, session: SessionContext, layer: Layer) -> Any:
            found = super().ids(session, layer)
            again = mark(session).get("last") and not is_strict(session)
            return found[:-1] if again else found


@breaks("CODEC-18")
class OwnIdIsTheSessionItself(FaultyChain):
    """Decode an envelope with the session's own id, even if the session is strict."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        found = parse_envelope(find_envelopes(data)[0].data) if find_envelopes(data) else None
        if found and session and found.codec_id == f"session:{session.session_id()}":
            data = wire.replace(data, {find_envelopes(data)[0].path: found.blob})
            session = inlining(session)
        return super().read(artifact, data, session)


@breaks("CODEC-18")
class OwnIdIsNotNamed(FaultyAt):
    """Omit the prefix session: from the id in the error for a codec that is not installed."""

    artifacts = ("physical",)

    rewords = [("extension codec 'session:", "extension codec '")]


@breaks("CODEC-18")
class OwnFramesRunBeforeTheyAreRefused(FaultyChain):
    """Unpickle the frame in an envelope with the session's own id."""

    artifacts = ("pickle",)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        found = parse_envelope(envelope)
        own = f"session:{session.session_id()}" if session else ""
        if found and found.codec_id == own:
            pickle.loads(found.blob[10:])
        return envelope


class _Toggles(Marked):
    """An engine that toggles an installed codec if its session is toggled later."""

    to: bool

    def __init__(self) -> None:
        super().__init__()
        self.toggled: dict[int, Any] = {}

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        if enabled is self.to:
            self.toggled[id(session)] = session, derived
        return derived

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        codec = mark(session).get("codec")
        if artifact in self.artifacts and find_envelopes(data) and id(codec) in self.toggled:
            _, derived = self.toggled[id(codec)]
            blob = {find_envelopes(data)[0].path: find_frames(data)[0].data}
            return super().read(artifact, wire.replace(data, blob), derived)
        return super().read(artifact, data, session)


@breaks("CODEC-19")
class LaterOnReachesTheCodec(_Toggles):
    """Turn a codec on when inlining is turned on in a session derived from it."""

    to, artifacts = True, ("physical",)


@breaks("CODEC-19")
class LaterOffReachesTheCodec(_Toggles):
    """Make a codec strict when inlining is turned off in a session derived from it."""

    to, artifacts = False, ("pickle",)
