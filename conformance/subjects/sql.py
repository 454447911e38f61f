"""The optional part of the interface for SQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

Stage = Literal["logical", "optimized", "physical"]
"""How far a query is planned: its logical plan, the optimized logical plan, the physical plan."""


class SqlParser(Protocol):
    """The SQL of an implementation."""

    def expression(self, text: str, batch: pa.RecordBatch, functions: Iterable[Any]) -> Any:
        """Return the expression ``text`` over columns of ``batch``; it may call ``functions``."""

    def plan(self, session: Any, stage: Stage, text: str, functions: Iterable[Any]) -> Any:
        """Return the plan of the query ``text`` on ``session``; it may call ``functions``."""
