"""The interface of an implementation with plans, beside ``Subject``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from conformance.catalogue.nodes import Udf
    from conformance.catalogue.query import Query

Layer = Literal["logical", "physical"]
Plan = Any


class Plans(Protocol):
    """Logical and physical plans of an implementation."""

    def plan(
        self, session: Any, layer: Layer, query: Query, functions: Mapping[Udf, Any], folder: Path
    ) -> Plan:
        """Return the plan of ``query`` on ``session``.

        Files that its source needs go into ``folder``.
        """

    def to_bytes(self, plan: Plan, session: Any | None = None) -> bytes:
        """Return the plan as bytes; without a session, by the default codec."""

    def from_bytes(self, layer: Layer, session: Any, data: bytes) -> Plan:
        """Return the plan in ``data``, decoded by ``session``."""

    def to_proto(self, plan: Plan) -> bytes:
        """Return the older name of ``to_bytes``."""

    def from_proto(self, layer: Layer, session: Any, data: bytes) -> Plan:
        """Return the older name of ``from_bytes``."""

    def execute(self, session: Any, plan: Plan) -> pa.Table:
        """Every row of every partition of ``plan``."""

    def display(self, plan: Plan) -> str:
        """Return a text of the plan, equal for equal plans."""
