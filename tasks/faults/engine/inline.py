"""Faults in the results and names of decoded expressions."""

from __future__ import annotations

import pickle
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from conformance.wire import Found
from tasks.faults.engine.patched_expr import (
    Members,
    PatchedExpr,
    family_of,
    find_frames,
    inlines,
    patch_expr,
    replace_frames,
    rewrite_members,
)
from tasks.faults.fault import breaks


@breaks("INLINE-01")
class OneFrameForAllOfAFamily(Engine):
    """Decode each UDF as the last one of its family if a session is given."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is not None and inlines(session):
            last = {family_of(found): found.data for found in find_frames(data)}
            data = replace_frames(data, lambda found: last[family_of(found)])
        return super().from_bytes(data, session)


class _Reads(Engine):
    """An engine that decodes aggregates with changed members if a session is given."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is not None and inlines(session):
            data = replace_frames(data, self._read)
        return super().from_bytes(data, session)

    def _read(self, found: Found) -> bytes:
        return (
            rewrite_members(found.data, self.read)
            if family_of(found) == "aggregate"
            else found.data
        )

    def read(self, members: Members) -> Members:
        return members


@breaks("INLINE-01")
class StatesAreNotMerged(_Reads):
    """Decode aggregates that ignore the states they should merge."""

    def read(self, members: Members) -> Members:
        def factory() -> Any:
            accumulator = members.callable()
            accumulator.merge = lambda _states: None
            return accumulator

        return members._replace(callable=factory)


@breaks("INLINE-01", "INLINE-06")
class KeywordDefaultsAreLost(Engine):
    """Drop the defaults of keyword arguments."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        def bare(found: Found) -> bytes:
            if b"keyword" not in found.data:
                return found.data
            return rewrite_members(found.data, self.bare)

        return replace_frames(super().to_bytes(expr, session), bare)

    def bare(self, members: Members) -> Members:
        members.callable.__kwdefaults__ = None
        return members


@breaks("INLINE-02")
class OldPickleProtocolsAreRefused(Engine):
    """Refuse pickle protocols below 2."""

    def __init__(self) -> None:
        super().__init__()
        by_default = Expr.__reduce_ex__

        def reduce_ex(expr: Expr, protocol: Any) -> Any:
            if protocol < 2:
                raise pickle.PicklingError("cannot pickle an expression by an old protocol")
            return by_default(expr, protocol)

        patch_expr("__reduce_ex__", reduce_ex)


@breaks("INLINE-02")
class PicklesAreKeptByText(PatchedExpr):
    """Cache unpickled expressions by their text."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Expr] = {}
        patch_expr("__copy__", lambda expr: self.decode(self.encode(expr, None), None))
        patch_expr("__deepcopy__", lambda expr, _: self.decode(self.encode(expr, None), None))

    def read_pickle(self, data: bytes) -> Expr:
        again = super().read_pickle(data)
        return self.known.setdefault(str(again), again)


@breaks("INLINE-03")
class CopiesGoByName(PatchedExpr):
    """Write copies by name."""

    def __init__(self) -> None:
        super().__init__()
        strict = SessionContext().with_python_udf_inlining(enabled=False)
        patch_expr("__copy__", lambda expr: self.decode(self.encode(expr, strict), None))


@breaks("INLINE-04")
class DeepCopiesOfAggregatesForgetTheirOrder(PatchedExpr):
    """Drop the ORDER BY of an aggregate in a deep copy."""

    def __init__(self) -> None:
        super().__init__()

        def deep(expr: Expr, _memo: Any) -> Expr:
            again = self.decode(self.encode(expr, None), None)
            return again.rex_call_operands()[0] if "ORDER BY" in str(expr) else again

        patch_expr("__deepcopy__", deep)


@breaks("INLINE-05")
class AliasesAreLost(Engine):
    """Drop the outermost alias of a decoded expression."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        expr = super().from_bytes(data, session)
        return expr.rex_call_operands()[0] if expr.variant_name() == "Alias" else expr


@breaks("INLINE-05")
class NestedCallsAreNamed(Engine):
    """Add an alias to a decoded expression with two scalar UDFs."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        expr = super().from_bytes(data, session)
        several = [family_of(found) for found in find_frames(data)] == ["scalar", "scalar"]
        return expr.alias(str(expr)) if several else expr


@breaks("INLINE-09")
class WindowsAreNamedAfterTheirClasses(Engine):
    """Name each window UDF f."""

    def function_name(self, function: Any) -> str:
        name = super().function_name(function)
        return "f" if type(function).__name__ == "WindowUDF" else name


@breaks("INLINE-09")
class NamesAreQuoted(Engine):
    """Quote names that are no identifiers."""

    def function_name(self, function: Any) -> str:
        name = super().function_name(function)
        return name if name.isidentifier() else '"{}"'.format(name.replace('"', '""'))
