"""The engine's extension codecs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datafusion import SessionContext

from conformance.subjects.plans import Layer


class EngineChain:
    """``with_*_extension_codec`` and ``with_extensions`` behind the ``Chain`` interface."""

    def install(
        self, session: SessionContext, layer: Layer, codec: Any, codec_id: str | None = None
    ) -> SessionContext:
        install = getattr(session, f"with_{layer}_extension_codec")
        derived: SessionContext = install(codec, codec_id) if codec_id else install(codec)
        return derived

    def extend(
        self, session: SessionContext, layer: Layer, codecs: Sequence[Any]
    ) -> SessionContext:
        return session.with_extensions(_Bundle(layer, codecs))

    def ids(self, session: SessionContext, layer: Layer) -> Sequence[str]:
        ids: Sequence[str] = getattr(session, f"{layer}_extension_codec_ids")()
        return ids

    def capsule(self, session: SessionContext, layer: Layer) -> Any:
        return getattr(session, f"__datafusion_{layer}_extension_codec__")()


class _Bundle:
    """An extension that brings codecs, and no planner."""

    def __init__(self, layer: Layer, codecs: Sequence[Any]) -> None:
        self.codecs: dict[str, Any] = {f"{layer}_extension_codecs": list(codecs)}

    def __datafusion_session_components__(self, session: SessionContext) -> Any:
        """What the engine asks of an extension."""
        from datafusion.extensions import SessionExtensionComponents

        del session
        return SessionExtensionComponents(**self.codecs)
