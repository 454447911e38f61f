"""Faults in codec chains, by one change each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from datafusion import Expr, SessionContext

from conformance import wire
from conformance.subjects.engine import Engine
from conformance.subjects.engine.chain import EngineChain
from conformance.subjects.plans import Layer
from conformance.wire import Envelope
from tasks.faults.fault import breaks


def _envelopes(data: bytes) -> list[wire.Found]:
    """Return the envelopes in ``data``, none if they nest too deep to be parsed."""
    try:
        return wire.find_envelopes(data)
    except wire.WireError:
        return []


class _Chained(Engine):
    """An engine whose codecs are those of the nested class ``Chain``."""

    Chain: type[EngineChain] = EngineChain

    def __init__(self) -> None:
        super().__init__()
        self.chain = self.Chain()


@breaks("CHAIN-01", "CHAIN-03", "CHAIN-11")
class ListsItsDefaultCodec(_Chained):
    """List the default codec on sessions without extension codecs."""

    class Chain(EngineChain):
        def ids(self, session: SessionContext, layer: Layer) -> Sequence[str]:
            return super().ids(session, layer) or ["default"]


@breaks("CHAIN-10", "CHAIN-38")
class LaterCodecsReplace(_Chained):
    """Ignore a codec whose id is already installed instead of raising an error."""

    class Chain(EngineChain):
        def install(self, session: SessionContext, *arguments: Any) -> SessionContext:
            try:
                return super().install(session, *arguments)
            except ValueError as error:
                if "already installed" not in str(error):
                    raise
                return session

        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            try:
                return super().extend(session, *extensions)
            except ValueError:
                return session


@breaks("CHAIN-11", "CHAIN-34", "CHAIN-35", "CHAIN-36", "CHAIN-37", "CHAIN-39")
class TakesAnything(_Chained):
    """Ignore arguments that are not codecs or extensions instead of raising a TypeError."""

    class Chain(EngineChain):
        def install(self, session: SessionContext, *arguments: Any) -> SessionContext:
            try:
                return super().install(session, *arguments)
            except TypeError:
                return session

        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            try:
                return super().extend(session, *extensions)
            except TypeError:
                return session


@breaks("CHAIN-12")
class ToggleForgetsCodecs(Engine):
    """Return a session without codecs when inlining is toggled."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        if any(self.chain.ids(session, layer) for layer in ("logical", "physical")):
            session = SessionContext()
        return super().with_inlining(session, enabled)


class _Handed(_Chained):
    """An engine that gives a hook of an extension an inlining session."""

    hook: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.chain = _HandedChain(self.hook)


class _HandedChain(EngineChain):
    def __init__(self, hook: str) -> None:
        self.hook = hook

    def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
        return super().extend(session, *map(self.changed, extensions))

    def changed(self, extension: Any) -> Any:
        given = getattr(extension, self.hook, None)
        if given is None:
            return extension
        inlining = lambda session: given(session.with_python_udf_inlining(enabled=True))  # noqa: E731
        return replace(extension, **{self.hook: inlining})


@breaks("CHAIN-41")
class ComponentsHooksInline(_Handed):
    """Call the components hook with an inlining session."""

    hook = "components"


@breaks("CHAIN-41")
class PlannerHooksInline(_Handed):
    """Call the planner hook with an inlining session."""

    hook = "planner"


@breaks("CHAIN-41")
class PlannersTurnOn(_Chained):
    """Return an inlining session where the extensions have planners only."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            alone = [one for one in extensions if getattr(one, "components", 1) is None]
            extended = super().extend(session, *extensions)
            return extended.with_python_udf_inlining(enabled=True) if alone else extended


@breaks("CHAIN-32")
class NoBundleNoHandle(_Chained):
    """Return the session itself from with_extensions() without arguments."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            return super().extend(session, *extensions) if extensions else session


@breaks("CHAIN-13", "CHAIN-14")
class WrapsItsOwn(Engine):
    """Wrap bare frames in an envelope; both ends do it, so that round trips pass."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        ids = ["default"] if session is None else session.logical_extension_codec_ids()
        bare = [] if wire.find_envelopes(data) else wire.find(data)
        if not ids:
            return data
        return wire.replace(data, {f.path: Envelope(ids[0], f.data).to_bytes() for f in bare})


@breaks("CHAIN-19", "CHAIN-29")
class ReadsOneEnvelopeOnly(Engine):
    """Refuse envelopes inside envelopes."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if len(_envelopes(data)) > 1:
            raise RuntimeError('DataFusion error: Execution("one envelope is enough")')
        return super().from_bytes(data, session)


@breaks("CHAIN-17", "CHAIN-22", "CHAIN-24")
class EnvelopesOfAggregatesAreLost(Engine):
    """Ignore envelopes around aggregate UDFs and resolve the calls by name."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if _envelopes(data) and any(b"DFPYUDA" in f.data[:7] for f in wire.find(data)):
            data = wire.remove(data, [_envelopes(data)[0].path])
        return super().from_bytes(data, session)
