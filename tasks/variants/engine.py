"""The base of all variants: an engine with a hook wherever its libraries write bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

import cloudpickle
from datafusion import ExecutionPlan, Expr, LogicalPlan

from conformance.subjects.engine import Engine
from tasks.variants.writing import Writing

_dumps: Callable[..., bytes] = cloudpickle.dumps


class OtherBytes(Writing, Engine):
    """An engine that writes what it always writes, until a subclass changes it.

    Variants can be combined: a class of several changes the bytes as each of them does.
    """

    protocol: ClassVar[int | None] = None
    """The pickle protocol of payloads; ``None`` for cloudpickle's own."""

    def __init__(self) -> None:
        super().__init__()
        cloudpickle.dumps = self.dump
        for owner in (Expr, LogicalPlan, ExecutionPlan):
            self._wrap(owner)

    def _wrap(self, owner: type) -> None:
        encode: Callable[..., bytes] = vars(owner)["to_bytes"]

        @wraps(encode)
        def to_bytes(*arguments: Any, **named: Any) -> bytes:
            return self.message(encode(*arguments, **named))

        setattr(owner, "to_bytes", to_bytes)  # noqa: B010 - mypy knows that a type has none

    def dump(self, value: Any, protocol: int | None = None, buffer_callback: Any = None) -> bytes:
        """Return what cloudpickle writes for ``value``, as ever where the caller says how."""
        if protocol is not None or buffer_callback is not None:
            return _dumps(value, protocol, buffer_callback)
        return self.pickled(_dumps(self.payload(value), protocol=self.protocol))

    def payload(self, value: Any) -> Any:
        """Return the value to pickle: for a frame, the tuple of its payload."""
        return value

    def pickled(self, data: bytes) -> bytes:
        """Return another pickle of the same value."""
        return data
