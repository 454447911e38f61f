"""Faults of ENCODE: wrong handling of callables that cannot be pickled, and of interrupts."""

from __future__ import annotations

from typing import Any

from conformance.subjects.reference import codec
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.functions import Function
from conformance.subjects.reference.sessions import Session
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


class Drops(codec.Codec):
    """A codec that writes a UDF by name if it cannot be pickled, where ``drops`` says so."""

    def write(self, function: Function, session: Session) -> bytes | None:
        try:
            return super().write(function, session)
        except ExecutionError as error:
            if not self.drops(function, session, str(error)):
                raise
            return None

    def drops(self, function: Function, session: Session, reason: str) -> bool:
        del function, session, reason
        return True


@breaks("ENCODE-01", "ENCODE-04", "ENCODE-07", "ENCODE-08")
class UnpicklableLeavesByName(Parts):
    """Write a UDF by name if it cannot be pickled, as released engines do."""

    Codec = Drops


@breaks("ENCODE-01")
class DeepWindowUdfsLeaveByName(Parts):
    """Write a window UDF by name if it is too deep for the pickler."""

    class Codec(Drops):
        def drops(self, function: Function, session: Session, reason: str) -> bool:
            del session
            return function.family == "window" and "recursion" in reason


@breaks("ENCODE-06")
class ExitsAreErrorsOfTheBytes(Parts):
    """Turn a SystemExit while unpickling into an ordinary error."""

    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            try:
                return super().unpickle(payload)
            except SystemExit as interrupt:
                raise ValueError(repr(interrupt)) from None
