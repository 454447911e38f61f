"""References that do something else with what cannot be pickled, or with interrupts."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, slots, texts
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.functions import Function
from conformance.subjects.reference.sessions import Session
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


class _Drops(codec.Codec):
    """Drop the pickler's errors with these ``words``: the UDF is sent by name."""

    words = ""

    def write(self, function: Function, session: Session) -> bytes | None:
        try:
            return super().write(function, session)
        except ExecutionError as error:
            if self.words not in str(error):
                raise
            return None


@breaks("ENCODE-01", "ENCODE-04", "ENCODE-07", "ENCODE-08")
class UnpicklableLeavesByName(Parts):
    """Behave as the released engine does."""

    class Codec(_Drops):
        pass


@breaks("ENCODE-01")
class SocketsLeaveByName(Parts):
    class Codec(_Drops):
        words = "socket"


@breaks("ENCODE-01")
class GeneratorsLeaveByName(Parts):
    class Codec(_Drops):
        words = "generator"


@breaks("ENCODE-01")
class MissingPicklersLeaveByName(Parts):
    class Codec(_Drops):
        words = "cloudpickle halted"


@breaks("ENCODE-01")
class RaisingPicklersLeaveByName(Parts):
    class Codec(_Drops):
        words = "no pickle of anything"


@breaks("ENCODE-08")
class OnlyTheFirstUdfMustPickle(Parts):
    class Codec(_Drops):
        words = "'held'"


@breaks("ENCODE-04")
class ErrorsNameNoUdf(Parts):
    class Texts(texts.Texts):
        def not_pickled(self, family: Family, name: str, error: BaseException) -> str:
            del name
            return super().not_pickled(family, "", error)


@breaks("ENCODE-04")
class ErrorsGiveNoReason(Parts):
    class Texts(texts.Texts):
        def not_pickled(self, family: Family, name: str, error: BaseException) -> str:
            return super().not_pickled(family, name, type(error)("see the log"))


@breaks("ENCODE-05")
class InterruptsAreErrorsOfThePickler(Parts):
    class Codec(codec.Codec):
        def dump(self, content: tuple[Any, ...]) -> bytes:
            try:
                return super().dump(content)
            except KeyboardInterrupt as interrupt:
                raise ValueError(repr(interrupt)) from None


@breaks("ENCODE-05")
class ExitsLeaveByName(Parts):
    class Codec(codec.Codec):
        def write(self, function: Function, session: Session) -> bytes | None:
            try:
                return super().write(function, session)
            except SystemExit:
                return None


@breaks("ENCODE-06")
class ExitsAreErrorsOfTheBytes(Parts):
    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            try:
                return super().unpickle(payload)
            except SystemExit as interrupt:
                raise ValueError(repr(interrupt)) from None


@breaks("ENCODE-07", "ENCODE-08", "ENCODE-04")
class LocksLeaveByName(Parts):
    class Codec(_Drops):
        words = "_thread.lock"


@breaks("ENCODE-09")
class FailuresAreRemembered(Parts):
    """By the UDF."""

    class Codec(codec.Codec):
        def write_payload(self, function: Function) -> bytes:
            failed: dict[int, Any] = self.__dict__.setdefault("failed", {})
            if id(function) in failed:
                raise failed[id(function)]
            try:
                return super().write_payload(function)
            except ExecutionError as error:
                failed[id(function)] = error
                raise


@breaks("ENCODE-10")
class StrictSessionsPickleFirst(Parts):
    class Codec(codec.Codec):
        def write(self, function: Function, session: Session) -> bytes | None:
            frame = self.write_frame(function)
            return frame if session.inlining else None


@breaks("ENCODE-10")
class StrictSessionsAskForThePickler(Parts):
    class Slots(slots.Slots):
        def for_encoding(self, explicit: Session | None = None) -> Session:
            import_module("cloudpickle")
            return super().for_encoding(explicit)
