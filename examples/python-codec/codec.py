"""A codec for expressions that writes, checks and reads every frame itself.

datafusion writes and reads the protobuf around the frames, and never sees a callable's pickle:
in its frames a ``Handle`` travels, whose pickle is a number that means something in this
process alone.
"""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable
from typing import Any

import cloudpickle
import frames
from datafusion import Expr, SessionContext
from frames import MAGIC, CodecError, Definition
from messages import Call, Change, Malformed, replace_definitions


class Session:
    """A session of the engine, and whether this codec inlines on it."""

    def __init__(self, context: SessionContext | None = None, inlining: bool = True) -> None:
        self.context = SessionContext() if context is None else context
        self.inlining = inlining

    def with_python_udf_inlining(self, *, enabled: bool) -> Session:
        """Return a session that shares all registrations, and inlines or is strict."""
        return Session(self.context.with_python_udf_inlining(enabled=enabled), enabled)


class Handle:
    """A callable that the engine calls and cannot pickle."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *arguments: Any) -> Any:
        """Call the function."""
        return self.function(*arguments)

    def __reduce__(self) -> Any:
        """Return what takes the handle again, once, in this process."""
        number = next(_numbers)
        _sent[number] = self
        return take_handle, (number,)


_numbers = itertools.count()
_sent: dict[int, Handle] = {}


def take_handle(number: int) -> Handle:
    """Return the handle of a number."""
    return _sent.pop(number)


def to_bytes(expr: Expr, session: Session) -> bytes:
    """Encode an expression: each UDF inline, or by name on a strict session."""
    return _replace(expr.to_bytes(session.context), _write)


def from_bytes(data: bytes, session: Session) -> Expr:
    """Decode an expression; raise ``CodecError`` for what this session refuses."""

    def read(call: Call) -> bytes | None:
        if call.definition.startswith(b"DFPYCHN"):
            return call.definition  # an envelope: the engine refuses it without codecs
        if not call.definition.startswith(MAGIC[call.family]):
            return None  # no frame of a UDF of this kind: the registry decides
        udf = frames.read(call.family, call.name, call.definition, inlining=session.inlining)
        content = (udf.name, Handle(udf.function), *udf.schemas, udf.volatility)
        payload: bytes = cloudpickle.dumps(content)
        return MAGIC[call.family] + bytes((1, *frames.PYTHON)) + payload

    return Expr.from_bytes(_replace(data, read), session.context)


def _write(call: Call) -> bytes:
    """Return the frame of this codec for a frame of the engine."""
    name, handle, *schemas, volatility = pickle.loads(call.definition[len(MAGIC["scalar"]) + 3 :])
    return frames.write(call.family, Definition(name, handle.function, tuple(schemas), volatility))


def _replace(data: bytes, change: Change) -> bytes:
    try:
        return replace_definitions(data, change)
    except (Malformed, RecursionError) as error:
        raise CodecError(f"no expression that can be read: {error}") from error
