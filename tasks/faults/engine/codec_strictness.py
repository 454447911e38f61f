"""Engines whose strict sessions are less strict with some codecs, in some order, at some level."""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import Any

from datafusion import SessionContext

from conformance import wire
from conformance.subjects.engine.chain import EngineChain
from conformance.subjects.plans import Layer
from tasks.faults.engine.chained import Chained, ids, outermost, parsed
from tasks.faults.engine.leveled import (
    AGGREGATE,
    WINDOW,
    envelopes,
    frames,
    is_strict,
    lenient,
)
from tasks.faults.fault import breaks


class Marked(Chained):
    """Knows of a session which codecs were installed on it, by which way, and after the toggle."""

    class Chain(EngineChain):
        def install(self, session: SessionContext, layer: Layer, *codec: Any) -> SessionContext:
            derived = super().install(session, layer, *codec)
            return _marked(derived, session, "setter", layer, codec[0])

        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            return _marked(super().extend(session, *extensions), session, "bundle", None, None)

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        setattr(derived, "mark", getattr(session, "mark", {}) | {"last": True})  # noqa: B010
        return derived


def _marked(
    derived: SessionContext, source: SessionContext, way: str, layer: Layer | None, codec: Any
) -> SessionContext:
    mark = {"way": way, "layer": layer, "codec": codec, "last": False}
    setattr(derived, "mark", mark | {"first": is_strict(source)})  # noqa: B010
    return derived


def mark(session: Any) -> Any:
    """What is known of a session, nothing of one without codecs."""
    return getattr(session, "mark", {})


class _Inlines(Marked):
    """Sessions that ``forgets`` says write and read as if they inlined."""

    def forgets(self, level: str, session: Any) -> bool:
        raise NotImplementedError

    def write(self, level: str, what: Any, session: Any) -> bytes:
        forgets = self.forgets(level, session)
        return super().write(level, what, lenient(session) if forgets else session)

    def read(self, level: str, data: bytes, session: Any) -> Any:
        forgets = self.forgets(level, session)
        return super().read(level, data, lenient(session) if forgets else session)


@breaks("CODEC-01", "CODEC-03", "CODEC-05")
class PhysicalSetterForgetsStrict(_Inlines):
    """Where the toggle came first."""

    def forgets(self, level: str, session: Any) -> bool:
        first = mark(session).get("first") and mark(session)["way"] == "setter"
        return bool(first) and level == "physical" and not mark(session)["last"]


@breaks("CODEC-01", "CODEC-03", "CODEC-05")
class PicklesForgetStrictBundles(_Inlines):
    def forgets(self, level: str, session: Any) -> bool:
        return level == "pickle" and mark(session).get("way") == "bundle" and is_strict(session)


@breaks("CODEC-01", "CODEC-03", "CODEC-05")
class CapsulesForgetStrict(_Inlines):
    def forgets(self, level: str, session: Any) -> bool:
        del level
        capsule = type(mark(session).get("codec")).__name__ == "PyCapsule"
        return capsule and is_strict(session)


class _Sends(Marked):
    """Strict sessions with a codec write what ``sends`` makes of the inline bytes."""

    way: str

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        mine = mark(session).get("way") == self.way and level in self.levels and not frames(data)
        if mine and is_strict(session):
            return self.sends(self.encode(what, None), ids(session, level))
        return data

    def sends(self, inline: bytes, there: list[str]) -> bytes:
        raise NotImplementedError


@breaks("CODEC-01", "CODEC-12")
class StrictCodecsWindowsLeave(_Sends):
    """Bare, though the codec is strict as well."""

    way, levels = "setter", ("logical",)

    def sends(self, inline: bytes, there: list[str]) -> bytes:
        del there
        windows = all(one.data[:7] == WINDOW for one in frames(inline))
        return inline if windows else wire.remove(inline, [f.path for f in frames(inline)])


@breaks("CODEC-01")
class EmptyEnvelopesLeave(_Sends):
    """Of a bundle's codec that wrote nothing."""

    way = "bundle"

    def sends(self, inline: bytes, there: list[str]) -> bytes:
        empty = wire.Envelope(there[0], b"").to_bytes()
        return wire.replace(inline, {one.path: empty for one in frames(inline)})


@breaks("CODEC-01", "CODEC-12")
class CallablesLeaveBesideTheName(_Sends):
    """In a field that nobody reads."""

    way, levels = "setter", ("physical",)

    def sends(self, inline: bytes, there: list[str]) -> bytes:
        del there
        by_name = wire.remove(inline, [one.path for one in frames(inline)])
        return by_name + b"\xfa\x3f\x0fpyarrow.compute"


class _Overlooks(Marked):
    """A strict session decodes, or only unpickles, what ``overlooks`` says."""

    peeks = False

    def overlooks(self, level: str, data: bytes, session: Any) -> bool:
        raise NotImplementedError

    def read(self, level: str, data: bytes, session: Any) -> Any:
        if session is not None and self.overlooks(level, data, session) and is_strict(session):
            if not self.peeks:
                return super().read(level, data, lenient(session))
            for one in frames(data):
                with suppress(pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
                    pickle.loads(one.data[10:])
        return super().read(level, data, session)


@breaks("CODEC-03", "CODEC-05")
class BareAggregatesPassTheSettersCodecs(_Overlooks):
    def overlooks(self, level: str, data: bytes, session: Any) -> bool:
        aggregate = any(one.data[:7] == AGGREGATE for one in frames(data))
        bare = aggregate and not envelopes(data)
        return bare and level == "logical" and mark(session).get("way") == "setter"


@breaks("CODEC-03", "CODEC-05")
class BareWindowsPassTheBundlesCodecs(_Overlooks):
    def overlooks(self, level: str, data: bytes, session: Any) -> bool:
        window = any(one.data[:7] == WINDOW for one in frames(data)) and not envelopes(data)
        return window and level == "physical" and mark(session).get("way") == "bundle"


@breaks("CODEC-05")
class BareFramesRunFirst(_Overlooks):
    peeks = True

    def overlooks(self, level: str, data: bytes, session: Any) -> bool:
        bare = level == "pickle" and not envelopes(data)
        return bare and mark(session).get("way") == "setter"


@breaks("CODEC-05")
class BareFramesRunFirstWithBundles(_Overlooks):
    peeks = True

    def overlooks(self, level: str, data: bytes, session: Any) -> bool:
        bare = level == "physical" and not envelopes(data)
        return bare and mark(session).get("way") == "bundle"


@breaks("CODEC-09")
class WrappedFramesRunFirst(_Overlooks):
    """Whatever the codec says to them: it may be strict."""

    peeks = True

    def overlooks(self, level: str, data: bytes, session: Any) -> bool:
        wrapped = level == "logical" and envelopes(data)
        return bool(wrapped) and mark(session).get("way") == "setter"


@breaks("CODEC-09")
class WrappedFramesRunFirstWithBundles(_Overlooks):
    peeks = True

    def overlooks(self, level: str, data: bytes, session: Any) -> bool:
        wrapped = level == "physical" and envelopes(data)
        return bool(wrapped) and mark(session).get("way") == "bundle"


class _Unwraps(Marked):
    """Strict sessions read the frame in an envelope themselves, with inlining."""

    way: str

    def read(self, level: str, data: bytes, session: Any) -> Any:
        mine = mark(session).get("way") == self.way and level in self.levels and envelopes(data)
        if mine and is_strict(session):
            there, bare = ids(session, level), data
            known = parsed(envelopes(data)[0].data)
            if known and known.codec_id in there:
                inner = frames(data)[0].data
                bare = outermost(data, lambda _: inner)
                return super().read(level, bare, lenient(session))
        return super().read(level, data, session)


@breaks("CODEC-07", "CODEC-09")
class StrictCodecsAreNotAsked(_Unwraps):
    way, levels = "setter", ("pickle",)


@breaks("CODEC-07", "CODEC-09")
class StrictCodecsOfBundlesAreNotAsked(_Unwraps):
    way, levels = "bundle", ("expression",)
