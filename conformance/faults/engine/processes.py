"""Engines that forget their slots on the way between processes, or whose workers die.

Each costs a run of a chapter, with all its drivers and workers.
"""

from __future__ import annotations

import os
from typing import Any

from datafusion import Expr, SessionContext, ipc

from conformance.faults.fault import breaks
from conformance.subjects.engine import Engine


@breaks("PROCESS-04", "PROCESS-05", "PROCESS-08", "PROCESS-11", "PROCESS-20", "PROCESS-28")
class PicklesPastTheSenderSlot(Engine):
    def __init__(self) -> None:
        super().__init__()
        Expr.__reduce__ = lambda expr: (Expr._reconstruct, (expr.to_bytes(SessionContext()),))  # type: ignore[method-assign, assignment]


@breaks(
    "PROCESS-04",
    "PROCESS-06",
    "PROCESS-07",
    "PROCESS-08",
    "PROCESS-12",
    "PROCESS-13",
    "PROCESS-14",
    "PROCESS-17",
    "PROCESS-26",
    "PROCESS-31",
    "PROCESS-33",
)
class GlobalSessionComesFirst(Engine):
    def __init__(self) -> None:
        super().__init__()
        Expr._reconstruct = staticmethod(self.from_bytes)  # type: ignore[method-assign, assignment]

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session or self.global_session())
        except RuntimeError:
            return super().from_bytes(data, session)


@breaks("PROCESS-14", "PROCESS-18", "PROCESS-19")
class ForkEmptiesTheSlots(Engine):
    def __init__(self) -> None:
        super().__init__()
        for clear in (ipc.clear_sender_ctx, ipc.clear_worker_ctx):
            os.register_at_fork(after_in_child=clear)


@breaks("PROCESS-15")
class FreshWorkersFindASession(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.set_slot("worker", SessionContext())


@breaks("WORKER-02", "WORKER-03", "WORKER-04", "WORKER-06")
class DiesOfAnError(Engine):
    """What cannot be decoded ends the process."""

    def __init__(self) -> None:
        super().__init__()
        Expr._reconstruct = staticmethod(self.from_bytes)  # type: ignore[method-assign, assignment]

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError:
            os._exit(3)


@breaks("WORKER-07", "WORKER-09", "WORKER-10")
class RunsNothingInAFork(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.forks = 0
        os.register_at_fork(after_in_child=self.forked)

    def forked(self) -> None:
        self.forks += 1

    def evaluate(self, *arguments: Any, **options: Any) -> Any:
        if self.forks > 1:  # the driver is a fork itself
            raise RuntimeError("no threads")
        return super().evaluate(*arguments, **options)
