"""The public surface of the installed engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any

from datafusion import SessionContext

from conformance.catalogue.nodes import Udf
from conformance.subjects.engine.surface.builtins import builtin_ways
from conformance.subjects.engine.surface.entry_points import entry_points
from conformance.subjects.engine.surface.recipes import make_names
from conformance.subjects.engine.surface.table import known_points
from conformance.subjects.engine.surface.ways import table_ways
from conformance.subjects.surface import Way

if TYPE_CHECKING:
    from conformance.subjects.engine import Engine


class EngineSurface:
    """An adapter from the table of entry points to ``Surface``."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.version = metadata.version("datafusion")

    def unknown(self) -> Sequence[str]:
        return sorted(entry_points().keys() - known_points(self.version).keys())

    def ways(self) -> Mapping[str, Way]:
        return {**table_ways(self.version), **builtin_ways(self.version)}

    def start(
        self, session: SessionContext, udf: Udf, implementation: Callable[..., Any]
    ) -> Mapping[str, Any]:
        function = self.engine.function(udf, implementation)
        self.engine.register(session, function)
        return make_names(session, udf, function, implementation)
