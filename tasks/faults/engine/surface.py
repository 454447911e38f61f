"""Faults in UDFs and expressions that are made in one public way."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import datafusion
from datafusion import Expr, ScalarUDF, SessionContext
from datafusion.expr import ExprFuncBuilder
from datafusion.user_defined import Volatility

from conformance.subjects.engine import Engine
from tasks.faults.fault import breaks

_ENCODE = Expr.to_bytes
_DECODE = Expr.from_bytes.__func__  # type: ignore[attr-defined]


class Patched(Engine):
    """An engine whose classes are patched by ``patch``. Each fault has a process of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.patch()

    def patch(self) -> None:
        raise NotImplementedError


def replace(owner: Any, name: str, new: Any) -> None:
    """Set an attribute of a class, an object or a module of the engine."""
    setattr(owner, name, new)


def wrap(class_: type, name: str, change: Callable[..., Any]) -> None:
    """Replace a method; ``change`` gets what it returned, then its object and arguments."""
    method = getattr(class_, name)

    @functools.wraps(method)
    def wrapper(self: Any, *arguments: Any, **named: Any) -> Any:
        return change(method(self, *arguments, **named), self, *arguments, **named)

    setattr(class_, name, wrapper)


def patch_encoding(session_of: Callable[[Any, SessionContext | None], Any]) -> None:
    """Encode expressions with the session that ``session_of`` returns."""

    def to_bytes(self: Expr, ctx: SessionContext | None = None) -> bytes:
        data: bytes = _ENCODE(self, session_of(self, ctx))
        return data

    replace(Expr, "to_bytes", to_bytes)


def strict() -> SessionContext:
    """Return a strict session."""
    return SessionContext().with_python_udf_inlining(enabled=False)


def mark(thing: Any, *_: Any, **__: Any) -> Any:
    """Mark an object for ``is_marked``, and return it."""
    thing.marked = True
    return thing


def is_marked(thing: Any) -> bool:
    """Return whether ``mark`` was called with the object."""
    return hasattr(thing, "marked")


@breaks("SURFACE-01")
class NewMethod(Patched):
    """Add a method that encodes expressions in a way that no release has."""

    def patch(self) -> None:
        replace(Expr, "to_envelope", _ENCODE)


class _PatchedInit(Patched):
    """An engine whose scalar UDFs are made from changed arguments."""

    def patch(self) -> None:
        by_default = ScalarUDF.__init__

        def init(
            self_: Any,
            name: str,
            func: Any,
            input_fields: Any = None,
            return_field: Any = None,
            volatility: Any = None,
        ) -> None:
            changed = self.change(return_field, volatility)
            by_default(self_, name, func, input_fields, *changed)

        replace(ScalarUDF, "__init__", init)

    def change(self, field: Any, volatility: Any) -> Any:
        raise NotImplementedError


@breaks("SURFACE-02")
class FieldsLoseTheirMetadata(_PatchedInit):
    """Drop the metadata of a field that is given for the result."""

    def change(self, field: Any, volatility: Any) -> Any:
        return field.remove_metadata(), volatility


@breaks("SURFACE-02", "SURFACE-03")
class LookedUpUdfsLeaveByName(Patched):
    """Write calls of a UDF that was looked up on a session by name."""

    def patch(self) -> None:
        for name in ("udf", "udaf", "udwf"):
            wrap(SessionContext, name, mark)
        for class_ in (datafusion.ScalarUDF, datafusion.AggregateUDF, datafusion.WindowUDF):
            wrap(class_, "__call__", lambda expr, f, *_: mark(expr) if is_marked(f) else expr)
        patch_encoding(lambda expr, ctx: strict() if is_marked(expr) else ctx)


@breaks("SURFACE-04", "SURFACE-05")
class OperandsLeaveByName(Patched):
    """Write the operands of an expression by name."""

    def patch(self) -> None:
        wrap(Expr, "rex_call_operands", lambda operands, _: [mark(one) for one in operands])
        patch_encoding(lambda expr, ctx: strict() if is_marked(expr) else ctx)


@breaks("SURFACE-04", "SURFACE-05")
class ParsedExpressionsLeaveByName(Patched):
    """Write expressions that ``SessionContext.parse_sql_expr`` made by name."""

    def patch(self) -> None:
        wrap(SessionContext, "parse_sql_expr", mark)
        wrap(Expr, "__add__", lambda made, one, _: mark(made) if is_marked(one) else made)
        patch_encoding(lambda expr, ctx: strict() if is_marked(expr) else ctx)


@breaks("SURFACE-05")
class NullTreatmentIsLost(Patched):
    """Do not write the null treatment that a builder set."""

    def patch(self) -> None:
        def keep_plain(builder: Any, expr: Expr, *_: Any, **__: Any) -> Any:
            builder.plain = expr
            return builder

        def build(expr: Expr, builder: Any) -> Expr:
            replace(expr, "plain", getattr(builder, "plain", expr))
            return expr

        wrap(Expr, "null_treatment", keep_plain)
        wrap(ExprFuncBuilder, "build", build)

        def to_bytes(self: Any, ctx: SessionContext | None = None) -> bytes:
            data: bytes = _ENCODE(getattr(self, "plain", self), ctx)
            return data

        replace(Expr, "to_bytes", to_bytes)


@breaks("SURFACE-05")
class NegationIsLost(Patched):
    """Decode NOT BETWEEN as BETWEEN."""

    def patch(self) -> None:
        def from_bytes(cls: Any, buf: bytes, ctx: Any = None) -> Expr:
            expr: Expr = _DECODE(cls, buf, ctx)
            if expr.variant_name() == "Between" and (node := expr.to_variant()).negated():
                return Expr(node.expr()).between(Expr(node.low()), Expr(node.high()))
            return expr

        replace(Expr, "from_bytes", classmethod(from_bytes))


@breaks("SURFACE-06")
class InvertedExpressionsForgetStrict(Patched):
    """Write expressions that ``~`` made inline, whatever the session says."""

    def patch(self) -> None:
        wrap(Expr, "__invert__", mark)
        patch_encoding(lambda expr, ctx: None if is_marked(expr) else ctx)


@breaks("SURFACE-07")
class StableUdfsAreDecodedOnStrictSessions(Patched):
    """Decode stable UDFs inline on a strict session."""

    def patch(self) -> None:
        def from_bytes(cls: Any, buf: bytes, ctx: Any = None) -> Expr:
            stable = b"stable" in buf and ctx is not None
            expr: Expr = _DECODE(cls, buf, SessionContext() if stable else ctx)
            return expr

        replace(Expr, "from_bytes", classmethod(from_bytes))


@breaks("SURFACE-02")
class StableMembersAreVolatile(Patched):
    """Take the member Stable of the enumeration for Volatile."""

    def patch(self) -> None:
        replace(
            Volatility,
            "__str__",
            lambda self: "volatile" if self is Volatility.Stable else self.name.lower(),
        )


@breaks("SURFACE-16")
class OptimizedInterpretersWriteByName(Patched):
    """Write by name in an interpreter that optimizes."""

    def patch(self) -> None:
        patch_encoding(lambda _, ctx: strict() if sys.flags.optimize else ctx)


@breaks("SURFACE-02", "SURFACE-03", "SURFACE-06", "SURFACE-07", "SURFACE-17")
class KeywordsAreNotTaken(Patched):
    """Raise an error for a UDF that is made by keyword."""

    def patch(self) -> None:
        by_default = datafusion.udf

        def udf(*arguments: Any, **named: Any) -> Any:
            if not arguments:
                raise IndexError("tuple index out of range")
            return by_default(*arguments, **named)

        replace(datafusion, "udf", udf)


class _NotToggled(Patched):
    """An engine whose toggle does nothing on some sessions."""

    def patch(self) -> None:
        toggle = SessionContext.with_python_udf_inlining

        def with_python_udf_inlining(self: Any, *, enabled: bool) -> SessionContext:
            return toggle(self, enabled=enabled or self.is_left_out)

        replace(SessionContext, "with_python_udf_inlining", with_python_udf_inlining)


@breaks("SURFACE-18")
class SubclassesAreNotToggled(_NotToggled):
    """Ignore the toggle on a session of a subclass."""

    def patch(self) -> None:
        is_left_out = property(lambda self: type(self) is not SessionContext)
        replace(SessionContext, "is_left_out", is_left_out)
        super().patch()


@breaks("SURFACE-18")
class SessionsWithARuntimeAreNotToggled(_NotToggled):
    """Ignore the toggle on a session that was made with a runtime."""

    def patch(self) -> None:
        by_default = SessionContext.__init__

        def init(self: Any, config: Any = None, runtime: Any = None) -> None:
            by_default(self, config, runtime)
            self.is_left_out = runtime is not None

        replace(SessionContext, "is_left_out", False)
        replace(SessionContext, "__init__", init)
        super().patch()


@breaks("SURFACE-13")
class SubclassesDecodeAsExpressions(Patched):
    """Return no object of the subclass that decodes."""

    def patch(self) -> None:
        def from_bytes(cls: Any, buf: bytes, ctx: Any = None) -> Expr:
            del cls
            expr: Expr = _DECODE(Expr, buf, ctx)
            return expr

        replace(Expr, "from_bytes", classmethod(from_bytes))
