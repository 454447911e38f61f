"""Faults in strict sessions with an extension codec."""

from __future__ import annotations

from typing import Any

from datafusion import Expr, SessionContext

from conformance import wire
from conformance.subjects.chain import Bundle
from conformance.subjects.engine import Engine
from conformance.subjects.engine.chain import EngineChain
from tasks.faults.fault import breaks


class _Chain(EngineChain):
    """Codecs that know their engine."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine


@breaks("CODEC-01", "CODEC-03", "CODEC-05", "CODEC-12")
class SetterForgetsStrict(Engine):
    """Turn inlining on when a setter installs a codec."""

    class Chain(_Chain):
        def install(self, *arguments: Any) -> SessionContext:
            return super().install(*arguments).with_python_udf_inlining(enabled=True)

    def __init__(self) -> None:
        super().__init__()
        self.chain = self.Chain(self)


@breaks("CODEC-01", "CODEC-03", "CODEC-05")
class BundleForgetsStrict(SetterForgetsStrict):
    """Turn inlining on when a bundle is installed."""

    class Chain(_Chain):
        def extend(self, *arguments: Any) -> SessionContext:
            return super().extend(*arguments).with_python_udf_inlining(enabled=True)


@breaks("CODEC-13", "CODEC-14")
class SetterTurnsStrict(SetterForgetsStrict):
    """Turn inlining off when a setter installs a codec."""

    class Chain(_Chain):
        def install(self, *arguments: Any) -> SessionContext:
            return super().install(*arguments).with_python_udf_inlining(enabled=False)


@breaks("CODEC-01", "CODEC-07", "CODEC-09", "CODEC-15", "CODEC-19")
class CodecsAreTurnedOn(SetterForgetsStrict):
    """Turn inlining on in each session that is installed as a codec."""

    class Chain(_Chain):
        def install(self, session: SessionContext, layer: Any, codec: Any, *i: Any) -> Any:
            return super().install(session, layer, _on(codec), *i)

        def extend(self, session: SessionContext, bundle: Bundle) -> SessionContext:
            assert bundle.components is not None
            (brought,) = bundle.components(session).items()
            codecs = {brought[0]: [_on(codec) for codec in brought[1]]}
            return super().extend(session, Bundle(lambda _: codecs))


def _on(codec: Any) -> Any:
    on = isinstance(codec, SessionContext)
    return codec.with_python_udf_inlining(enabled=True) if on else codec


@breaks("CODEC-11")
class SetterTurnsItsSourceOn(SetterForgetsStrict):
    """Turn inlining on in the source when a setter installs a codec."""

    class Chain(_Chain):
        def install(self, session: SessionContext, *arguments: Any) -> SessionContext:
            derived = super().install(session, *arguments)
            session.ctx = session.with_python_udf_inlining(enabled=True).ctx
            return derived


@breaks("CODEC-16")
class AsksTheCodecsForNames(SetterForgetsStrict):
    """Resolve names in the codec's session if the session does not know them."""

    class Chain(_Chain):
        def install(self, session: SessionContext, layer: Any, codec: Any, *i: Any) -> Any:
            derived = super().install(session, layer, codec, *i)
            self.engine.behind[id(derived)] = derived, codec
            return derived

    def __init__(self) -> None:
        super().__init__()
        self.behind: dict[int, Any] = {}

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError:
            if id(session) not in self.behind or wire.locate(data).found:
                raise
        return super().from_bytes(data, self.behind[id(session)][1])


@breaks("CODEC-17")
class ToggleForgetsCodecs(Engine):
    """Return a session without codecs when inlining is turned on."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return SessionContext() if enabled else super().with_inlining(session, enabled)
