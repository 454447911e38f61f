"""Faults in workers: refusals, exits, sharing and passing on."""

from __future__ import annotations

import os
from typing import Any

from datafusion import Expr, SessionContext

from tasks.faults.engine.faulty_pickle import FaultyPickle
from tasks.faults.fault import breaks


@breaks("WORKER-01", "WORKER-02", "WORKER-04", "WORKER-05", "WORKER-06", "WORKER-09", "WORKER-10")
class PicklesByName(FaultyPickle):
    """Pickle by name, whatever the sender slot holds."""

    def write_pickle(self, expr: Expr) -> bytes:
        return self.to_bytes(expr, self.strict_session())


@breaks("WORKER-01", "WORKER-02")
class TakesInlineWhatIsRefused(FaultyPickle):
    """Decode a pickle inline if the worker slot's session refuses it."""

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
    """Exit the process if a pickle cannot be decoded."""

    def read_pickle(self, data: bytes) -> Expr:
        try:
            return super().read_pickle(data)
        except RuntimeError:
            os._exit(3)


@breaks("WORKER-03")
class MissesWithoutAName(FaultyPickle):
    """Omit the name from the error for a missing function."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            raise RuntimeError(str(error).replace("conformance_times", "a function")) from None


@breaks("WORKER-06")
class InterruptsGoThrough(FaultyPickle):
    """Raise a KeyboardInterrupt in a worker if decoding is interrupted."""

    def read_pickle(self, data: bytes) -> Expr:
        try:
            return super().read_pickle(data)
        except RuntimeError as error:
            if "KeyboardInterrupt" in str(error):
                raise KeyboardInterrupt from None
            raise


@breaks("WORKER-07", "WORKER-09", "WORKER-10")
class RunsNothingInAFork(FaultyPickle):
    """Raise an error when an expression is evaluated in a forked worker."""

    def evaluate(self, *arguments: Any, **options: Any) -> Any:
        if self.forks > 1:
            raise RuntimeError("no threads")
        return super().evaluate(*arguments, **options)


@breaks("WORKER-08")
class EncodesNothingAfterAQuery(FaultyPickle):
    """Raise an error when a fork of a process that ran a query encodes."""

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
    """Raise an error when a forked worker encodes a window."""

    def write_pickle(self, expr: Expr) -> bytes:
        data = super().write_pickle(expr)
        if self.forks > 1 and b"DFPYUDW" in data:
            raise RuntimeError("a window function has no place here")
        return data


@breaks("WORKER-09")
class EncodesEachTextOnce(FaultyPickle):
    """Cache written bytes by the expression's text."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[str, bytes] = {}

    def write_pickle(self, expr: Expr) -> bytes:
        return self.written.setdefault(str(expr), super().write_pickle(expr))


@breaks("WORKER-10")
class HandsOnByName(FaultyPickle):
    """Write an expression that came as a pickle by name."""

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
