"""Faults in tasks on Ray and Dask clusters.

Each fault needs a cluster of its own. The released engine decodes the arguments of a task
until something has opened the subject in that process.
"""

from __future__ import annotations

import subprocess

from datafusion import Expr, SessionContext

from conformance import wire
from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty_pickle import FaultyPickle
from tasks.faults.fault import breaks


@breaks(
    *("RAY-01", "RAY-02", "RAY-04", "RAY-05", "RAY-07", "RAY-08", "RAY-09", "RAY-10"),
    *("DASK-01", "DASK-06", "DASK-07", "DASK-11", "DASK-12", "DASK-13"),
)
class PicklesByName(FaultyPickle):
    """Pickle by name, whatever the sender slot holds."""

    def write_pickle(self, expr: Expr) -> bytes:
        return self.to_bytes(expr, self.strict_session())


@breaks(
    *("RAY-03", "RAY-06", "RAY-07", "RAY-09"),
    *("DASK-02", "DASK-05", "DASK-08", "DASK-11"),
)
class PicklesInline(FaultyPickle):
    """Pickle inline, whatever the sender slot holds."""

    def write_pickle(self, expr: Expr) -> bytes:
        return self.to_bytes(expr, self.session())


@breaks("RAY-05", "RAY-06", "RAY-07", "RAY-09", "DASK-08", "DASK-09")
class ErrorsSayNothing(FaultyPickle):
    """Replace the message of each error in decoding."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError:
            raise RuntimeError("cannot decode") from None


@breaks("RAY-04", "RAY-05", "RAY-07", "RAY-09", "DASK-06", "DASK-07")
class NamesComeFirst(FaultyPickle):
    """Resolve pickled calls by name if the worker slot's session knows the name."""

    def read_pickle(self, data: bytes) -> Expr:
        try:
            return super().read_pickle(wire.remove(data, [found.path for found in wire.find(data)]))
        except RuntimeError:
            return super().read_pickle(data)


@breaks("RAY-04", "RAY-09", "DASK-03", "DASK-04", "DASK-06")
class AnySessionIsStrict(FaultyPickle):
    """Decode as if the session in the worker slot were strict."""

    def read_pickle(self, data: bytes) -> Expr:
        slot = self.get_slot("worker")
        return self.from_bytes(data, slot and self.with_inlining(slot, False))


@breaks("DASK-09", "DASK-10")
class BytesAreByName(Engine):
    """Write bytes by name, whatever the session."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        return super().to_bytes(expr, self.with_inlining(session or self.session(), False))


@breaks("RAY-11", "DASK-14")
class LeavesAHelper(Engine):
    """Start a process that outlives the task in each process with the engine."""

    def __init__(self) -> None:
        super().__init__()
        self.helper = subprocess.Popen(["sleep", "120"], start_new_session=True)
