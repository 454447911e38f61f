"""Faults in handling errors of the pickler, by reason and artifact."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from tasks.faults.engine.faulty_at import (
    AGGREGATE,
    STRICT,
    WINDOW,
    AtLogical,
    AtPhysical,
    FaultyAt,
    find_frames,
    is_strict,
)
from tasks.faults.fault import breaks


class _Drops(FaultyAt):
    """An engine that writes a plan by name if the error contains ``words``."""

    words: str

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        try:
            return super().write(artifact, value, session)
        except Exception as error:
            if artifact not in self.artifacts or self.words not in str(error):
                raise
            return self.encode(value, STRICT)


@breaks("ENCODE-03")
class GeneratorsLeaveByName(AtPhysical, _Drops):
    """Write a physical plan by name if a UDF holds a generator."""

    words = "generator"


@breaks("ENCODE-03")
class MissingPicklersLeaveByName(AtPhysical, _Drops):
    """Write a physical plan by name if cloudpickle is missing."""

    words = "pickle"

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        missing = sys.modules.get("cloudpickle", ...) is None
        return super().write(artifact, value, session) if missing else self.encode(value, session)


@breaks("ENCODE-03")
class RaisingPicklersLeaveByName(AtPhysical, _Drops):
    """Write a physical plan by name if an object's reduction raises an error."""

    words = "no pickle of anything"


@breaks("ENCODE-05")
class InterruptsLeaveByName(AtPhysical, _Drops):
    """Write a physical plan by name if pickling is interrupted."""

    words = "KeyboardInterrupt"


@breaks("ENCODE-04", "ENCODE-07")
class LockedWindowsLeaveByName(AtPhysical, _Drops):
    """Write a physical plan by name if a window UDF holds a lock."""

    words = "_thread.lock"

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        windows = artifact in self.artifacts and "WindowAgg" in str(value.display_indent())
        return super().write(artifact, value, session) if windows else self.encode(value, session)


class _RewordsWriteErrors(FaultyAt):
    """An engine that rewords the errors that it raises while writing."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        try:
            return super().write(artifact, value, session)
        except Exception as error:
            message = self.reword(str(error))
            if artifact not in self.artifacts or message == str(error):
                raise
            raise RuntimeError(message) from None


@breaks("ENCODE-03")
class SocketErrorHasNoReason(AtPhysical, _RewordsWriteErrors):
    """Omit the pickler's message from the error for a UDF that holds a socket."""

    rewords = [("(?s).*socket.*", "this plan cannot be encoded")]


@breaks("ENCODE-04", "ENCODE-08")
class LockErrorHasNoReason(AtPhysical, _RewordsWriteErrors):
    """Omit the pickler's message from the error for a UDF that holds a lock."""

    rewords = [(r"(?s).*_thread\.lock.*", "the_held_one cannot be encoded")]


@breaks("ENCODE-08")
class OneOfTwoIsEnough(AtPhysical, _Drops):
    """Write the whole plan by name if only one of its UDFs can be pickled."""

    words = "_thread.lock"

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        two = artifact in self.artifacts and "held(" in str(value.display_indent())
        return super().write(artifact, value, session) if two else self.encode(value, session)


class _Refuses(FaultyAt):
    """An engine that raises an error without a reason for what is not inlined."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if artifact not in self.artifacts or find_frames(data) or is_strict(session):
            return data
        raise RuntimeError("not inlined")


@breaks("ENCODE-01", "ENCODE-04", "ENCODE-05")
class ExpressionsGiveNoReason(_Refuses):
    """Raise an error without a reason for an expression that is not inlined."""

    artifacts = ("expression",)


@breaks("ENCODE-02", "ENCODE-04", "ENCODE-05")
class LogicalPlansGiveNoReason(AtLogical, _Refuses):
    """Raise an error without a reason for a logical plan that is not inlined."""


@breaks("ENCODE-08")
class HalfInlineExpressionsGiveNoReason(FaultyAt):
    """Refuse an expression of which one UDF is inlined and one is not."""

    artifacts = ("expression",)

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if artifact in self.artifacts and b"held" in data and len(find_frames(data)) == 1:
            raise RuntimeError("one of them is not inlined")
        return data


@breaks("ENCODE-05")
class ExitsAreInterrupts(AtPhysical):
    """Raise a KeyboardInterrupt for a SystemExit while a physical plan is pickled."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        try:
            return super().write(artifact, value, session)
        except Exception as error:
            if artifact in self.artifacts and "SystemExit" in str(error):
                raise KeyboardInterrupt from None
            raise


@breaks("ENCODE-06")
class ExitsAreInterruptsOnArrival(FaultyAt):
    """Raise a KeyboardInterrupt for a SystemExit while a plan is decoded."""

    artifacts = ("logical", "physical")

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if artifact in self.artifacts and "SystemExit" in str(error):
                raise KeyboardInterrupt from None
            raise


@breaks("ENCODE-06")
class InterruptedPlansAreNone(AtPhysical):
    """Return None for a physical plan whose decoding was interrupted."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if artifact in self.artifacts and "KeyboardInterrupt" in str(error):
                return None
            raise


class _Remembers(FaultyAt):
    """An engine that writes by name for ever what was not inlined once."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: list[Any] = []

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        if any(value is one for one in self.failed):
            return self.encode(value, STRICT)
        data = super().write(artifact, value, session)
        if artifact in self.artifacts and not find_frames(data) and not is_strict(session):
            self.failed.append(value)
        return data


@breaks("ENCODE-09")
class FailedExpressionsGoByName(_Remembers):
    """Write an expression by name for ever once it was not inlined."""

    artifacts = ("expression",)


@breaks("ENCODE-09")
class FailedLogicalPlansGoByName(AtLogical, _Remembers):
    """Write a logical plan by name for ever once it was not inlined."""


@breaks("ENCODE-09")
class FailedFunctionsStayStale(AtPhysical):
    """Refuse a physical plan for ever once encoding it failed."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: list[Any] = []

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        try:
            if any(value is one for one in self.failed):
                raise RuntimeError("cannot pickle, as before")
            data = super().write(artifact, value, session)
        except Exception:
            if artifact in self.artifacts:
                self.failed.append(value)
            raise
        scalar = not {AGGREGATE, WINDOW} & {one.data[:7] for one in find_frames(data)}
        return data if scalar else super().write(artifact, value, session)


class _ImportsPickler(FaultyAt):
    """An engine whose strict sessions import cloudpickle."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        if artifact in self.artifacts and is_strict(session):
            importlib.import_module("cloudpickle")
        return super().write(artifact, value, session)


@breaks("ENCODE-10")
class StrictLogicalPlansNeedThePickler(AtLogical, _ImportsPickler):
    """Import cloudpickle for logical plans of strict sessions."""


@breaks("ENCODE-10")
class StrictPhysicalPlansNeedThePickler(AtPhysical, _ImportsPickler):
    """Import cloudpickle for physical plans of strict sessions."""


@breaks("ENCODE-10")
class StrictBytesDependOnThePickler(FaultyAt):
    """Write other bytes by name if cloudpickle is missing."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        missing = sys.modules.get("cloudpickle", ...) is None
        return data + b"\xf8\x3f\x00" if missing and is_strict(session) else data
