"""Faults in resolving functions of FFI libraries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from datafusion import Expr, SessionContext

from conformance import wire
from conformance.catalogue.ffi import LIBRARIES, Library
from conformance.catalogue.nodes import Udf
from conformance.subjects.engine import Engine
from conformance.subjects.engine.ffi import EngineFfiLibraries
from tasks.faults.engine.faulty import Faulty
from tasks.faults.fault import breaks


@breaks("FFI-01")
class SenderMatters(Engine):
    """Write another expression if a session is given."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        return super().to_bytes(expr if session is None else expr.alias("sent"), session)


@breaks("FFI-03", "FFI-12", "THREAD-14")
class RefusesWithoutAName(Faulty):
    """Omit the name from the error for a missing function."""

    def __init__(self) -> None:
        Engine.__init__(self)

    rewords = [(r"function \w+", "function")]


@breaks("FFI-09")
class AnotherKindWillDo(Engine):
    """Decode a call if a UDF of any kind has the name of the missing function."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[SessionContext, set[str]] = {}

    def register(self, session: SessionContext, function: Any) -> None:
        super().register(session, function)
        self.names.setdefault(session, set()).add(function.name)

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        self.last = expr
        return super().to_bytes(expr, session)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except Exception as error:
            if session and any(name in str(error) for name in self.names.get(session, ())):
                return self.last
            raise


@breaks("FFI-12")
class NothingIsDeregistered(Engine):
    """Ignore deregistrations."""

    def deregister(self, session: SessionContext, function: Any) -> None:
        pass


@breaks("FFI-13")
class RegistersOnce(Engine):
    """Ignore a registration under a name that was deregistered before."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: list[tuple[SessionContext, str]] = []

    def deregister(self, session: SessionContext, function: Any) -> None:
        super().deregister(session, function)
        self.gone.append((session, function.name))

    def register(self, session: SessionContext, function: Any) -> None:
        if (session, function.name) not in self.gone:
            super().register(session, function)


@breaks("FFI-02", "FFI-04", "FFI-08", "FFI-10", "FFI-13", "FFI-15")
class ReversesRows(Engine):
    """Return the rows in reverse order."""

    def evaluate(self, *arguments: Any, **options: Any) -> pa.Array:
        values = super().evaluate(*arguments, **options)
        return values.take(pa.array(range(len(values))[::-1]))


@breaks("FFI-02", "FFI-12", "FFI-13", "FFI-15")
class StrictReceiversTakeNoNames(Engine):
    """Refuse bytes by name on strict sessions."""

    def __init__(self) -> None:
        super().__init__()
        self.strict: list[SessionContext] = []

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        if not enabled:
            self.strict.append(derived)
        return derived

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session in self.strict and not wire.find(data):
            raise RuntimeError(f"no names for a strict session: {data!r}")
        return super().from_bytes(data, session)


@breaks("FFI-11")
class IncompatibleLibrariesAllCount(Engine):
    """Return a working function for each one of an incompatible library."""

    def __init__(self) -> None:
        super().__init__()
        self.incompatible_libraries = _Counts([*LIBRARIES.values()])


class _Counts(EngineFfiLibraries):
    """An FFI library of which each function counts rows."""

    def functions(self, library: Library) -> Mapping[Udf, Any]:
        return {udf: SessionContext().udaf("count") for udf in library.udfs}
