"""The optional part of the interface for SQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from conformance.subjects.plans import Layer


class SqlParser(Protocol):
    """The SQL of an implementation."""

    def expression(self, text: str, batch: pa.RecordBatch, functions: Iterable[Any]) -> Any:
        """Return the expression ``text`` over columns of ``batch``; it may call ``functions``."""

    def plan(self, session: Any, layer: Layer, text: str, functions: Iterable[Any]) -> Any:
        """Return the plan of the query ``text`` on ``session``; it may call ``functions``."""
