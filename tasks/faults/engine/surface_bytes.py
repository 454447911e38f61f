"""Faults in plans that are made, and in calls that encode, decode or copy, in one public way."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from datafusion import DataFrame, ExecutionPlan, Expr, LogicalPlan, SessionContext

from tasks.faults.engine.patched_expr import WINDOW_TAG
from tasks.faults.engine.surface import (
    Patched,
    is_marked,
    mark,
    patch_encoding,
    replace,
    strict,
    wrap,
)
from tasks.faults.fault import breaks

_DECODE = Expr.from_bytes.__func__  # type: ignore[attr-defined]
_DISTINCT = b"\x60\x01"
"""The field of a call over a window that is DISTINCT."""
_WRITE: Mapping[Any, Any] = {class_: class_.to_bytes for class_ in (LogicalPlan, ExecutionPlan)}
_READ: Mapping[Any, Any] = {class_: class_.from_bytes for class_ in (LogicalPlan, ExecutionPlan)}


def _patch_plans(class_: Any, session_of: Any) -> None:
    """Encode plans of a class with the session that ``session_of`` returns."""
    replace(class_, "to_bytes", lambda self, ctx=None: _WRITE[class_](self, session_of(self, ctx)))


def _patch_decoding(session_of: Any) -> None:
    """Decode expressions with the session that ``session_of`` returns."""

    def from_bytes(cls: Any, *arguments: Any, **named: Any) -> Expr:
        buf, ctx = (*arguments, *named.values(), None)[:2]
        expr: Expr = _DECODE(cls, buf, session_of(cls, buf, ctx, named))
        return expr

    replace(Expr, "from_bytes", classmethod(from_bytes))


@breaks("SURFACE-10", "SURFACE-12")
class OptimizedPlansForgetStrict(Patched):
    """Write an optimized plan inline, whatever the session says."""

    def patch(self) -> None:
        wrap(DataFrame, "optimized_logical_plan", mark)
        _patch_plans(LogicalPlan, lambda plan, ctx: None if is_marked(plan) else ctx)


@breaks("SURFACE-10")
class InputsForgetStrict(Patched):
    """Write the inputs of a plan inline, whatever the session says."""

    def patch(self) -> None:
        wrap(LogicalPlan, "inputs", lambda inputs, _: [mark(one) for one in inputs])
        _patch_plans(LogicalPlan, lambda plan, ctx: None if is_marked(plan) else ctx)


@breaks("SURFACE-08", "SURFACE-09", "SURFACE-11")
class ChildrenLeaveByName(Patched):
    """Write the children of a physical plan by name."""

    def patch(self) -> None:
        wrap(ExecutionPlan, "children", lambda children, _: [mark(one) for one in children])
        _patch_plans(ExecutionPlan, lambda plan, ctx: strict() if is_marked(plan) else ctx)


@breaks("SURFACE-08", "SURFACE-09", "SURFACE-11")
class ViewsLeaveByName(Patched):
    """Write a plan that reads a view by name."""

    def patch(self) -> None:
        wrap(SessionContext, "table", mark)
        wrap(DataFrame, "logical_plan", lambda plan, df: mark(plan) if is_marked(df) else plan)
        _patch_plans(LogicalPlan, lambda plan, ctx: strict() if is_marked(plan) else ctx)


@breaks("SURFACE-09")
class LimitsAreLost(Patched):
    """Decode a plan without its outermost LIMIT."""

    def patch(self) -> None:
        def from_bytes(ctx: SessionContext, data: bytes) -> LogicalPlan:
            plan: LogicalPlan = _READ[LogicalPlan](ctx, data)
            return plan.inputs()[0] if str(plan).startswith("Limit") else plan

        replace(LogicalPlan, "from_bytes", staticmethod(from_bytes))


@breaks("SURFACE-11")
class UnionsAreDecodedOnStrictSessions(Patched):
    """Decode a physical plan of several frames inline on a strict session."""

    def patch(self) -> None:
        def from_bytes(ctx: SessionContext, data: bytes) -> ExecutionPlan:
            session = SessionContext() if data.count(b"DFPYUDF") > 1 else ctx
            plan: ExecutionPlan = _READ[ExecutionPlan](session, data)
            return plan

        replace(ExecutionPlan, "from_bytes", staticmethod(from_bytes))


@breaks("SURFACE-06", "SURFACE-12")
class SubclassedExpressionsForgetStrict(Patched):
    """Encode an expression of a subclass by the default codec."""

    def patch(self) -> None:
        patch_encoding(lambda expr, ctx: ctx if type(expr) is Expr else None)


@breaks("SURFACE-13", "SURFACE-14")
class SubclassesDoNotDecode(Patched):
    """Refuse to decode expressions through a subclass."""

    def patch(self) -> None:
        def session_of(cls: Any, _buf: bytes, ctx: Any, _named: Any) -> Any:
            if cls is not Expr:
                raise ValueError(f"{cls.__name__} cannot be decoded")
            return ctx

        _patch_decoding(session_of)


@breaks("SURFACE-12")
class FalseSessionsDoNotEncode(Patched):
    """Ignore a session that is false when an expression is encoded."""

    def patch(self) -> None:
        patch_encoding(lambda _, ctx: ctx or None)


@breaks("SURFACE-14")
class FalseSessionsDoNotDecode(Patched):
    """Ignore a session that is false when an expression is decoded."""

    def patch(self) -> None:
        _patch_decoding(lambda _cls, _buf, ctx, _named: ctx or None)


@breaks("SURFACE-05")
class WindowsAreNotDistinct(Patched):
    """Decode a call over a window without its DISTINCT."""

    def patch(self) -> None:
        def from_bytes(cls: Any, buf: bytes, ctx: SessionContext | None = None) -> Expr:
            if buf.startswith(WINDOW_TAG):
                buf = buf.replace(_DISTINCT, b"\x60\x00")
            expr: Expr = _DECODE(cls, buf, ctx)
            return expr

        replace(Expr, "from_bytes", classmethod(from_bytes))


@breaks("SURFACE-14")
class OldNamesForgetStrict(Patched):
    """Decode inline with ``from_proto`` on a strict session."""

    def patch(self) -> None:
        def from_proto(ctx: SessionContext, data: bytes) -> Any:
            del ctx
            return _READ[LogicalPlan](SessionContext(), data)

        replace(LogicalPlan, "from_proto", staticmethod(from_proto))


@breaks("SURFACE-15")
class CopiesShareTheirUdf(Patched):
    """Copy an expression without its bytes, so that the copy has the very callable."""

    def patch(self) -> None:
        vars(copy)["_copy_dispatch"][Expr] = lambda expr: Expr(expr.expr)


@breaks("SURFACE-19")
class TablesGetAnInliningSession(Patched):
    """Give a table that is registered an inlining session."""

    def patch(self) -> None:
        register = SessionContext.register_table

        def register_table(self: SessionContext, name: str, table: Any) -> None:
            given = hasattr(table, "__datafusion_table_provider__")
            session = self.with_python_udf_inlining(enabled=True) if given else self
            register(session, name, table)

        replace(SessionContext, "register_table", register_table)


class _TurnsOn(Patched):
    """An engine in which ``method`` turns inlining on in its session."""

    method: str

    def patch(self) -> None:
        def turn_on(made: Any, session: SessionContext, *_: Any, **__: Any) -> Any:
            session.ctx = session.with_python_udf_inlining(enabled=True).ctx
            return made

        wrap(SessionContext, self.method, turn_on)


@breaks("SURFACE-20")
class RefreshedSessionsInline(_TurnsOn):
    """Turn inlining on in a session whose catalogs are refreshed."""

    method = "refresh_catalogs"


@breaks("SURFACE-20")
class SessionsThatReadFilesInline(_TurnsOn):
    """Turn inlining on in a session that reads a Parquet file."""

    method = "read_parquet"


@breaks("SURFACE-20")
class SessionsThatTakeArrowInline(_TurnsOn):
    """Turn inlining on in a session that makes a data frame of an Arrow table."""

    method = "from_arrow"
