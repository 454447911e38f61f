"""Extension codecs: how they are installed, and which of them writes and reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from conformance.catalogue.nodes import Family
from conformance.subjects.chain import Bundle
from conformance.subjects.plans import Layer
from conformance.subjects.reference.components import Components
from conformance.subjects.reference.envelopes import Envelope, Envelopes
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.functions import Function
from conformance.subjects.reference.sessions import Installed, Session

LAYERS: tuple[Layer, Layer] = ("logical", "physical")


@dataclass(frozen=True)
class Capsule:
    """A session's own codec without anything around it."""

    layer: Layer
    session: Session


class Exporter:
    """An object that is no session and has a session's codecs."""

    def __init__(self, session: Session) -> None:
        self.session = session


class Chain:
    """Codecs of sessions. A strict session lets none of its codecs inline or read what is."""

    envelopes_class = Envelopes

    def __init__(self, subject: Components) -> None:
        self.subject = subject
        self.texts = subject.texts
        self.envelopes = self.envelopes_class(subject.texts)

    # Installing

    def install(
        self, session: Session, layer: Layer, codec: Any, codec_id: str | None = None
    ) -> Session:
        """Return a session that has ``codec`` after those of ``session``."""
        source = self.source(layer, codec)
        id_ = self.id_of(codec) if codec_id is None else codec_id
        return self.append_codec(session, layer, Installed(id_, source))

    def append_codec(self, session: Session, layer: Layer, codec: Installed) -> Session:
        """Return a session with one more codec; its id must be free."""
        if codec.id in self.ids(session, layer):
            raise ValueError(self.texts.id_taken(codec.id))
        codecs = (*session.codecs[layer], codec)
        return session.derived(codecs={**session.codecs, layer: codecs})

    def ids(self, session: Session, layer: Layer) -> Sequence[str]:
        """Return the ids of the codecs of a session, in the order in which they were installed."""
        return [codec.id for codec in session.codecs[layer]]

    def source(self, layer: Layer, codec: Any) -> Session:
        """Return the session whose codec ``codec`` is."""
        if isinstance(codec, Session):
            return codec
        if isinstance(codec, Exporter):
            return codec.session
        if not isinstance(codec, Capsule):
            raise TypeError(self.texts.no_codec(layer, codec))
        if codec.layer != layer:
            raise ValueError(self.texts.wrong_capsule(layer, codec.layer))
        return codec.session

    def id_of(self, codec: Any) -> str:
        """Return the id that a codec has of its own."""
        if isinstance(codec, Session):
            return f"session:{codec.shared.id}"
        if isinstance(codec, Capsule):
            return f"anon:{uuid4().hex}"
        kind = type(codec)
        declared: str | None = getattr(codec, "__datafusion_codec_id__", None)
        return f"{kind.__module__}.{kind.__qualname__}" if declared is None else declared

    def capsule(self, session: Session, layer: Layer) -> Capsule:
        """Return the bare capsule of the session's own codec."""
        return Capsule(layer, session)

    def make_exporter(self, session: Session, class_name: str, declared: Any = None) -> Exporter:
        """Return an object of a class of this name that exports the session's codecs."""
        module, _, name = class_name.partition(".")
        named = {"__module__": module, "__qualname__": name}
        if declared is not None:
            named["__datafusion_codec_id__"] = declared
        kind: type[Exporter] = type(name.rpartition(".")[2], (Exporter,), named)
        return kind(session)

    # Extensions

    def extend(self, session: Session, *extensions: Any) -> Session:
        """Return a session with what extensions bring, codecs first and planners then."""
        brought = [self.get_components(session, extension) for extension in extensions]
        derived = session.derived()
        for components in brought:
            for layer in LAYERS:
                for codec in self.list_codecs(layer, components.get(layer, ())):
                    derived = self.install(derived, layer, codec)
        for extension in extensions:
            if extension.planner is not None:
                extension.planner(derived)
        return derived

    def get_components(self, session: Session, extension: Any) -> Mapping[str, Any]:
        """Return what an extension has for a session."""
        if not isinstance(extension, Bundle):
            raise TypeError(self.texts.no_extension(extension))
        components = extension.components(session) if extension.components else {}
        if not isinstance(components, Mapping):
            raise TypeError(self.texts.no_components(components))
        return components

    def list_codecs(self, layer: Layer, codecs: Any) -> list[Any]:
        """Return the codecs for a layer, none of them a bare capsule."""
        if isinstance(codecs, (str, bytes)) or not isinstance(codecs, Iterable):
            raise TypeError(self.texts.no_iterable(layer))
        found = list(codecs)
        if any(isinstance(codec, Capsule) for codec in found):
            raise TypeError(self.texts.bare_capsule(layer))
        return found

    def derivations(self, session: Session) -> Mapping[str, Callable[[], Session]]:
        """Return the ways to derive a session, each with a codec that does not inline."""
        codec = self.subject.session().with_python_udf_inlining(enabled=False)
        bundle = Bundle(lambda _: {layer: [codec] for layer in LAYERS})
        return {
            "with_extensions": partial(self.extend, session, bundle),
            "with_logical_extension_codec": partial(self.install, session, "logical", codec),
            "with_physical_extension_codec": partial(self.install, session, "physical", codec),
        }

    # Writing and reading

    def write(self, function: Function, session: Session) -> bytes | None:
        """Return what the first codec that writes anything writes, in its envelope."""
        for codec in session.codecs["logical"]:
            blob = self.subject.definitions.write(
                function, self.restrict_codec(codec.session, session)
            )
            if blob is not None:
                return self.envelopes.write(Envelope(codec.id, blob))
        return None

    def owns(self, data: bytes) -> bool:
        """Return whether ``data`` is for a codec."""
        return self.envelopes.owns(data)

    def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
        """Return the UDF in an envelope, as the codec that wrote it reads it."""
        envelope = self.envelopes.read(data)
        codec = self.find(family, envelope, session)
        return self.read_with_codec(
            family, name, envelope.blob, self.restrict_codec(codec.session, session)
        )

    def find(self, family: Family, envelope: Envelope, session: Session) -> Installed:
        """Return the installed codec of the envelope's id, and no other."""
        for codec in session.codecs["logical"]:
            if codec.id == envelope.codec_id:
                return codec
        ids = self.ids(session, "logical")
        raise ExecutionError(self.texts.not_installed(family, envelope.codec_id, ids))

    def read_with_codec(self, family: Family, name: str, blob: bytes, session: Session) -> Function:
        """Return what the codec of ``session`` reads; the unknown is no name to look up."""
        found = self.subject.definitions.inline(family, name, blob, session)
        if found is None:
            raise ExecutionError(self.texts.unresolved(family, name))
        return found

    def restrict_codec(self, codec: Session, session: Session) -> Session:
        """Return the codec's session, as strict as the one that asks it."""
        return codec if session.inlining else codec.derived(inlining=False)
