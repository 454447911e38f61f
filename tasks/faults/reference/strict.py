"""References whose strict sessions look too late, too seldom, or at the wrong session."""

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
    """The toggle is looked at where ``asks`` says so."""

    class Codec(codec.Codec):
        def check_allowed(self, family: Family, name: str, session: Session) -> None:
            if self.asks(family, session):
                super().check_allowed(family, name, session)

        def asks(self, family: Family, session: Session) -> bool:
            raise NotImplementedError


@breaks("STRICT-07", "STRICT-08")
class UnpicklesFirst(Parts):
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
    class Codec(_Checks.Codec):
        def asks(self, family: Family, session: Session) -> bool:
            del session
            return family != "window"


@breaks("STRICT-01", "STRICT-09")
class RefusesOnceASession(_Checks):
    class Codec(_Checks.Codec):
        def asks(self, family: Family, session: Session) -> bool:
            del family
            asked = vars(session).get("asked", False)
            vars(session)["asked"] = True
            return not asked


@breaks("STRICT-09")
class ArgumentsAreNotChecked(Parts):
    """Decode every frame inside a call that was admitted or has no frame."""

    class Definitions(definitions.Definitions):
        def read(
            self, family: Family, name: str, data: bytes | None, mark: int, session: Session
        ) -> Function | Builtin:
            if data is None and mark == self.python and family == "aggregate":
                session.inlining = True
            return super().read(family, name, data, mark, session)


@breaks("STRICT-10", "STRICT-12")
class FramesAreKeptByTheSession(Parts):
    """And by those derived from it: the same frame need not be looked at twice."""

    class Codec(codec.Codec):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            kept: dict[bytes, Function] = session.shared.tables.setdefault("frames", {})
            if data not in kept:
                kept[data] = super().read(family, name, data, session)
            return kept[data]


@breaks("STRICT-09", "STRICT-11")
class RegisteredComesFirst(Parts):
    class Definitions(definitions.Definitions):
        def inline(
            self, family: Family, name: str, data: bytes, session: Session
        ) -> Function | None:
            registered = session.shared.registry.functions.get((family, name))
            return registered or super().inline(family, name, data, session)


@breaks("STRICT-12")
class StrictTwiceIsNot(Parts):
    class Session(sessions.Session):
        def with_python_udf_inlining(self, *, enabled: bool) -> Session:
            return self.derived(inlining=enabled or not self.inlining)


@breaks(*_ALL)
class TheWorkerSlotsToggleCounts(_Checks):
    """Do so on every session."""

    class Codec(_Checks.Codec):
        def asks(self, family: Family, session: Session) -> bool:
            del family
            subject = self.subject
            assert isinstance(subject, Parts)
            worker = subject.slots.get("worker") or subject.global_session()
            return not worker.inlining or session is worker


class _Refuses(Parts):
    class Codec(codec.Codec):
        error: type[Refusal] = ExecutionError

        def check_allowed(self, family: Family, name: str, session: Session) -> None:
            try:
                super().check_allowed(family, name, session)
            except ExecutionError as error:
                raise self.error(str(error)) from None


@breaks("STRICT-01")
class RefusesByAPlanError(_Refuses):
    class Codec(_Refuses.Codec):
        error = PlanError


@breaks("STRICT-01")
class RefusesCopiesByAPlanError(Parts):
    def unpickled(self, data: bytes) -> Expression:
        try:
            return super().unpickled(data)
        except ExecutionError as error:
            raise PlanError(str(error)) from None


class _RewordsRefusals(Parts):
    """A reference that rewords its refusals of inline frames."""

    class Texts(Rewords, texts.Texts):
        def strict(self, family: Family, name: str) -> str:
            return self.reword(super().strict(family, name))


@breaks("STRICT-02", "STRICT-05")
class NamesOfWindowsAreNotSaid(_RewordsRefusals):
    class Texts(_RewordsRefusals.Texts):
        rewords = [(r"(?s)(window UDF) '[^']*'(.*)'[^']*'", r"\1 of a window\2of a window")]


@breaks("STRICT-02", "STRICT-03")
class AggregatesAreCalledFunctions(_RewordsRefusals):
    class Texts(_RewordsRefusals.Texts):
        rewords = [("aggregate UDF", "aggregate function")]


@breaks("STRICT-04", "STRICT-07", "STRICT-10", "STRICT-11", "STRICT-12")
class TheReceiverIsStrictAsSuch(_RewordsRefusals):
    class Texts(_RewordsRefusals.Texts):
        rewords = [("on this session", "on this receiver")]


@breaks("STRICT-05")
class TheNameToRegisterIsNotSaid(_RewordsRefusals):
    class Texts(_RewordsRefusals.Texts):
        rewords = [(r"register '[^']*'", "register it")]


@breaks("STRICT-06")
class TheRiskIsNotSaid(_RewordsRefusals):
    class Texts(_RewordsRefusals.Texts):
        rewords = [(" and accept the risk of running what came", "")]
