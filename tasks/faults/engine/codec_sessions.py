"""Engines that mix up a session, its codecs' sessions and its other handles."""

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
    """The session on which they were installed, once and for all."""

    class Chain(EngineChain):
        def install(self, session: SessionContext, layer: Layer, *codec: Any) -> SessionContext:
            derived = super().install(session, layer, *codec)
            strict = isinstance(codec[0], SessionContext) and is_strict(codec[0])
            if strict and is_strict(session):
                session.ctx = inlining(session).ctx
            return derived


@breaks("CODEC-11")
class SourceGetsThePhysicalCodec(FaultyChain):
    class Chain(EngineChain):
        def install(self, session: SessionContext, layer: Layer, *codec: Any) -> SessionContext:
            derived = super().install(session, layer, *codec)
            if layer == "physical" and is_strict(session):
                session.ctx = derived.ctx
            return derived


@breaks("CODEC-12")
class PhysicalCodecsTurnTheLogicalLayerOn(Marked):
    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        other = mark(session).get("layer") == "physical" and artifact in ("logical", "pickle")
        return super().write(artifact, value, inlining(session) if other else session)


@breaks("CODEC-12")
class LogicalCodecsTurnThePhysicalLayerOn(Marked):
    """To read."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        other = mark(session).get("layer") == "logical" and artifact == "physical"
        return super().read(artifact, data, inlining(session) if other else session)


class _StrictCodec(Marked):
    """Something else where a session that inlines has a codec that does not."""

    def applies(self, artifact: str, session: Any) -> bool:
        codec = mark(session).get("codec")
        strict = isinstance(codec, SessionContext) and is_strict(codec)
        return artifact in self.artifacts and strict and not is_strict(session)


@breaks("CODEC-13", "CODEC-17")
class StrictCodecsTakeAggregatesAway(_StrictCodec):
    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        aggregates = any(one.data[:7] == AGGREGATE for one in find_frames(data))
        return remove_frames(data) if aggregates and self.applies(artifact, session) else data


@breaks("CODEC-13", "CODEC-17")
class StrictCodecsAddATrailer(_StrictCodec):
    artifacts = ("pickle",)

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        applies = self.applies(artifact, session)
        return self.change_frames(data, lambda frame: frame + b"\0") if applies else data


@breaks("CODEC-14", "CODEC-17")
class StrictCodecsReadFirst(_StrictCodec):
    artifacts = ("physical", "pickle")

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if self.applies(artifact, session) and find_frames(data) and not find_envelopes(data):
            session = session.with_python_udf_inlining(enabled=False)
        return super().read(artifact, data, session)


@breaks("CODEC-14", "CODEC-17")
class StrictCodecsHaveNamesOnly(_StrictCodec):
    """A bare frame of a window UDF is looked up."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        windows = any(one.data[:7] == WINDOW for one in find_frames(data)) and not find_envelopes(
            data
        )
        by_name = windows and self.applies(artifact, session)
        return super().read(artifact, remove_frames(data) if by_name else data, session)


@breaks("CODEC-15", "CODEC-19")
class InliningSessionsReadForStrictCodecs(_StrictCodec):
    artifacts = ("physical",)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if self.applies(artifact, session) and find_envelopes(data):
            data = wire.replace(data, {find_envelopes(data)[0].path: find_frames(data)[0].data})
        return super().read(artifact, data, session)


@breaks("CODEC-15", "CODEC-19")
class StrictCodecsRefusePolitely(_StrictCodec):
    """In words that leave the reason out."""

    rewords = [("Python UDF inlining is disabled on this session", "not here")]

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if not self.applies(artifact, session):
            return self.decode(artifact, data, session)
        return super().read(artifact, data, session)


@breaks("CODEC-16")
class CodecsSessionKnowsTheName(Marked):
    """Where the session itself does not."""

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
    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        codec = mark(session).get("codec")
        if artifact == "pickle" and isinstance(codec, SessionContext) and not find_frames(data):
            with suppress(Exception):
                super().read(artifact, data, session)
                return super().read(artifact, data, codec)
        return super().read(artifact, data, session)


@breaks("CODEC-17")
class OnAgainIsStillStrict(Marked):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        again = enabled and mark(session).get("codec") is not None and is_strict(session)
        derived = super().with_inlining(session, enabled)
        return derived.with_python_udf_inlining(enabled=False) if again else derived


@breaks("CODEC-17")
class OnAgainForgetsTheLastCodec(Marked):
    class Chain(Marked.Chain):
        def ids(self, session: SessionContext, layer: Layer) -> Any:
            found = super().ids(session, layer)
            again = mark(session).get("last") and not is_strict(session)
            return found[:-1] if again else found


@breaks("CODEC-18")
class OwnIdIsTheSessionItself(FaultyChain):
    """An envelope with the session's own id is read by the session, without its toggle."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        found = parse_envelope(find_envelopes(data)[0].data) if find_envelopes(data) else None
        if found and session and found.codec_id == f"session:{session.session_id()}":
            data = wire.replace(data, {find_envelopes(data)[0].path: found.blob})
            session = inlining(session)
        return super().read(artifact, data, session)


@breaks("CODEC-18")
class OwnIdIsNotNamed(FaultyAt):
    artifacts = ("physical",)

    rewords = [("extension codec 'session:", "extension codec '")]


@breaks("CODEC-18")
class OwnFramesRunBeforeTheyAreRefused(FaultyChain):
    artifacts = ("pickle",)

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        found = parse_envelope(envelope)
        own = f"session:{session.session_id()}" if session else ""
        if found and found.codec_id == own:
            pickle.loads(found.blob[10:])
        return envelope


class _Toggles(Marked):
    """A codec's session that is toggled afterwards takes the codec along."""

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
    to, artifacts = True, ("physical",)


@breaks("CODEC-19")
class LaterOffReachesTheCodec(_Toggles):
    to, artifacts = False, ("pickle",)
