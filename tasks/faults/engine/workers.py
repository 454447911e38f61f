"""Engines with which workers refuse, die, share and hand on otherwise than they should."""

from __future__ import annotations

import os
from typing import Any

from datafusion import Expr, SessionContext

from tasks.faults.engine.faulty_pickle import FaultyPickle
from tasks.faults.fault import breaks


@breaks("WORKER-01", "WORKER-02", "WORKER-04", "WORKER-05", "WORKER-06", "WORKER-09", "WORKER-10")
class PicklesByName(FaultyPickle):
    """Whatever the sender slot says: nothing is refused, and nothing acts while it is decoded."""

    def write_pickle(self, expr: Expr) -> bytes:
        return self.to_bytes(expr, self.strict_session())


@breaks("WORKER-01", "WORKER-02")
class TakesInlineWhatIsRefused(FaultyPickle):
    def read_pickle(self, data: bytes) -> Expr:
        try:
            return super().read_pickle(data)
        except RuntimeError as error:
            slot = self.get_slot("worker")
            if slot is None or "inlining is disabled" not in str(error):
                raise
            return self.from_bytes(data, self.with_inlining(slot, True))


@breaks("WORKER-02", "WORKER-06")
class DiesOfAnError(FaultyPickle):
    """What cannot be decoded ends the process."""

    def read_pickle(self, data: bytes) -> Expr:
        try:
            return super().read_pickle(data)
        except RuntimeError:
            os._exit(3)


@breaks("WORKER-03")
class MissesWithoutAName(FaultyPickle):
    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            raise RuntimeError(str(error).replace("conformance_times", "a function")) from None


@breaks("WORKER-06")
class InterruptsGoThrough(FaultyPickle):
    """What is no ``Exception`` ends a worker that takes care of exceptions only."""

    def read_pickle(self, data: bytes) -> Expr:
        try:
            return super().read_pickle(data)
        except RuntimeError as error:
            if "KeyboardInterrupt" in str(error):
                raise KeyboardInterrupt from None
            raise


@breaks("WORKER-07", "WORKER-09", "WORKER-10")
class RunsNothingInAFork(FaultyPickle):
    def evaluate(self, *arguments: Any, **options: Any) -> Any:
        if self.forks > 1:
            raise RuntimeError("no threads")
        return super().evaluate(*arguments, **options)


@breaks("WORKER-08")
class EncodesNothingAfterAQuery(FaultyPickle):
    """In a fork of a process that ran one."""

    def __init__(self) -> None:
        super().__init__()
        self.ran = 0

    def evaluate(self, *arguments: Any, **options: Any) -> Any:
        self.ran = os.getpid()
        return super().evaluate(*arguments, **options)

    def write_pickle(self, expr: Expr) -> bytes:
        if self.ran not in (0, os.getpid()):
            raise RuntimeError("the runtime has no threads here")
        return super().write_pickle(expr)


@breaks("WORKER-08")
class KeepsNoWindows(FaultyPickle):
    """Only windows, and only in a forked worker."""

    def write_pickle(self, expr: Expr) -> bytes:
        data = super().write_pickle(expr)
        if self.forks > 1 and b"DFPYUDW" in data:
            raise RuntimeError("a window function has no place here")
        return data


@breaks("WORKER-09")
class EncodesEachTextOnce(FaultyPickle):
    """Expressions that look the same are the same."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[str, bytes] = {}

    def write_pickle(self, expr: Expr) -> bytes:
        return self.written.setdefault(str(expr), super().write_pickle(expr))


@breaks("WORKER-10")
class HandsOnByName(FaultyPickle):
    """What came inline."""

    def __init__(self) -> None:
        super().__init__()
        self.came: set[str] = set()

    def read_pickle(self, data: bytes) -> Expr:
        expr = super().read_pickle(data)
        self.came.add(str(expr))
        return expr

    def write_pickle(self, expr: Expr) -> bytes:
        return (
            self.to_bytes(expr, self.strict_session())
            if str(expr) in self.came
            else super().write_pickle(expr)
        )
