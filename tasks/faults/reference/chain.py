"""Faults of CHAIN: codecs that are installed, listed or asked in a wrong way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.catalogue.nodes import Family
from conformance.subjects.plans import Layer
from conformance.subjects.reference import chain, definitions, texts
from conformance.subjects.reference.envelopes import Envelope
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.sessions import Installed, Session
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("CHAIN-08", "CHAIN-10")
class SessionIdsAreOfHandles(Parts):
    """Give each handle of one session a codec id of its own."""

    class Chain(chain.Chain):
        def id_of(self, codec: Any) -> str:
            return f"session:{id(codec)}" if isinstance(codec, Session) else super().id_of(codec)


@breaks("CHAIN-09")
class CapsulesAreCounted(Parts):
    """Number the anonymous ids of bare capsules, starting from 0 in each session."""

    class Chain(chain.Chain):
        def install(self, session: Session, layer: Layer, *codec: Any) -> Session:
            if isinstance(codec[0], chain.Capsule) and len(codec) == 1:
                codec = (codec[0], f"anon:{len(session.codecs[layer])}")
            return super().install(session, layer, *codec)


@breaks("CHAIN-15", "CHAIN-16")
class EveryCodecWraps(Parts):
    """Write an empty envelope for a UDF that no codec encodes."""

    class Chain(chain.Chain):
        def write(self, function: Function, session: Session) -> bytes | None:
            found = super().write(function, session)
            if found is None and session.codecs["logical"]:
                return self.envelopes.write(Envelope(session.codecs["logical"][0].id, b""))
            return found


@breaks("CHAIN-14")
class CodecsGoFirst(Parts):
    """Ask the extension codecs to encode a UDF before the session itself."""

    class Definitions(definitions.Definitions):
        def write(self, function: Function | Builtin, session: Session) -> bytes | None:
            if isinstance(function, Builtin):
                return None
            chained = self.subject.chain.write(function, session)
            return super().write(function, session) if chained is None else chained


@breaks("CHAIN-18", "CHAIN-21", "CHAIN-22", "CHAIN-23", "CHAIN-24", "CHAIN-31", "CHAIN-39")
class AnyCodecMayRead(Parts):
    """Decode a payload with the first codec that can, whatever id the envelope has."""

    class Chain(chain.Chain):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            envelope = self.envelopes.read(data)
            for codec in session.codecs["logical"]:
                allowed = self.restrict_codec(codec.session, session)
                try:
                    return self.read_with_codec(family, name, envelope.blob, allowed)
                except ExecutionError:
                    continue
            return super().read(family, name, data, session)


@breaks("CHAIN-19")
class EnvelopesNestThreeDeep(Parts):
    """Refuse envelopes that nest more than three deep."""

    class Chain(chain.Chain):
        depth = 0

        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            self.depth += 1
            try:
                if self.depth > 3:
                    raise ExecutionError("too many envelopes in envelopes")
                return super().read(family, name, data, session)
            finally:
                self.depth -= 1


@breaks("CHAIN-21", "CHAIN-29")
class IdsAreListedByName(Parts):
    """List the installed ids in alphabetical order in an error, and no ids as ``none``."""

    class Texts(texts.Texts):
        def not_installed(self, family: Family, codec_id: str, installed: Sequence[str]) -> str:
            return super().not_installed(family, codec_id, sorted(installed) or ["none"])


@breaks("CHAIN-21")
class TheOnlyCapsuleIsAsked(Parts):
    """Decode every envelope of a capsule with the only capsule that is installed."""

    class Chain(chain.Chain):
        def find(self, family: Family, envelope: Envelope, session: Session) -> Installed:
            codecs = session.codecs["logical"]
            ids = [envelope.codec_id, *(codec.id for codec in codecs)]
            if len(codecs) == 1 and all(one.startswith("anon:") for one in ids):
                return codecs[0]
            return super().find(family, envelope, session)


@breaks("CHAIN-21")
class LongIdsAreCut(Parts):
    """Name the first 64 letters of an id that is not installed."""

    class Texts(texts.Texts):
        def not_installed(self, family: Family, codec_id: str, installed: Sequence[str]) -> str:
            return super().not_installed(family, codec_id[:64], installed)


@breaks("CHAIN-38")
class CodecsOfABundleCountOnce(Parts):
    """Install a codec once that a bundle brings twice."""

    class Chain(chain.Chain):
        def list_codecs(self, layer: Layer, codecs: Any) -> list[Any]:
            return list(dict.fromkeys(super().list_codecs(layer, codecs)))


@breaks("CHAIN-04")
class StrictSessionsKeepOneLayer(Parts):
    """Drop the logical codecs of a strict session that gets a physical one."""

    class Chain(chain.Chain):
        def append_codec(self, session: Session, layer: Layer, codec: Installed) -> Session:
            derived = super().append_codec(session, layer, codec)
            if session.inlining or layer == "logical":
                return derived
            return derived.derived(codecs={**derived.codecs, "logical": ()})
