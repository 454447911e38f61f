"""The base class of faults that patch ``Expr``, so that pickles, copies and closures have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NamedTuple

import cloudpickle
import pyarrow as pa
from datafusion import Expr, SessionContext, ipc, udf

from conformance import wire
from conformance.catalogue.nodes import Udf
from conformance.subjects.engine import Engine
from conformance.wire import Found
from tasks.faults.rewords import Rewords

_ENCODE, _DECODE = Expr.to_bytes, Expr.from_bytes
_INT = pa.int64()

WINDOW_TAG = b"\x92\x01"
"""The tag with which calls over a window begin."""


class PatchedExpr(Engine):
    """An engine whose ``Expr`` writes by ``encode`` and reads by ``decode``, whatever calls it.

    Pickles and copies are written by ``write_pickle`` and read by ``read_pickle``.
    """

    def __init__(self) -> None:
        super().__init__()
        patch_expr("to_bytes", lambda expr, ctx=None: self.encode(expr, ctx))
        patch_expr("from_bytes", staticmethod(lambda data, ctx=None: self.decode(data, ctx)))
        patch_expr("__reduce__", lambda expr: (Expr._reconstruct, (self.write_pickle(expr),)))
        # With the name of the engine's own method, by which it is pickled.
        reconstruct = wraps(Expr._reconstruct)(lambda data: self.read_pickle(data))
        patch_expr("_reconstruct", staticmethod(reconstruct))

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        data: bytes = _ENCODE(expr, session)
        return data

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        return _DECODE(data, session)

    def write_pickle(self, expr: Expr) -> bytes:
        return self.encode(expr, self.get_slot("sender"))

    def read_pickle(self, data: bytes) -> Expr:
        return self.decode(data, None)


class RewordsRefusals(Rewords, PatchedExpr):
    """An engine that rewords its refusals of inline frames, whatever calls it."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        try:
            return super().decode(data, session)
        except RuntimeError as error:
            if "Refusing" not in str(error):
                raise
            raise RuntimeError(self.reword(str(error))) from None


class KnowsUnpicklable(PatchedExpr):
    """An engine that records the names of the UDFs that cannot be pickled."""

    def __init__(self) -> None:
        super().__init__()
        self.unpicklable: list[str] = []

    def function(self, udf_: Udf, implementation: Any) -> Any:
        try:
            cloudpickle.dumps(implementation)
        except TypeError:
            self.unpicklable.append(udf_.name)
        return super().function(udf_, implementation)


def patch_expr(method: str, function: Any) -> None:
    """Set a method of ``Expr``. Each fault has a process of its own."""
    setattr(Expr, method, function)


def mark_decoded(expr: Any) -> Expr:
    """Mark ``expr`` as decoded, for ``was_decoded``, and return it."""
    expr.decoded = True
    marked: Expr = expr
    return marked


def was_decoded(expr: Expr) -> bool:
    """Return whether ``mark_decoded`` was called with the expression."""
    return hasattr(expr, "decoded")


def inlines(session: SessionContext | None) -> bool:
    """Return whether ``session``, or the default codec without one, inlines."""
    probe = udf(lambda a: a, [_INT], _INT, "immutable", "probe")(Expr.column("a"))
    return b"DFPYUDF" in _ENCODE(probe, session)


def is_one(session: SessionContext | None, other: SessionContext | None) -> bool:
    """Return whether both are handles of one session."""
    if session is None or other is None:
        return False
    return bool(session.session_id() == other.session_id())


def resolve_session(session: SessionContext | None) -> SessionContext:
    """Return the session that decodes: ``session``, the worker slot's or the global one."""
    resolved: SessionContext = ipc._resolve_ctx(session)
    return resolved


def find_frames(data: bytes) -> Sequence[Found]:
    """Return the frames in ``data``, none if it cannot be parsed."""
    try:
        return wire.find(data)
    except wire.WireError:
        return []


def family_of(found: Found) -> str:
    """Return the family of a frame, ``""`` if it has none."""
    magic = wire.frame.FAMILIES.get(found.data[:7])
    return magic.name.lower() if magic else ""


class Members(NamedTuple):
    """The members of a payload of any family. The schemas are IPC streams, in order."""

    name: str
    callable: Any
    schemas: Sequence[bytes]
    volatility: str


def rewrite_members(frame: bytes, change: Callable[[Members], Members]) -> bytes:
    """Return the frame with changed members, unchanged if it cannot be unpickled."""
    try:
        name, callable_, *schemas, volatility = cloudpickle.loads(frame[10:])
    except Exception:  # noqa: BLE001 - the engine reports what is wrong with a payload
        return frame
    new = change(Members(name, callable_, schemas, volatility))
    payload: bytes = cloudpickle.dumps((new.name, new.callable, *new.schemas, new.volatility))
    return frame[:10] + payload


def replace_frames(data: bytes, change: Callable[[Found], bytes | None]) -> bytes:
    """Return ``data`` with other frames. ``None`` removes one, so that its call is by name."""
    if not (changed := {found.path: change(found) for found in find_frames(data)}):
        return data  # it may not be readable at all
    data = wire.replace(data, {path: new for path, new in changed.items() if new is not None})
    return wire.remove(data, [path for path, new in changed.items() if new is None])


def write_stream(schema: pa.Schema) -> bytes:
    """Return the schema as an IPC stream."""
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, schema).close()
    return bytes(sink.getvalue())
