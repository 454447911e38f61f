"""Engines whose errors say the same in other words.

The words that a clause fixes are kept, each as a whole; their order, and what is between and
behind them, is another. What the engine's Python classes raise themselves is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from datafusion import Expr, SessionContext

from conformance.subjects.engine.plans import EnginePlans, Plan
from conformance.subjects.plans import Layer
from tasks.variants.engine import OtherBytes

_REWORDS = (
    (
        r"Refusing to deserialize inline Python (\w+ UDF) '(.*?)': Python UDF inlining is "
        r"disabled on this session\..*?did not produce\.",
        r"Here is an inline Python \1 with a risk: enable inlining on this receiver, or "
        r"re-encode with inlining disabled. Then it travels by name, if you register '\2' on this "
        r"receiver. It is UDF '\2', and inlining is disabled on this session",
    ),
    (
        r"serialized on Python (\S+) but this process is running Python (\S+\.) cloudpickle",
        r"serialized on Python \1,running Python \2(so there) and pickles",
    ),
    (r"payload wire-format version (v\d+;) this build", r"payload! It is wire-format version \1it"),
    (r"Truncated inline (Python \w+ UDF payload): (missing .*? byte)", r"\2, \1, Truncated"),
    (
        r"Truncated extension codec payload: (missing [\w ]+|codec id shorter[\w ]+)",
        r"\1: Truncated extension codec payload",
    ),
    (
        r"was encoded by extension codec '(.*?)', which is not installed",
        r"was encoded by extension codec. It is extension codec '\1', one which is not installed",
    ),
)


@contextmanager
def _reworded() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        text = str(error)
        for pattern, replacement in _REWORDS:
            text = re.sub(pattern, replacement, text, flags=re.DOTALL)
        raise type(error)(f"{text}\n(this was the error)") from error


class _Plans(EnginePlans):
    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
        with _reworded():
            return super().from_bytes(layer, session, data)


class OtherWords(OtherBytes):
    """Raise errors in other words around those that the clauses fix."""

    leaves_out: ClassVar[tuple[str, ...]] = ("REFUSAL",)

    def __init__(self) -> None:
        super().__init__()
        self.plans = _Plans()

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        with _reworded():
            return super().from_bytes(data, session)
