"""Engines in which a pickler that fails has other consequences, for one reason, at one level."""

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
    """What the pickler says in these words is dropped: the plan leaves by name."""

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
    words = "generator"


@breaks("ENCODE-03")
class MissingPicklersLeaveByName(AtPhysical, _Drops):
    words = "pickle"

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        missing = sys.modules.get("cloudpickle", ...) is None
        return super().write(artifact, value, session) if missing else self.encode(value, session)


@breaks("ENCODE-03")
class RaisingPicklersLeaveByName(AtPhysical, _Drops):
    words = "no pickle of anything"


@breaks("ENCODE-05")
class InterruptsLeaveByName(AtPhysical, _Drops):
    words = "KeyboardInterrupt"


@breaks("ENCODE-04", "ENCODE-07")
class LockedWindowsLeaveByName(AtPhysical, _Drops):
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
class SocketsAreNotTold(AtPhysical, _RewordsWriteErrors):
    rewords = [("(?s).*socket.*", "this plan cannot be encoded")]


@breaks("ENCODE-04", "ENCODE-08")
class LocksAreNotTold(AtPhysical, _RewordsWriteErrors):
    rewords = [(r"(?s).*_thread\.lock.*", "the_held_one cannot be encoded")]


@breaks("ENCODE-08")
class OneOfTwoIsEnough(AtPhysical, _Drops):
    """What can be inlined is, the rest leaves by name."""

    words = "_thread.lock"

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        two = artifact in self.artifacts and "held(" in str(value.display_indent())
        return super().write(artifact, value, session) if two else self.encode(value, session)


class _Refuses(FaultyAt):
    """What the released engine lets leave by name, is an error that says little."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if artifact not in self.artifacts or find_frames(data) or is_strict(session):
            return data
        raise RuntimeError("not inlined")


@breaks("ENCODE-01", "ENCODE-04", "ENCODE-05")
class ExpressionsGiveNoReason(_Refuses):
    artifacts = ("expression",)


@breaks("ENCODE-02", "ENCODE-04", "ENCODE-05")
class LogicalPlansGiveNoReason(AtLogical, _Refuses):
    pass


@breaks("ENCODE-08")
class HalfInlineExpressionsGiveNoReason(FaultyAt):
    """Otherwise than the released engine, which lets them leave."""

    artifacts = ("expression",)

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if artifact in self.artifacts and b"held" in data and len(find_frames(data)) == 1:
            raise RuntimeError("one of them is not inlined")
        return data


@breaks("ENCODE-05")
class ExitsAreInterrupts(AtPhysical):
    """While pickling."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        try:
            return super().write(artifact, value, session)
        except Exception as error:
            if artifact in self.artifacts and "SystemExit" in str(error):
                raise KeyboardInterrupt from None
            raise


@breaks("ENCODE-06")
class ExitsAreInterruptsOnArrival(FaultyAt):
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
    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if artifact in self.artifacts and "KeyboardInterrupt" in str(error):
                return None
            raise


class _Remembers(FaultyAt):
    """What could not be inlined once, goes by name for ever."""

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
    artifacts = ("expression",)


@breaks("ENCODE-09")
class FailedLogicalPlansGoByName(AtLogical, _Remembers):
    pass


@breaks("ENCODE-09")
class FailedFunctionsStayStale(AtPhysical):
    """Once a window or an aggregate UDF has failed, the plan is an error for ever."""

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


class _Pickles(FaultyAt):
    """Strict sessions ask for the pickler, though they do not need it."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        if artifact in self.artifacts and is_strict(session):
            importlib.import_module("cloudpickle")
        return super().write(artifact, value, session)


@breaks("ENCODE-10")
class StrictLogicalPlansNeedThePickler(AtLogical, _Pickles):
    pass


@breaks("ENCODE-10")
class StrictPhysicalPlansNeedThePickler(AtPhysical, _Pickles):
    pass


@breaks("ENCODE-10")
class StrictNamesTellOfThePickler(FaultyAt):
    """By name, but otherwise where there is no pickler."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        missing = sys.modules.get("cloudpickle", ...) is None
        return data + b"\xf8\x3f\x00" if missing and is_strict(session) else data
