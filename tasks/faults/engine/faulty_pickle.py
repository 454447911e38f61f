"""The base class of faults between processes: an engine with hooks for pickled expressions."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine


def decode_pickle(data: bytes) -> Expr:
    """Decode as the receiving process does. cloudpickle would pickle a method by value."""
    expr: Expr = Expr._reconstruct(data)
    return expr


class FaultyPickle(Engine):
    """An engine that writes pickles by ``write_pickle`` and reads them by ``read_pickle``.

    ``forks`` counts the forks between the process that opened the engine and this one: 1 in
    the driver of the scenarios, 2 in a worker that it forks, 0 in a process that was spawned.
    """

    def __init__(self) -> None:
        super().__init__()
        self.forks = 0
        os.register_at_fork(after_in_child=self.count_fork)

        def __reduce__(expr: Expr) -> tuple[Callable[[bytes], Expr], tuple[bytes]]:  # noqa: N807
            return decode_pickle, (self.write_pickle(expr),)

        def _reconstruct(_: type[Expr], data: bytes) -> Expr:
            return self.read_pickle(data)

        released: Any = Expr
        released.__reduce__, released._reconstruct = __reduce__, classmethod(_reconstruct)

    def count_fork(self) -> None:
        self.forks += 1

    def write_pickle(self, expr: Expr) -> bytes:
        return self.to_bytes(expr, self.get_slot("sender"))

    def read_pickle(self, data: bytes) -> Expr:
        return self.from_bytes(data)

    def strict_session(self) -> SessionContext:
        return self.with_inlining(self.session(), False)
