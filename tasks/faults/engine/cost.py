"""Faults in the time and memory that encoding and decoding take."""

from __future__ import annotations

from mmap import mmap
from typing import Any
from weakref import WeakSet

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import EnginePlans
from conformance.subjects.plans import Layer
from tasks.faults.engine.patched_expr import find_frames
from tasks.faults.fault import breaks

MAGIC = b"DFPYUD"


def _scan_for_each_frame(data: bytes) -> None:
    """Look through all bytes once for each frame in them, from the 50th frame on."""
    for _ in range(50, data.count(MAGIC)):
        for family in b"FAW":
            data.count(MAGIC + bytes([family]))


def _copy_rest_for_each_block(data: bytes) -> None:
    """Copy the rest of each payload once for each KiB of it."""
    for found in find_frames(data):
        for start in range(0, len(found.data), 1024):
            bytes(memoryview(found.data)[start:])


@breaks("COST-01")
class ScansForEachFrameOnDecode(Engine):
    """Look through all bytes again for each frame that is decoded."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        _scan_for_each_frame(data)
        return super().from_bytes(data, session)


@breaks("COST-01")
class CopiesTheRestForEachField(Engine):
    """Copy the rest of a message with one frame for each of its fields, at least every 16 bytes."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if data.count(MAGIC) == 1:
            for start in range(0, len(data), 16):
                bytes(memoryview(data)[start:])
        return super().from_bytes(data, session)


@breaks("COST-02")
class ScansForEachFrameOnEncode(Engine):
    """Look through all bytes again for each frame that is encoded."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        _scan_for_each_frame(data)
        return data


class _ScanningPlans(EnginePlans):
    """Plans whose bytes are looked through again for each frame."""

    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Any:
        _scan_for_each_frame(data)
        return super().from_bytes(layer, session, data)


@breaks("COST-03")
class ScansForEachFrameInPlans(Engine):
    """Look through all bytes of a plan again for each frame in it."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = _ScanningPlans()


@breaks("COST-04")
class CopiesTheRestOfAPayloadOnDecode(Engine):
    """Read a payload by blocks, and copy what is left after each."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        _copy_rest_for_each_block(data)
        return super().from_bytes(data, session)


@breaks("COST-04")
class CopiesTheRestOfAPayloadOnEncode(Engine):
    """Write a payload by blocks, and copy what is left after each."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        _copy_rest_for_each_block(data)
        return data


@breaks("COST-05")
class DecodesAgainAtEachLevel(Engine):
    """Decode the inner calls again at each level of nesting."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        paths = [found.path for found in find_frames(data)]
        levels = max(map(len, paths), default=0) - min(map(len, paths), default=0)
        for _ in range(levels):
            super().from_bytes(data, session)
        return super().from_bytes(data, session)


@breaks("COST-06", "COST-13")
class ComparesWithAllDecodedBefore(Engine):
    """Keep the bytes of every decode, and compare them with those of the next ones."""

    def __init__(self) -> None:
        super().__init__()
        self.known: list[bytes] = []

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if not any(known[-64:] == data[-64:] and known == data for known in self.known):
            self.known.append(data)
        return super().from_bytes(data, session)


@breaks("COST-07")
class ComparesWithAllRegistered(Engine):
    """Compare the name of a UDF with those of all registered before it."""

    def register(self, session: SessionContext, function: Any) -> None:
        names = vars(session).setdefault("names", [])
        if not any(name.casefold() == function.name.casefold() for name in names):
            names.append(function.name)
        super().register(session, function)


@breaks("COST-09")
class ComparesWithAllSessions(Engine):
    """Compare the id of a new session with those of all that are alive, several times."""

    def __init__(self) -> None:
        super().__init__()
        self.alive: WeakSet[SessionContext] = WeakSet()

    def session(self) -> SessionContext:
        session = super().session()
        ids = {other.session_id() for other in self.alive for _ in range(40)}
        assert session.session_id() not in ids
        self.alive.add(session)
        return session


@breaks("COST-10")
class ReservesAllForEachFrame(Engine):
    """Reserve a buffer of the size of the whole expression for each frame in it."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        buffers = [mmap(-1, len(data)) for _ in range(data.count(MAGIC))]
        expr = super().from_bytes(data, session)
        del buffers
        return expr


@breaks("COST-17")
class TrustsAfterAThousandRefusals(Engine):
    """Decode inline frames on a strict session after 1,000 refusals."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals = 0

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError:
            self.refusals += 1
            if self.refusals <= 1000 or session is None:
                raise
            return super().from_bytes(data, session.with_python_udf_inlining(enabled=True))
