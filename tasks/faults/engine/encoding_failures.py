"""Engines in which a pickler that fails has other consequences, for one reason, at one level."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from tasks.faults.engine.leveled import (
    AGGREGATE,
    STRICT,
    WINDOW,
    Leveled,
    Logical,
    Physical,
    frames,
    is_strict,
)
from tasks.faults.fault import breaks


class _Drops(Leveled):
    """What the pickler says in these words is dropped: the plan leaves by name."""

    words: str

    def write(self, level: str, what: Any, session: Any) -> bytes:
        try:
            return super().write(level, what, session)
        except Exception as error:
            if level not in self.levels or self.words not in str(error):
                raise
            return self.encode(what, STRICT)


@breaks("ENCODE-03")
class GeneratorsLeaveByName(Physical, _Drops):
    words = "generator"


@breaks("ENCODE-03")
class MissingPicklersLeaveByName(Physical, _Drops):
    words = "pickle"

    def write(self, level: str, what: Any, session: Any) -> bytes:
        missing = sys.modules.get("cloudpickle", ...) is None
        return super().write(level, what, session) if missing else self.encode(what, session)


@breaks("ENCODE-03")
class RaisingPicklersLeaveByName(Physical, _Drops):
    words = "no pickle of anything"


@breaks("ENCODE-05")
class InterruptsLeaveByName(Physical, _Drops):
    words = "KeyboardInterrupt"


@breaks("ENCODE-04", "ENCODE-07")
class LockedWindowsLeaveByName(Physical, _Drops):
    words = "_thread.lock"

    def write(self, level: str, what: Any, session: Any) -> bytes:
        windows = level in self.levels and "WindowAgg" in str(what.display_indent())
        return super().write(level, what, session) if windows else self.encode(what, session)


class _Words(Leveled):
    """What the pickler says is told in ``other`` words."""

    words: str
    other: str

    def write(self, level: str, what: Any, session: Any) -> bytes:
        try:
            return super().write(level, what, session)
        except Exception as error:
            if level not in self.levels or self.words not in str(error):
                raise
            raise RuntimeError(self.other) from None


@breaks("ENCODE-03")
class SocketsAreNotTold(Physical, _Words):
    words, other = "socket", "this plan cannot be encoded"


@breaks("ENCODE-04", "ENCODE-08")
class LocksAreNotTold(Physical, _Words):
    words, other = "_thread.lock", "the_held_one cannot be encoded"


@breaks("ENCODE-08")
class OneOfTwoIsEnough(Physical, _Drops):
    """What can be inlined is, the rest leaves by name."""

    words = "_thread.lock"

    def write(self, level: str, what: Any, session: Any) -> bytes:
        two = level in self.levels and "held(" in str(what.display_indent())
        return super().write(level, what, session) if two else self.encode(what, session)


class _Refuses(Leveled):
    """What the released engine lets leave by name, is an error that says little."""

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        if level not in self.levels or frames(data) or is_strict(session):
            return data
        raise RuntimeError("not inlined")


@breaks("ENCODE-01", "ENCODE-04", "ENCODE-05")
class ExpressionsGiveNoReason(_Refuses):
    levels = ("expression",)


@breaks("ENCODE-02", "ENCODE-04", "ENCODE-05")
class LogicalPlansGiveNoReason(Logical, _Refuses):
    pass


@breaks("ENCODE-08")
class HalfInlineExpressionsGiveNoReason(Leveled):
    """Otherwise than the released engine, which lets them leave."""

    levels = ("expression",)

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        if level in self.levels and b"held" in data and len(frames(data)) == 1:
            raise RuntimeError("one of them is not inlined")
        return data


@breaks("ENCODE-05")
class ExitsAreInterrupts(Physical):
    """While pickling."""

    def write(self, level: str, what: Any, session: Any) -> bytes:
        try:
            return super().write(level, what, session)
        except Exception as error:
            if level in self.levels and "SystemExit" in str(error):
                raise KeyboardInterrupt from None
            raise


@breaks("ENCODE-06")
class ExitsAreInterruptsOnArrival(Leveled):
    levels = ("logical", "physical")

    def read(self, level: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(level, data, session)
        except Exception as error:
            if level in self.levels and "SystemExit" in str(error):
                raise KeyboardInterrupt from None
            raise


@breaks("ENCODE-06")
class InterruptedPlansAreNone(Physical):
    def read(self, level: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(level, data, session)
        except Exception as error:
            if level in self.levels and "KeyboardInterrupt" in str(error):
                return None
            raise


class _Remembers(Leveled):
    """What could not be inlined once, goes by name for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: list[Any] = []

    def write(self, level: str, what: Any, session: Any) -> bytes:
        if any(what is one for one in self.failed):
            return self.encode(what, STRICT)
        data = super().write(level, what, session)
        if level in self.levels and not frames(data) and not is_strict(session):
            self.failed.append(what)
        return data


@breaks("ENCODE-09")
class FailedExpressionsGoByName(_Remembers):
    levels = ("expression",)


@breaks("ENCODE-09")
class FailedLogicalPlansGoByName(Logical, _Remembers):
    pass


@breaks("ENCODE-09")
class FailedFunctionsStayStale(Physical):
    """Once a window or an aggregate UDF has failed, the plan is an error for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: list[Any] = []

    def write(self, level: str, what: Any, session: Any) -> bytes:
        try:
            if any(what is one for one in self.failed):
                raise RuntimeError("cannot pickle, as before")
            data = super().write(level, what, session)
        except Exception:
            if level in self.levels:
                self.failed.append(what)
            raise
        scalar = not {AGGREGATE, WINDOW} & {one.data[:7] for one in frames(data)}
        return data if scalar else super().write(level, what, session)


class _Pickles(Leveled):
    """Strict sessions ask for the pickler, though they do not need it."""

    def write(self, level: str, what: Any, session: Any) -> bytes:
        if level in self.levels and is_strict(session):
            importlib.import_module("cloudpickle")
        return super().write(level, what, session)


@breaks("ENCODE-10")
class StrictLogicalPlansNeedThePickler(Logical, _Pickles):
    pass


@breaks("ENCODE-10")
class StrictPhysicalPlansNeedThePickler(Physical, _Pickles):
    pass


@breaks("ENCODE-10")
class StrictNamesTellOfThePickler(Leveled):
    """By name, but otherwise where there is no pickler."""

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        missing = sys.modules.get("cloudpickle", ...) is None
        return data + b"\xf8\x3f\x00" if missing and is_strict(session) else data
