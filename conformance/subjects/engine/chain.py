"""The engine's extension codecs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from datafusion import SessionContext

from conformance.subjects.chain import Bundle
from conformance.subjects.plans import Layer


class EngineChain:
    """An adapter from ``with_*_extension_codec`` and ``with_extensions`` to ``Chain``."""

    def install(
        self, session: SessionContext, layer: Layer, codec: Any, codec_id: str | None = None
    ) -> SessionContext:
        install = getattr(session, f"with_{layer}_extension_codec")
        derived: SessionContext = install(codec) if codec_id is None else install(codec, codec_id)
        return derived

    def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
        return session.with_extensions(*map(as_extension, extensions))

    def ids(self, session: SessionContext, layer: Layer) -> Sequence[str]:
        ids: Sequence[str] = getattr(session, f"{layer}_extension_codec_ids")()
        return ids

    def capsule(self, session: SessionContext, layer: Layer) -> Any:
        return getattr(session, f"__datafusion_{layer}_extension_codec__")()

    def make_exporter(self, session: SessionContext, class_name: str, declared: Any = None) -> Any:
        module, _, name = class_name.partition(".")
        named = {"__module__": module, "__qualname__": name}
        if declared is not None:
            named["__datafusion_codec_id__"] = declared
        return type(name.rpartition(".")[2], (_Exporter,), named)(session)


class _Exporter:
    """An object that exports the codecs of a session."""

    def __init__(self, session: SessionContext) -> None:
        self.session = session

    def __datafusion_logical_extension_codec__(self, session: Any = None) -> Any:
        """Return the capsule of the logical codec."""
        del session
        return self.session.__datafusion_logical_extension_codec__()

    def __datafusion_physical_extension_codec__(self, session: Any = None) -> Any:
        """Return the capsule of the physical codec."""
        del session
        return self.session.__datafusion_physical_extension_codec__()


def as_extension(extension: Any) -> Any:
    """Return a ``Bundle`` as an extension of the engine, and any other value unchanged."""
    if not isinstance(extension, Bundle):
        return extension
    hooks: dict[str, Any] = {}
    if components := extension.components:
        hooks["__datafusion_session_components__"] = lambda _, session: _codecs(components(session))
    if planner := extension.planner:
        hooks["__datafusion_session_planner__"] = lambda _, session, _fallback: planner(session)
    return type("Extension", (), hooks)()


def _codecs(brought: Any) -> Any:
    """Return the codecs by layer as components of the engine, and any other value unchanged."""
    if not isinstance(brought, Mapping):
        return brought
    from datafusion.extensions import SessionExtensionComponents

    codecs: dict[str, Any] = {f"{k}_extension_codecs": v for k, v in brought.items()}
    return SessionExtensionComponents(**codecs)
