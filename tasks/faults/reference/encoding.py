"""Faults of ENCODE: wrong handling of callables that cannot be pickled, and of interrupts."""

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
    """A codec that writes a UDF by name if the pickler's message contains ``words``."""

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
    """Write a UDF by name if it cannot be pickled, as released engines do."""

    class Codec(_Drops):
        pass


@breaks("ENCODE-01")
class SocketsLeaveByName(Parts):
    """Write a UDF by name if its callable holds a socket."""

    class Codec(_Drops):
        words = "socket"


@breaks("ENCODE-01")
class GeneratorsLeaveByName(Parts):
    """Write a UDF by name if its callable holds a generator."""

    class Codec(_Drops):
        words = "generator"


@breaks("ENCODE-01")
class MissingPicklersLeaveByName(Parts):
    """Write a UDF by name if cloudpickle is not installed."""

    class Codec(_Drops):
        words = "cloudpickle halted"


@breaks("ENCODE-01")
class RaisingPicklersLeaveByName(Parts):
    """Write a UDF by name if cloudpickle raises a ValueError."""

    class Codec(_Drops):
        words = "no pickle of anything"


@breaks("ENCODE-08")
class OnlyTheFirstUdfMustPickle(Parts):
    """Write a UDF that cannot be pickled by name if another one in the message can be."""

    class Codec(_Drops):
        words = "'held'"


@breaks("ENCODE-04")
class ErrorsNameNoUdf(Parts):
    """Leave the name of the UDF out of a pickling error."""

    class Texts(texts.Texts):
        def not_pickled(self, family: Family, name: str, error: BaseException) -> str:
            del name
            return super().not_pickled(family, "", error)


@breaks("ENCODE-04")
class ErrorsGiveNoReason(Parts):
    """Leave the pickler's message out of a pickling error."""

    class Texts(texts.Texts):
        def not_pickled(self, family: Family, name: str, error: BaseException) -> str:
            return super().not_pickled(family, name, type(error)("see the log"))


@breaks("ENCODE-05")
class InterruptsAreErrorsOfThePickler(Parts):
    """Turn a KeyboardInterrupt while pickling into an ordinary error."""

    class Codec(codec.Codec):
        def dump(self, content: tuple[Any, ...]) -> bytes:
            try:
                return super().dump(content)
            except KeyboardInterrupt as interrupt:
                raise ValueError(repr(interrupt)) from None


@breaks("ENCODE-05")
class ExitsLeaveByName(Parts):
    """Write a UDF by name if SystemExit is raised while pickling."""

    class Codec(codec.Codec):
        def write(self, function: Function, session: Session) -> bytes | None:
            try:
                return super().write(function, session)
            except SystemExit:
                return None


@breaks("ENCODE-06")
class ExitsAreErrorsOfTheBytes(Parts):
    """Turn a SystemExit while unpickling into an ordinary error."""

    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            try:
                return super().unpickle(payload)
            except SystemExit as interrupt:
                raise ValueError(repr(interrupt)) from None


@breaks("ENCODE-07", "ENCODE-08", "ENCODE-04")
class LocksLeaveByName(Parts):
    """Write a UDF by name if its callable holds a lock."""

    class Codec(_Drops):
        words = "_thread.lock"


@breaks("ENCODE-09")
class FailuresAreRemembered(Parts):
    """Raise the pickling error of a UDF again, even if the UDF can be pickled by now."""

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
    """Pickle the callable on a strict session, and then write the UDF by name."""

    class Codec(codec.Codec):
        def write(self, function: Function, session: Session) -> bytes | None:
            frame = self.write_frame(function)
            return frame if session.inlining else None


@breaks("ENCODE-10")
class StrictSessionsAskForThePickler(Parts):
    """Import cloudpickle on a strict session, too."""

    class Slots(slots.Slots):
        def for_encoding(self, explicit: Session | None = None) -> Session:
            import_module("cloudpickle")
            return super().for_encoding(explicit)
