"""References whose strict sessions are not, where codecs are installed."""

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
    """Let a strict session's codec inline, as the released engine does."""

    class Chain(chain.Chain):
        def allowed(self, codec: Session, session: Session) -> Session:
            del session
            return codec


@breaks("CODEC-01")
class CodecsWriteAsTheyAre(Parts):
    """Only reading is narrowed."""

    class Chain(chain.Chain):
        def write(self, function: Function, session: Session) -> bytes | None:
            return super().write(function, _as_open(session))


def _as_open(session: Session) -> Session:
    return session.derived(inlining=True)


@breaks("CODEC-07", "CODEC-09")
class CodecsReadAsTheyAre(Parts):
    """Only writing is narrowed."""

    class Chain(chain.Chain):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            return super().read(family, name, data, _as_open(session))


@breaks("CODEC-01", "CODEC-07", "CODEC-09")
class CodecsWithCodecsAreAsTheyAre(Parts):
    """Only such as have none themselves are narrowed."""

    class Chain(chain.Chain):
        def allowed(self, codec: Session, session: Session) -> Session:
            return codec if codec.codecs["logical"] else super().allowed(codec, session)


@breaks("CODEC-09", "CODEC-15")
class CodecsUnpickleBeforeTheyRefuse(Parts):
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
        def by_codec(self, family: Family, name: str, blob: bytes, session: Session) -> Function:
            self.subject.codec.payload = blob[10:]  # type: ignore[attr-defined]
            return super().by_codec(family, name, blob, session)


class _Installs(chain.Chain):
    """Codecs of which the installation gives what ``given`` says."""

    def given(self, session: Session, derived: Session) -> Session:
        raise NotImplementedError

    def appended(self, session: Session, layer: Layer, codec: sessions.Installed) -> Session:
        return self.given(session, super().appended(session, layer, codec))


@breaks(
    "CODEC-01",
    "CODEC-03",
    "CODEC-05",
    "CODEC-07",
    "CODEC-09",
    "CODEC-12",
)
class InstallingTurnsInliningOn(Parts):
    class Chain(_Installs):
        def given(self, session: Session, derived: Session) -> Session:
            del session
            return derived.derived(inlining=True)


@breaks("CODEC-11")
class InstallingTurnsItsSourceOn(Parts):
    class Chain(_Installs):
        def given(self, session: Session, derived: Session) -> Session:
            session.inlining = True
            return derived


@breaks("CODEC-12")
class PhysicalCodecsTurnInliningOn(Parts):
    class Chain(chain.Chain):
        def appended(self, session: Session, layer: Layer, codec: sessions.Installed) -> Session:
            derived = super().appended(session, layer, codec)
            return derived.derived(inlining=True) if layer == "physical" else derived


@breaks("CODEC-13", "CODEC-17")
class StrictCodecsVeto(Parts):
    """Do not inline on a session whose codec does not inline."""

    class Definitions(definitions.Definitions):
        def write(self, function: Function | Builtin, session: Session) -> bytes | None:
            if any(not one.session.inlining for one in session.codecs["logical"]):
                return None
            return super().write(function, session)


@breaks("CODEC-14", "CODEC-17")
class StrictCodecsVetoReading(Parts):
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
    """Not that of its codec."""

    class Chain(chain.Chain):
        def allowed(self, codec: Session, session: Session) -> Session:
            return codec.derived(inlining=session.inlining)


@breaks("CODEC-16")
class CodecsNamesCount(Parts):
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
    class Session(sessions.Session):
        def with_python_udf_inlining(self, *, enabled: bool) -> Session:
            derived = super().with_python_udf_inlining(enabled=enabled)
            return derived.derived(codecs={"logical": (), "physical": ()}) if enabled else derived


@breaks("CODEC-18")
class ASessionIsItsOwnCodec(Parts):
    class Chain(chain.Chain):
        def find(self, family: Family, envelope: Any, session: Session) -> sessions.Installed:
            if envelope.codec_id == self.id_of(session):
                return sessions.Installed(envelope.codec_id, session)
            return super().find(family, envelope, session)


@breaks("CODEC-19")
class HandlesShareTheToggle(Parts):
    """A codec is found by its session's id, as it was toggled last."""

    class Session(sessions.Session):
        def with_python_udf_inlining(self, *, enabled: bool) -> Session:
            derived = super().with_python_udf_inlining(enabled=enabled)
            self.shared.last = derived  # type: ignore[attr-defined]
            return derived

    class Chain(chain.Chain):
        def allowed(self, codec: Session, session: Session) -> Session:
            last = getattr(codec.shared, "last", codec)
            return super().allowed(last if session.inlining else codec, session)
