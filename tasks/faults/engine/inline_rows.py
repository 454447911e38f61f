"""Faults in what a decoded UDF does with rows and errors, and in what takes its place."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import cloudpickle
import pyarrow as pa
from datafusion import Expr, SessionContext

from conformance import wire
from conformance.wire import Found
from tasks.faults.engine.patched_expr import (
    PatchedExpr,
    find_frames,
    replace_frames,
    rewrite_members,
)
from tasks.faults.fault import breaks


class Wraps(PatchedExpr):
    """An engine that wraps the callable of each UDF of a family that it writes."""

    magic = b"DFPYUDF"
    wrap: Callable[[Any], Any]

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        return replace_frames(super().encode(expr, session), self._wrap)

    def _wrap(self, found: Found) -> bytes:
        if not found.data.startswith(self.magic):
            return found.data
        wrap = type(self).wrap
        return rewrite_members(
            found.data, lambda members: members._replace(callable=wrap(members.callable))
        )


def _null_where(*errors: type[Exception]) -> Callable[[Any], Any]:
    """Return what makes, of a function, one that returns nulls where it raises an error."""

    def wrap(inner: Any) -> Any:
        def f(*columns: Any) -> Any:
            try:
                return inner(*columns)
            except errors:
                return pa.nulls(len(columns[0]), pa.int64())

        return f

    return wrap


@breaks("INLINE-25", "INLINE-27")
class ErrorsBecomeNulls(Wraps):
    """Return nulls where a decoded UDF raises an error."""

    wrap = staticmethod(_null_where(ValueError))


@breaks("INLINE-25", "INLINE-27")
class ArithmeticErrorsBecomeNulls(Wraps):
    """Return nulls where a decoded UDF divides by zero, or ends an iteration."""

    wrap = staticmethod(_null_where(ArithmeticError, StopIteration))


def _from_the_first_flag(inner: Any) -> Any:
    def whole(column: Any) -> Any:
        if not isinstance(column, pa.BooleanArray):
            return column
        return pa.Array.from_buffers(column.type, len(column), column.buffers())

    return lambda *columns: inner(*map(whole, columns))


@breaks("INLINE-25", "INLINE-32")
class FlagsLoseTheirOffset(Wraps):
    """Give a decoded UDF a slice of flags from the start of its buffer."""

    wrap = staticmethod(_from_the_first_flag)


def _without_nan(inner: Any) -> Any:
    def f(*columns: Any) -> Any:
        result = inner(*columns)
        if isinstance(result, pa.DoubleArray):
            return pa.array(result.to_pylist(), from_pandas=True)
        return result

    return f


@breaks("INLINE-25", "INLINE-32")
class NoNumberIsNull(Wraps):
    """Take a NaN that a decoded UDF returns for a null."""

    wrap = staticmethod(_without_nan)


def _remembers(inner: Any) -> Any:
    known: dict[int, Any] = {}

    def f(*columns: Any) -> Any:
        return known.setdefault(len(columns[0]), inner(*columns)) if columns else inner()

    return f


@breaks(
    "INLINE-01",
    "INLINE-02",
    "INLINE-03",
    "INLINE-04",
    "INLINE-06",
    "INLINE-15",
    "INLINE-25",
    "INLINE-28",
)
class RemembersResultsByLength(Wraps):
    """Return the result of an earlier batch of the same length."""

    wrap = staticmethod(_remembers)


def _made_again(inner: Any) -> Any:
    payload = cloudpickle.dumps(inner)
    return lambda *columns: cloudpickle.loads(payload)(*columns)


@breaks("INLINE-01", "INLINE-25")
class EachBatchHasItsOwnCallable(Wraps):
    """Unpickle a scalar UDF for each batch, so that it forgets what it kept."""

    wrap = staticmethod(_made_again)


def _only_ten_times(inner: Any) -> Any:
    calls = itertools.count()

    def f(*columns: Any) -> Any:
        result = inner(*columns)
        return result if next(calls) < 10 else pa.nulls(len(result), result.type)

    return f


@breaks("INLINE-25", "INLINE-28")
class EleventhCallsAreNulls(Wraps):
    """Return nulls from the eleventh call of a decoded UDF on."""

    wrap = staticmethod(_only_ten_times)


@breaks("INLINE-21", "INLINE-24")
class ANamesakeStandsIn(PatchedExpr):
    """Use a registered UDF of the same name where a frame cannot be decoded."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        try:
            return super().decode(data, session)
        except Exception as error:
            if not self.stands_in(str(error)) or not (found := find_frames(data)):
                raise
            return super().decode(wire.remove(data, [one.path for one in found]), session)

    def stands_in(self, message: str) -> bool:
        return "Refusing" not in message


@breaks("INLINE-24")
class ANamesakeStandsInForAnError(ANamesakeStandsIn):
    """Use a registered UDF of the same name where a callable raises an error as it is unpickled."""

    def stands_in(self, message: str) -> bool:
        return re.search(r"\b(Key|Type|Value)Error\b", message) is not None


@breaks("INLINE-02", "INLINE-03", "INLINE-04", "INLINE-11", "INLINE-25", "INLINE-26")
class PicklesHoldOneExpression(PatchedExpr):
    """Write the same bytes for expressions of the same text that are pickled after each other."""

    def __init__(self) -> None:
        super().__init__()
        self.last = ("", b"")

    def write_pickle(self, expr: Expr) -> bytes:
        if self.last[0] != str(expr):
            self.last = str(expr), super().write_pickle(expr)
        return self.last[1]
