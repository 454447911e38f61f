"""Faults in workers: refusals, exits, sharing and passing on."""

from __future__ import annotations

import threading
from typing import Any

from datafusion import Expr, SessionContext

from tasks.faults.engine.faulty_pickle import FaultyPickle
from tasks.faults.fault import breaks


@breaks("WORKER-01", "WORKER-02", "WORKER-04", "WORKER-05", "WORKER-06", "WORKER-09", "WORKER-10")
class PicklesByName(FaultyPickle):
    """Pickle by name, whatever the sender slot holds."""

    def write_pickle(self, expr: Expr) -> bytes:
        return self.to_bytes(expr, self.strict_session())


@breaks("WORKER-03")
class MissesWithoutAName(FaultyPickle):
    """Omit the name from the error for a missing function."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            raise RuntimeError(str(error).replace("conformance_times", "a function")) from None


@breaks("WORKER-07", "WORKER-09", "WORKER-10")
class RunsNothingInAFork(FaultyPickle):
    """Raise an error when an expression is evaluated in a forked worker."""

    def evaluate(self, *arguments: Any, **options: Any) -> Any:
        if self.forks > 1:
            raise RuntimeError("no threads")
        return super().evaluate(*arguments, **options)


@breaks("WORKER-08")
class KeepsNoWindows(FaultyPickle):
    """Raise an error when a forked worker encodes a window."""

    def write_pickle(self, expr: Expr) -> bytes:
        data = super().write_pickle(expr)
        if self.forks > 1 and b"DFPYUDW" in data:
            raise RuntimeError("a window function has no place here")
        return data


@breaks("WORKER-11")
class ForksInheritALockedDecoder(FaultyPickle):
    """Decode under a lock that a fork copies as it is. Give up where it stays locked."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.RLock()

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if not self.lock.acquire(timeout=0.2 if self.forks > 1 else 60):
            raise RuntimeError("the decoder is locked")
        try:
            return super().from_bytes(data, session)
        finally:
            self.lock.release()
