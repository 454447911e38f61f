"""Engines whose expressions are pickled in other words than today's.

The function that a pickle names is promised by no clause. Left out, since the annotation of
``Expr.__reduce__`` promises it: that this function takes the bytes and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

from datafusion import Expr, ipc

from tasks.variants.engine import OtherBytes


def restore(data: bytes) -> Expr:
    """Return the expression in a pickle."""
    return Expr._reconstruct(data)


class OtherFunction(OtherBytes):
    """Pickle an expression as the call of another function."""

    def __init__(self) -> None:
        super().__init__()

        def reduce(expr: Expr) -> tuple[Callable[[bytes], Expr], tuple[bytes]]:
            return restore, (expr.to_bytes(ipc.get_sender_ctx()),)

        setattr(Expr, "__reduce__", reduce)  # noqa: B010 - mypy lets no method be assigned
