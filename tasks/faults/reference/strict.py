"""Faults of STRICT: strict sessions that check too late, too rarely or the wrong session."""

from __future__ import annotations

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, definitions, sessions, texts
from conformance.subjects.reference.errors import ExecutionError, PlanError, Refusal
from conformance.subjects.reference.expressions import Expression
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.sessions import Session
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts
from tasks.faults.rewords import Rewords


class _Checks(Parts):
    """A reference that checks the toggle only if ``asks`` returns true."""

    class Codec(codec.Codec):
        def check_allowed(self, family: Family, name: str, session: Session) -> None:
            if self.asks(family, session):
                super().check_allowed(family, name, session)

        def asks(self, family: Family, session: Session) -> bool:
            raise NotImplementedError


@breaks("STRICT-07", "STRICT-08")
class UnpicklesFirst(Parts):
    """Unpickle the payload before checking that inlining is on."""

    class Codec(codec.Codec):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            self.check_header(family, data)
            try:
                content = self.load(family, data[self.header_size(family) :])
            except ExecutionError:
                self.check_allowed(family, name, session)
                raise
            self.check_allowed(family, name, session)
            return self.udf_of(family, content)


_ALL = tuple(f"STRICT-{number:02}" for number in range(1, 13))


@breaks(*_ALL)
class WindowsAreNotChecked(_Checks):
    """Accept inline window UDFs on a strict session."""

    class Codec(_Checks.Codec):
        def asks(self, family: Family, session: Session) -> bool:
            del session
            return family != "window"


@breaks("STRICT-01", "STRICT-09")
class RefusesOnceASession(_Checks):
    """Refuse the first frame on a strict session, and accept later ones."""

    class Codec(_Checks.Codec):
        def asks(self, family: Family, session: Session) -> bool:
            del family
            asked = vars(session).get("asked", False)
            vars(session)["asked"] = True
            return not asked


@breaks("STRICT-09")
class ArgumentsAreNotChecked(Parts):
    """Accept frames in the arguments of an aggregate UDF that travels by name."""

    class Definitions(definitions.Definitions):
        def read(
            self, family: Family, name: str, data: bytes | None, mark: int, session: Session
        ) -> Function | Builtin:
            if data is None and mark == self.python and family == "aggregate":
                session.inlining = True
            return super().read(family, name, data, mark, session)


@breaks("STRICT-10", "STRICT-12")
class FramesAreKeptByTheSession(Parts):
    """Cache decoded frames for a session and for strict sessions derived from it."""

    class Codec(codec.Codec):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            kept: dict[bytes, Function] = session.shared.tables.setdefault("frames", {})
            if data not in kept:
                kept[data] = super().read(family, name, data, session)
            return kept[data]


@breaks("STRICT-09", "STRICT-11")
class RegisteredComesFirst(Parts):
    """Use a registered UDF of the same name and kind instead of refusing the frame."""

    class Definitions(definitions.Definitions):
        def inline(
            self, family: Family, name: str, data: bytes, session: Session
        ) -> Function | None:
            registered = session.shared.registry.functions.get((family, name))
            return registered or super().inline(family, name, data, session)


@breaks("STRICT-12")
class StrictTwiceIsNot(Parts):
    """Turn inlining on if it is turned off for the second time."""

    class Session(sessions.Session):
        def with_python_udf_inlining(self, *, enabled: bool) -> Session:
            return self.derived(inlining=enabled or not self.inlining)


@breaks(*_ALL)
class TheWorkerSlotsToggleCounts(_Checks):
    """Check the setting of the worker slot's session, whichever session decodes."""

    class Codec(_Checks.Codec):
        def asks(self, family: Family, session: Session) -> bool:
            del family
            subject = self.subject
            assert isinstance(subject, Parts)
            worker = subject.slots.get("worker") or subject.global_session()
            return not worker.inlining or session is worker


class _Refuses(Parts):
    """A reference that raises ``error`` when it refuses an inline frame."""

    class Codec(codec.Codec):
        error: type[Refusal] = ExecutionError

        def check_allowed(self, family: Family, name: str, session: Session) -> None:
            try:
                super().check_allowed(family, name, session)
            except ExecutionError as error:
                raise self.error(str(error)) from None


@breaks("STRICT-01")
class RefusesByAPlanError(_Refuses):
    """Raise a planning error when refusing an inline frame."""

    class Codec(_Refuses.Codec):
        error = PlanError


@breaks("STRICT-01")
class RefusesCopiesByAPlanError(Parts):
    """Raise a planning error when refusing an inline frame in a pickle."""

    def from_pickle_bytes(self, data: bytes) -> Expression:
        try:
            return super().from_pickle_bytes(data)
        except ExecutionError as error:
            raise PlanError(str(error)) from None


class _RewordsRefusals(Parts):
    """A reference that rewords its refusals of inline frames."""

    class Texts(Rewords, texts.Texts):
        def strict(self, family: Family, name: str) -> str:
            return self.reword(super().strict(family, name))


@breaks("STRICT-02", "STRICT-05")
class WindowNamesAreHidden(_RewordsRefusals):
    """Leave the name of a window UDF out of the refusal."""

    class Texts(_RewordsRefusals.Texts):
        rewords = [(r"(?s)(window UDF) '[^']*'(.*)'[^']*'", r"\1 of a window\2of a window")]


@breaks("STRICT-02", "STRICT-03")
class AggregatesAreCalledFunctions(_RewordsRefusals):
    """Call an aggregate UDF an aggregate function in the refusal."""

    class Texts(_RewordsRefusals.Texts):
        rewords = [("aggregate UDF", "aggregate function")]


@breaks("STRICT-04", "STRICT-07", "STRICT-10", "STRICT-11", "STRICT-12")
class TheReceiverIsStrictAsSuch(_RewordsRefusals):
    """Write ``on this receiver`` in place of ``on this session`` in the refusal."""

    class Texts(_RewordsRefusals.Texts):
        rewords = [("on this session", "on this receiver")]


@breaks("STRICT-05")
class TheNameToRegisterIsHidden(_RewordsRefusals):
    """Leave the name to register out of the sender's remedy."""

    class Texts(_RewordsRefusals.Texts):
        rewords = [(r"register '[^']*'", "register it")]


@breaks("STRICT-06")
class TheRiskIsHidden(_RewordsRefusals):
    """Leave the risk out of the receiver's remedy."""

    class Texts(_RewordsRefusals.Texts):
        rewords = [(" and accept the risk of running what came", "")]
