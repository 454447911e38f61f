"""The engine's extension codecs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from datafusion import SessionContext

from conformance.subjects.chain import Bundle
from conformance.subjects.plans import Layer


class EngineChain:
    """``with_*_extension_codec`` and ``with_extensions`` behind the ``Chain`` interface."""

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
    """An object that is no session and has a session's codecs."""

    def __init__(self, session: SessionContext) -> None:
        self.session = session

    def __datafusion_logical_extension_codec__(self, session: Any = None) -> Any:
        """Return what the engine asks of a logical codec."""
        del session
        return self.session.__datafusion_logical_extension_codec__()

    def __datafusion_physical_extension_codec__(self, session: Any = None) -> Any:
        """Return what the engine asks of a physical codec."""
        del session
        return self.session.__datafusion_physical_extension_codec__()


def as_extension(extension: Any) -> Any:
    """Return what the engine takes for a ``Bundle``; anything else is handed on as it is."""
    if not isinstance(extension, Bundle):
        return extension
    return _Bundle(extension) if extension.planner is None else _PlannedBundle(extension)


class _Bundle:
    """An extension that brings codecs."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def __datafusion_session_components__(self, session: SessionContext) -> Any:
        """Return what the engine asks of an extension."""
        from datafusion.extensions import SessionExtensionComponents

        brought = self.bundle.components(session)
        if not isinstance(brought, Mapping):
            return brought
        codecs: dict[str, Any] = {f"{k}_extension_codecs": v for k, v in brought.items()}
        return SessionExtensionComponents(**codecs)


class _PlannedBundle(_Bundle):
    """An extension that is asked for a planner, too, and has none."""

    def __datafusion_session_planner__(self, session: SessionContext, fallback: Any) -> None:
        """Return what the engine asks of an extension that may have a planner."""
        del fallback
        if self.bundle.planner:
            self.bundle.planner(session)
