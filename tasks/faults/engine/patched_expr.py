"""An engine whose own ``Expr`` goes another way: pickle, copy and closures go it, too."""

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

_ENCODE, _DECODE = Expr.to_bytes, Expr.from_bytes
_INT = pa.int64()


class PatchedExpr(Engine):
    """An engine that writes by ``encode`` and reads by ``decode``, whoever asks for it.

    What is pickled or copied is written by ``pickled`` and read by ``unpickled``.
    """

    def __init__(self) -> None:
        super().__init__()
        patch_expr("to_bytes", lambda expr, ctx=None: self.encode(expr, ctx))
        patch_expr("from_bytes", staticmethod(lambda data, ctx=None: self.decode(data, ctx)))
        patch_expr("__reduce__", lambda expr: (Expr._reconstruct, (self.write_pickle(expr),)))
        # Pickled as the engine's own is, by its name.
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


class RewordsRefusals(PatchedExpr):
    """An engine whose refusals of inline frames ``say`` something else, on every way."""

    def reword(self, text: str) -> str:
        return text

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        try:
            return super().decode(data, session)
        except RuntimeError as error:
            if "Refusing" not in str(error):
                raise
            raise RuntimeError(self.reword(str(error))) from None


class KnowsUnpicklable(PatchedExpr):
    """An engine that knows the names of the UDFs that cannot be pickled."""

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
    """Gives ``Expr`` a method; a fault has its process for itself."""
    setattr(Expr, method, function)


def mark_decoded(expr: Any) -> Expr:
    """The expression, which ``came`` knows from then on."""
    expr.came = True
    marked_: Expr = expr
    return marked_


def was_decoded(expr: Expr) -> bool:
    """Whether the expression was ``marked``."""
    return hasattr(expr, "came")


def inlines(session: SessionContext | None) -> bool:
    """Whether ``session`` inlines, or the default codec does."""
    probe = udf(lambda a: a, [_INT], _INT, "immutable", "probe")(Expr.column("a"))
    return b"DFPYUDF" in _ENCODE(probe, session)


def resolve_session(session: SessionContext | None) -> SessionContext:
    """The session that decodes where ``session`` is given."""
    decider: SessionContext = ipc._resolve_ctx(session)
    return decider


def find_frames(data: bytes) -> Sequence[Found]:
    """The frames in ``data``, none where it cannot be read."""
    try:
        return wire.find(data)
    except wire.WireError:
        return []


def family_of(found: Found) -> str:
    """The family of the frame that was found, or ``""``."""
    magic = wire.frame.FAMILIES.get(found.data[:7])
    return magic.name.lower() if magic else ""


class Members(NamedTuple):
    """What the tuples of all families have in common: the schemas are IPC streams, in order."""

    name: str
    callable: Any
    schemas: Sequence[bytes]
    volatility: str


def rewrite_members(frame: bytes, change: Callable[[Members], Members]) -> bytes:
    """The frame with other members; where it cannot be unpickled, the frame as it is."""
    try:
        name, callable_, *schemas, volatility = cloudpickle.loads(frame[10:])
    except Exception:  # noqa: BLE001 - it is for the engine to say what is wrong with a payload
        return frame
    new = change(Members(name, callable_, schemas, volatility))
    payload: bytes = cloudpickle.dumps((new.name, new.callable, *new.schemas, new.volatility))
    return frame[:10] + payload


def replace_frames(data: bytes, change: Callable[[Found], bytes | None]) -> bytes:
    """``data`` with other frames; ``None`` takes one out, so that its call goes by name."""
    if not (changed := {found.path: change(found) for found in find_frames(data)}):
        return data  # perhaps nothing that can be read at all
    data = wire.replace(data, {path: new for path, new in changed.items() if new is not None})
    return wire.remove(data, [path for path, new in changed.items() if new is None])


def write_stream(schema: pa.Schema) -> bytes:
    """The schema as an IPC stream."""
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, schema).close()
    return bytes(sink.getvalue())
