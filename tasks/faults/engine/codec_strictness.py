"""Faults in strict sessions with codecs, by setter or bundle, order and artifact."""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import Any

from datafusion import SessionContext

from conformance import wire
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
    change_envelopes,
    codec_ids,
    parse_envelope,
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
class PhysicalSetterForgetsStrict(_Inlines):
    """Inline in physical plans when a setter is called on a strict session."""

    def forgets(self, artifact: str, session: Any) -> bool:
        first = mark(session).get("first") and mark(session)["way"] == "setter"
        return bool(first) and artifact == "physical" and not mark(session)["last"]


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


class _Sends(Marked):
    """An engine that writes what ``sends`` returns on strict sessions with a codec."""

    way: str

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        mine = (
            mark(session).get("way") == self.way
            and artifact in self.artifacts
            and not find_frames(data)
        )
        if mine and is_strict(session):
            return self.sends(self.encode(value, None), codec_ids(session, artifact))
        return data

    def sends(self, inline: bytes, there: list[str]) -> bytes:
        raise NotImplementedError


@breaks("CODEC-01", "CODEC-12")
class StrictCodecsWindowsLeave(_Sends):
    """Write window frames bare in the logical plans of strict sessions with a codec."""

    way, artifacts = "setter", ("logical",)

    def sends(self, inline: bytes, there: list[str]) -> bytes:
        del there
        windows = all(one.data[:7] == WINDOW for one in find_frames(inline))
        return inline if windows else wire.remove(inline, [f.path for f in find_frames(inline)])


@breaks("CODEC-01")
class EmptyEnvelopesLeave(_Sends):
    """Write empty envelopes on strict sessions with a bundle."""

    way = "bundle"

    def sends(self, inline: bytes, there: list[str]) -> bytes:
        empty = wire.Envelope(there[0], b"").to_bytes()
        return wire.replace(inline, {one.path: empty for one in find_frames(inline)})


@breaks("CODEC-01", "CODEC-12")
class CallablesLeaveBesideTheName(_Sends):
    """Append the callable's module in an unknown field on strict sessions."""

    way, artifacts = "setter", ("physical",)

    def sends(self, inline: bytes, there: list[str]) -> bytes:
        del there
        by_name = wire.remove(inline, [one.path for one in find_frames(inline)])
        return by_name + b"\xfa\x3f\x0fpyarrow.compute"


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


@breaks("CODEC-09")
class WrappedFramesRunFirst(_Overlooks):
    """Unpickle frames in the envelopes of logical plans before the codec is asked."""

    peeks = True

    def overlooks(self, artifact: str, data: bytes, session: Any) -> bool:
        wrapped = artifact == "logical" and find_envelopes(data)
        return bool(wrapped) and mark(session).get("way") == "setter"


@breaks("CODEC-09")
class WrappedFramesRunFirstWithBundles(_Overlooks):
    """Unpickle frames in the envelopes of physical plans, after a bundle."""

    peeks = True

    def overlooks(self, artifact: str, data: bytes, session: Any) -> bool:
        wrapped = artifact == "physical" and find_envelopes(data)
        return bool(wrapped) and mark(session).get("way") == "bundle"


class _Unwraps(Marked):
    """An engine that decodes the frames in envelopes itself on strict sessions."""

    way: str

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        mine = (
            mark(session).get("way") == self.way
            and artifact in self.artifacts
            and find_envelopes(data)
        )
        if mine and is_strict(session):
            there, bare = codec_ids(session, artifact), data
            known = parse_envelope(find_envelopes(data)[0].data)
            if known and known.codec_id in there:
                inner = find_frames(data)[0].data
                bare = change_envelopes(data, lambda _: inner)
                return super().read(artifact, bare, inlining(session))
        return super().read(artifact, data, session)


@breaks("CODEC-07", "CODEC-09")
class StrictCodecsAreNotAsked(_Unwraps):
    """Decode pickled envelopes without asking the strict codec, after a setter."""

    way, artifacts = "setter", ("pickle",)


@breaks("CODEC-07", "CODEC-09")
class StrictCodecsOfBundlesAreNotAsked(_Unwraps):
    """Decode envelopes without asking the strict codec, after a bundle."""

    way, artifacts = "bundle", ("expression",)
