"""The optional part of the interface for plans."""

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

        The data files of the query are written to ``folder``.
        """

    def to_bytes(self, plan: Plan, session: Any | None = None) -> bytes:
        """Encode the plan, without a session by the default codec."""

    def from_bytes(self, layer: Layer, session: Any, data: bytes) -> Plan:
        """Decode the plan in ``data`` by ``session``."""

    def to_proto(self, plan: Plan) -> bytes:
        """Do as ``to_bytes``, by its older name."""

    def from_proto(self, layer: Layer, session: Any, data: bytes) -> Plan:
        """Do as ``from_bytes``, by its older name."""

    def execute(self, session: Any, plan: Plan) -> pa.Table:
        """Return the rows of all partitions of ``plan``."""

    def display(self, plan: Plan) -> str:
        """Return a text of the plan; equal plans have equal texts."""
