"""Faults in strict sessions with codecs, by setter or bundle, order and artifact."""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import Any

from datafusion import SessionContext

from conformance.subjects.engine.chain import EngineChain
from conformance.subjects.plans import Layer
from tasks.faults.engine.faulty_at import (
    AGGREGATE,
    WINDOW,
    find_envelopes,
    find_frames,
    inlining,
    is_strict,
)
from tasks.faults.engine.faulty_chain import (
    FaultyChain,
)
from tasks.faults.fault import breaks


class Marked(FaultyChain):
    """An engine that records for each session how its last codec was installed."""

    class Chain(EngineChain):
        def install(self, session: SessionContext, layer: Layer, *codec: Any) -> SessionContext:
            derived = super().install(session, layer, *codec)
            return _mark_derived(derived, session, "setter", layer, codec[0])

        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            return _mark_derived(
                super().extend(session, *extensions), session, "bundle", None, None
            )

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        setattr(derived, "mark", getattr(session, "mark", {}) | {"last": True})  # noqa: B010
        return derived


def _mark_derived(
    derived: SessionContext, source: SessionContext, way: str, layer: Layer | None, codec: Any
) -> SessionContext:
    mark = {"way": way, "layer": layer, "codec": codec, "last": False}
    setattr(derived, "mark", mark | {"first": is_strict(source)})  # noqa: B010
    return derived


def mark(session: Any) -> Any:
    """Return what is recorded of ``session``, an empty dict if it has no codecs."""
    return getattr(session, "mark", {})


class _Inlines(Marked):
    """An engine that inlines on the strict sessions for which ``forgets`` is true."""

    def forgets(self, artifact: str, session: Any) -> bool:
        raise NotImplementedError

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        forgets = self.forgets(artifact, session)
        return super().write(artifact, value, inlining(session) if forgets else session)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        forgets = self.forgets(artifact, session)
        return super().read(artifact, data, inlining(session) if forgets else session)


@breaks("CODEC-01", "CODEC-03", "CODEC-05")
class PicklesForgetStrictBundles(_Inlines):
    """Inline in pickles when a strict session has a bundle."""

    def forgets(self, artifact: str, session: Any) -> bool:
        return artifact == "pickle" and mark(session).get("way") == "bundle" and is_strict(session)


@breaks("CODEC-01", "CODEC-03", "CODEC-05")
class CapsulesForgetStrict(_Inlines):
    """Inline when a strict session has a capsule as its codec."""

    def forgets(self, artifact: str, session: Any) -> bool:
        del artifact
        capsule = type(mark(session).get("codec")).__name__ == "PyCapsule"
        return capsule and is_strict(session)


class _Overlooks(Marked):
    """An engine that decodes, or unpickles, what ``overlooks`` selects if strict."""

    peeks = False

    def overlooks(self, artifact: str, data: bytes, session: Any) -> bool:
        raise NotImplementedError

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if session is not None and self.overlooks(artifact, data, session) and is_strict(session):
            if not self.peeks:
                return super().read(artifact, data, inlining(session))
            for one in find_frames(data):
                with suppress(pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
                    pickle.loads(one.data[10:])
        return super().read(artifact, data, session)


@breaks("CODEC-03", "CODEC-05")
class BareAggregatesPassTheSettersCodecs(_Overlooks):
    """Decode bare aggregates in logical plans after a setter."""

    def overlooks(self, artifact: str, data: bytes, session: Any) -> bool:
        aggregate = any(one.data[:7] == AGGREGATE for one in find_frames(data))
        bare = aggregate and not find_envelopes(data)
        return bare and artifact == "logical" and mark(session).get("way") == "setter"


@breaks("CODEC-03", "CODEC-05")
class BareWindowsPassTheBundlesCodecs(_Overlooks):
    """Decode bare windows in physical plans after a bundle."""

    def overlooks(self, artifact: str, data: bytes, session: Any) -> bool:
        window = any(one.data[:7] == WINDOW for one in find_frames(data)) and not find_envelopes(
            data
        )
        return window and artifact == "physical" and mark(session).get("way") == "bundle"


@breaks("CODEC-05")
class BareFramesRunFirst(_Overlooks):
    """Unpickle bare pickled frames before they are refused, after a setter."""

    peeks = True

    def overlooks(self, artifact: str, data: bytes, session: Any) -> bool:
        bare = artifact == "pickle" and not find_envelopes(data)
        return bare and mark(session).get("way") == "setter"


@breaks("CODEC-05")
class BareFramesRunFirstWithBundles(_Overlooks):
    """Unpickle bare frames in physical plans before refusal, after a bundle."""

    peeks = True

    def overlooks(self, artifact: str, data: bytes, session: Any) -> bool:
        bare = artifact == "physical" and not find_envelopes(data)
        return bare and mark(session).get("way") == "bundle"
