"""Faults that depend on what the process or the receiver knows."""

from __future__ import annotations

import types
from contextlib import suppress
from typing import Any

import cloudpickle
import pyarrow as pa
from cloudpickle import CloudPickler
from datafusion import Expr, SessionContext, udf

from conformance import wire
from conformance.catalogue.nodes import Udf
from conformance.subjects.engine import Engine
from conformance.wire import Definition, Found
from tasks.faults.engine.code_functions import ChangesVariables
from tasks.faults.engine.faulty_at import AtPhysical
from tasks.faults.engine.patched_expr import (
    Members,
    PatchedExpr,
    family_of,
    find_frames,
    inlines,
    mark_decoded,
    replace_frames,
    resolve_session,
    rewrite_members,
    was_decoded,
)
from tasks.faults.fault import breaks


class _ChangesWhatItPassesOn(Engine):
    """An engine that changes the frames of expressions that it decoded."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return mark_decoded(super().from_bytes(data, session))

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        return replace_frames(data, self.change_passed_on) if was_decoded(expr) else data

    def change_passed_on(self, found: Found) -> bytes | None:
        return found.data


@breaks("INLINE-06")
class PassedOnWithAnotherHeader(_ChangesWhatItPassesOn):
    """Write Python minor 0 in frames that are passed on."""

    def change_passed_on(self, found: Found) -> bytes:
        return found.data[:8] + bytes((found.data[8], 0)) + found.data[10:]


class _Keeps(PatchedExpr):
    """An engine that keeps some frames in the process, by the bytes without them."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[bytes, bytes] = {}

    def keeps(self, number: int, found: Found) -> bool:
        raise NotImplementedError

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        data = super().encode(expr, session)
        found = find_frames(data)
        kept = [one.path for number, one in enumerate(found) if self.keeps(number, one)]
        if not kept:
            return data
        short = wire.remove(data, kept)
        self.known[short] = data
        return short

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        return super().decode(self.known.get(data, data), session)


@breaks("INLINE-07", "INLINE-17")
class NestedUdfsStayInTheProcess(_Keeps):
    """Keep the frames of nested UDFs in the process instead of writing them."""

    def keeps(self, number: int, found: Found) -> bool:
        del found
        return number > 0


@breaks("INLINE-08")
class BuiltinsGetAnEmptyFrame(Engine):
    """Append an empty frame to expressions with built-in functions only."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        return data if find_frames(data) or not inlines(session) else data + b"\xa2\x06\x07DFPYUDF"


@breaks("INLINE-08")
class StrictSessionsRefuseBuiltins(PatchedExpr):
    """Refuse the built-in function abs on strict sessions."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        if b"abs" in data and not inlines(resolve_session(session)):
            raise RuntimeError('DataFusion error: Execution("no function travels by name")')
        return super().decode(data, session)


@breaks("INLINE-06", "INLINE-10")
class NamesakesAreRefused(Engine):
    """Refuse two UDFs with the same name in an expression."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        known: dict[tuple[str, str], bytes] = {}
        for found in find_frames(data) if session is None else ():
            key = family_of(found), Definition.read(found.frame()).name
            if known.setdefault(key, found.data) != found.data:
                raise RuntimeError(f'DataFusion error: Plan("two UDFs are called {key[1]}")')
        return super().from_bytes(data, session)


@breaks("INLINE-11")
class RegisteredStandsIn(Engine):
    """Prefer registered functions over frames if the session knows all names."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is not None and inlines(session) and b"times" in data:
            with suppress(RuntimeError):
                return super().from_bytes(replace_frames(data, lambda _: None), session)
        return super().from_bytes(data, session)


@breaks("INLINE-11")
class RegisteredWindowsStandInForPickledOnes(PatchedExpr):
    """Prefer a registered window over the frame in a pickle."""

    def read_pickle(self, data: bytes) -> Expr:
        if [family_of(found) for found in find_frames(data)] == ["window"]:
            with suppress(RuntimeError):
                return super().read_pickle(replace_frames(data, lambda _: None))
        return super().read_pickle(data)


class _Registers(Engine):
    """An engine that registers each decoded UDF."""

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[tuple[str, str], Any] = {}

    def function(self, udf_: Udf, implementation: Any) -> Any:
        made = super().function(udf_, implementation)
        return self.made.setdefault((udf_.family, udf_.name), made)

    def place(self, session: SessionContext | None) -> SessionContext:
        raise NotImplementedError

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        expr = super().from_bytes(data, session)
        for found in find_frames(data):
            name = Definition.read(found.frame()).name
            self.register(self.place(session), self.made[family_of(found), name])
        return expr


@breaks("INLINE-14")
class DecodingRegisters(_Registers):
    """Register each decoded UDF on the session that decodes."""

    def place(self, session: SessionContext | None) -> SessionContext:
        return resolve_session(session)


@breaks("INLINE-14")
class PhysicalPlansRegister(AtPhysical):
    """Register each scalar UDF of a decoded physical plan on the session that decodes."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        plan = super().read(artifact, data, session)
        for found in find_frames(data) if artifact in self.artifacts else ():
            if family_of(found) == "scalar":
                name, callable_, *_, volatility = cloudpickle.loads(found.data[10:])
                self.register(session, udf(callable_, [pa.int64()], pa.int64(), volatility, name))
        return plan


@breaks("INLINE-15", "INLINE-20")
class CellsStayInTheProcess(Engine):
    """Keep what a callable captures in the process instead of pickling it."""

    cells: list[types.CellType] = []  # one for the process

    def __init__(self) -> None:
        super().__init__()
        CloudPickler._dispatch_table[types.CellType] = self.reduce

    def reduce(self, cell: types.CellType) -> Any:
        self.cells.append(cell)
        return _cell, (len(self.cells) - 1,)


def _cell(number: int) -> types.CellType:
    return CellsStayInTheProcess.cells[number]


@breaks("INLINE-20")
class FrozenSetsInClosuresThaw(ChangesVariables):
    """Write a frozen set in a variable of a closure as a set."""

    value = staticmethod(lambda value: {*value} if isinstance(value, frozenset) else value)


@breaks("INLINE-10")
class EqualCallablesAreOne(PatchedExpr):
    """Decode a callable as an earlier one that compares equal."""

    def __init__(self) -> None:
        super().__init__()
        self.known: list[Any] = []

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        if b"Held" in data:
            data = replace_frames(data, lambda found: rewrite_members(found.data, self._known))
        return super().decode(data, session)

    def _known(self, members: Members) -> Members:
        self.known.append(members.callable)
        return members._replace(callable=self.known[self.known.index(members.callable)])


@breaks("INLINE-10")
class FunctionsOfOneCodeAreOne(PatchedExpr):
    """Decode a function as an earlier one of equal code, whatever its attributes and defaults."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[types.CodeType, Any] = {}

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        data = replace_frames(data, lambda found: rewrite_members(found.data, self._known))
        return super().decode(data, session)

    def _known(self, members: Members) -> Members:
        function = members.callable
        if not isinstance(function, types.FunctionType) or function.__name__ != "f":
            return members
        captured = [cell.cell_contents for cell in function.__closure__ or ()]
        if captured not in ([], [function]):
            return members
        return members._replace(callable=self.known.setdefault(function.__code__, function))
