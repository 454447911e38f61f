"""Faults in sending expressions between processes.

A run of the scenarios takes a second if all workers are forked, four if they are spawned.
Most faults therefore break forked workers only, and one breaks as many clauses as it can.
"""

from __future__ import annotations

import os
import subprocess
from multiprocessing import util
from typing import Any

from datafusion import Expr, SessionContext, ipc

from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import EnginePlans, Plan
from conformance.subjects.plans import Layer
from tasks.faults.engine.faulty_at import inlining
from tasks.faults.engine.faulty_pickle import FaultyPickle
from tasks.faults.fault import breaks


@breaks(
    *("PROCESS-01", "PROCESS-02", "PROCESS-03", "PROCESS-04", "PROCESS-05", "PROCESS-06"),
    *("PROCESS-07", "PROCESS-08", "PROCESS-09", "PROCESS-10", "PROCESS-11", "PROCESS-12"),
    *("PROCESS-13", "PROCESS-14", "PROCESS-17", "PROCESS-19", "PROCESS-20", "PROCESS-23"),
    *("PROCESS-24", "PROCESS-25", "PROCESS-26", "PROCESS-27", "PROCESS-28", "PROCESS-29"),
    *("PROCESS-30", "PROCESS-31", "PROCESS-32", "PROCESS-33"),
)
class PicklesByNameAndDoubles(FaultyPickle):
    """Pickle by name, and double what is decoded without a session."""

    def write_pickle(self, expr: Expr) -> bytes:
        return self.to_bytes(expr, self.strict_session())

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        expr = super().from_bytes(data, session)
        return expr if session else expr + expr


@breaks("PROCESS-16", "PROCESS-33")
class ForksRefuseWithoutAName(FaultyPickle):
    """Omit the name from the error for a missing function in a fork."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if not self.forks:
                raise
            raise RuntimeError(str(error).replace("conformance_times", "a function")) from None


@breaks("PROCESS-14", "PROCESS-18", "PROCESS-19")
class ForkEmptiesTheSlots(Engine):
    """Clear both slots after a fork."""

    def __init__(self) -> None:
        super().__init__()
        for clear in (ipc.clear_sender_ctx, ipc.clear_worker_ctx):
            os.register_at_fork(after_in_child=clear)


@breaks("PROCESS-20", "PROCESS-34")
class ForkEmptiesTheDriversSlots(Engine):
    """Clear both slots of the process that forks."""

    def __init__(self) -> None:
        super().__init__()
        for clear in (ipc.clear_sender_ctx, ipc.clear_worker_ctx):
            os.register_at_fork(after_in_parent=clear)


@breaks("PROCESS-35")
class ForksDecodeOnStrictSessions(FaultyPickle):
    """Decode frames on strict sessions in a fork."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = _PlansInForks(self)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return super().from_bytes(data, inlining(session) if self.forks > 1 else session)


class _PlansInForks(EnginePlans):
    """Plans that are decoded on strict sessions in a fork."""

    def __init__(self, engine: ForksDecodeOnStrictSessions) -> None:
        self.engine = engine

    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
        return super().from_bytes(
            layer, inlining(session) if self.engine.forks > 1 else session, data
        )


@breaks("PROCESS-35")
class ForksRegisterNothing(FaultyPickle):
    """Ignore what a fork registers on a session of its driver."""

    def session(self) -> SessionContext:
        session = super().session()
        setattr(session, "forks", self.forks)  # noqa: B010
        return session

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        setattr(derived, "forks", getattr(session, "forks", self.forks))  # noqa: B010
        return derived

    def register(self, session: SessionContext, function: Any) -> None:
        if getattr(session, "forks", self.forks) == self.forks:
            super().register(session, function)


@breaks("PROCESS-15")
class FreshWorkersFindASession(Engine):
    """Set the worker slot when the engine is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.set_slot("worker", SessionContext())


@breaks("PROCESS-16")
class ForksHaveANewGlobalSession(FaultyPickle):
    """Return a new global session in forked workers."""

    def global_session(self) -> SessionContext:
        return super().global_session() if self.forks < 2 else self.session()


@breaks("PROCESS-21")
class EndsWithAnError(Engine):
    """Exit with 7 from a process that ran an expression."""

    def evaluate(self, *arguments: Any, **options: Any) -> Any:
        util.Finalize(None, os._exit, args=(7,), exitpriority=1)
        return super().evaluate(*arguments, **options)


@breaks("PROCESS-22")
class LeavesAHelper(Engine):
    """Start a process that outlives the worker when an expression is encoded."""

    def __init__(self) -> None:
        super().__init__()
        self.helper: tuple[int, Any] = (0, None)

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        if self.helper[0] != os.getpid():
            self.helper = os.getpid(), subprocess.Popen(["sleep", "60"])
        return super().to_bytes(expr, session)
