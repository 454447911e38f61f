"""Faults of CODEC: strict sessions that extension codecs make less strict."""

from __future__ import annotations

from typing import Any

from conformance.catalogue.nodes import Family
from conformance.subjects.plans import Layer
from conformance.subjects.reference import chain, codec, definitions, sessions
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.sessions import Session
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("CODEC-01", "CODEC-07", "CODEC-09")
class CodecsAreAsStrictAsTheyAre(Parts):
    """Let a strict session's codec inline if it does so itself, as released engines do."""

    class Chain(chain.Chain):
        def restrict_codec(self, codec: Session, session: Session) -> Session:
            del session
            return codec


@breaks("CODEC-01")
class CodecsWriteAsTheyAre(Parts):
    """Let a strict session's codec write frames if it inlines itself."""

    class Chain(chain.Chain):
        def write(self, function: Function, session: Session) -> bytes | None:
            return super().write(function, _as_open(session))


def _as_open(session: Session) -> Session:
    return session.derived(inlining=True)


@breaks("CODEC-07", "CODEC-09")
class CodecsReadAsTheyAre(Parts):
    """Let a strict session's codec decode frames if it inlines itself."""

    class Chain(chain.Chain):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            return super().read(family, name, data, _as_open(session))


@breaks("CODEC-01", "CODEC-07", "CODEC-09")
class CodecsWithCodecsAreAsTheyAre(Parts):
    """Let a strict session's codec inline if it has extension codecs itself."""

    class Chain(chain.Chain):
        def restrict_codec(self, codec: Session, session: Session) -> Session:
            return codec if codec.codecs["logical"] else super().restrict_codec(codec, session)


@breaks("CODEC-09", "CODEC-15")
class CodecsUnpickleBeforeTheyRefuse(Parts):
    """Unpickle a frame in an envelope before refusing it on a strict session."""

    class Codec(codec.Codec):
        def check_allowed(self, family: Family, name: str, session: Session) -> None:
            if not session.inlining and self.payload:
                try:
                    self.load(family, self.payload)
                except ExecutionError:
                    self.payload = b""
            super().check_allowed(family, name, session)

        payload = b""

    class Chain(chain.Chain):
        def read_with_codec(
            self, family: Family, name: str, blob: bytes, session: Session
        ) -> Function:
            self.subject.codec.payload = blob[10:]  # type: ignore[attr-defined]
            return super().read_with_codec(family, name, blob, session)


class _Installs(chain.Chain):
    """A chain that replaces the session of an installation with what ``given`` returns."""

    def given(self, session: Session, derived: Session) -> Session:
        raise NotImplementedError

    def append_codec(self, session: Session, layer: Layer, codec: sessions.Installed) -> Session:
        return self.given(session, super().append_codec(session, layer, codec))


@breaks(
    "CODEC-01",
    "CODEC-03",
    "CODEC-05",
    "CODEC-07",
    "CODEC-09",
    "CODEC-12",
)
class InstallingTurnsInliningOn(Parts):
    """Turn inlining on in the session that an installation of a codec returns."""

    class Chain(_Installs):
        def given(self, session: Session, derived: Session) -> Session:
            del session
            return derived.derived(inlining=True)


@breaks("CODEC-11")
class InstallingTurnsItsSourceOn(Parts):
    """Turn inlining on in the session on which a codec is installed."""

    class Chain(_Installs):
        def given(self, session: Session, derived: Session) -> Session:
            session.inlining = True
            return derived


@breaks("CODEC-12")
class PhysicalCodecsTurnInliningOn(Parts):
    """Turn inlining on in the session on which a physical codec was installed."""

    class Chain(chain.Chain):
        def append_codec(
            self, session: Session, layer: Layer, codec: sessions.Installed
        ) -> Session:
            derived = super().append_codec(session, layer, codec)
            return derived.derived(inlining=True) if layer == "physical" else derived


@breaks("CODEC-13", "CODEC-17")
class StrictCodecsVeto(Parts):
    """Write UDFs by name on an inlining session if one of its codecs is strict."""

    class Definitions(definitions.Definitions):
        def write(self, function: Function | Builtin, session: Session) -> bytes | None:
            if any(not one.session.inlining for one in session.codecs["logical"]):
                return None
            return super().write(function, session)


@breaks("CODEC-14", "CODEC-17")
class StrictCodecsVetoReading(Parts):
    """Refuse bare frames on an inlining session if one of its codecs is strict."""

    class Definitions(definitions.Definitions):
        def inline(
            self, family: Family, name: str, data: bytes, session: Session
        ) -> Function | None:
            strict = any(not one.session.inlining for one in session.codecs["logical"])
            if strict and self.subject.codec.owns(family, data):
                session = session.derived(inlining=False)
            return super().inline(family, name, data, session)


@breaks("CODEC-15", "CODEC-19")
class TheSessionsToggleDecides(Parts):
    """Let a strict codec inline if it is installed on an inlining session."""

    class Chain(chain.Chain):
        def restrict_codec(self, codec: Session, session: Session) -> Session:
            return codec.derived(inlining=session.inlining)


@breaks("CODEC-16")
class CodecsNamesCount(Parts):
    """Resolve a name from a codec's registrations if the session itself lacks it."""

    class Definitions(definitions.Definitions):
        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            try:
                return super().by_name(family, name, mark, session)
            except ExecutionError:
                for one in session.codecs["logical"]:
                    return super().by_name(family, name, mark, one.session)
                raise


@breaks("CODEC-17")
class ToggleForgetsCodecs(Parts):
    """Drop the extension codecs when inlining is turned on."""

    class Session(sessions.Session):
        def with_python_udf_inlining(self, *, enabled: bool) -> Session:
            derived = super().with_python_udf_inlining(enabled=enabled)
            return derived.derived(codecs={"logical": (), "physical": ()}) if enabled else derived


@breaks("CODEC-18")
class ASessionIsItsOwnCodec(Parts):
    """Decode an envelope with the session's own id, although no such codec is installed."""

    class Chain(chain.Chain):
        def find(self, family: Family, envelope: Any, session: Session) -> sessions.Installed:
            if envelope.codec_id == self.id_of(session):
                return sessions.Installed(envelope.codec_id, session)
            return super().find(family, envelope, session)


@breaks("CODEC-19")
class HandlesShareTheToggle(Parts):
    """Use an installed codec with the setting that its session was toggled to last."""

    class Session(sessions.Session):
        def with_python_udf_inlining(self, *, enabled: bool) -> Session:
            derived = super().with_python_udf_inlining(enabled=enabled)
            self.shared.last = derived  # type: ignore[attr-defined]
            return derived

    class Chain(chain.Chain):
        def restrict_codec(self, codec: Session, session: Session) -> Session:
            last = getattr(codec.shared, "last", codec)
            return super().restrict_codec(last if session.inlining else codec, session)
