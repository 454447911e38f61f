"""The public surface of the installed engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import Any

from datafusion import SessionContext
from datafusion.user_defined import udaf, udf, udwf

from conformance.catalogue.nodes import Udf
from conformance.subjects.engine.surface.builtins import builtin_ways
from conformance.subjects.engine.surface.entry_points import entry_points
from conformance.subjects.engine.surface.recipes import make_names
from conformance.subjects.engine.surface.table import known_points
from conformance.subjects.engine.surface.ways import table_ways
from conformance.subjects.surface import Way

class EngineSurface:
    """An adapter from the table of entry points to ``Surface``."""

    def __init__(self) -> None:
        self.version = metadata.version("datafusion")

    def unknown(self) -> Sequence[str]:
        return sorted(entry_points().keys() - known_points(self.version).keys())

    def ways(self) -> Mapping[str, Way]:
        return {**table_ways(self.version), **builtin_ways(self.version)}

    def start(
        self, session: SessionContext, udf_: Udf, implementation: Callable[..., Any]
    ) -> Mapping[str, Any]:
        inputs, returns = list(udf_.inputs), udf_.returns
        volatility, name = udf_.volatility, udf_.name
        if udf_.family == "scalar":
            function = udf(implementation, inputs, returns, volatility, name)
            session.register_udf(function)
        elif udf_.family == "window":
            function = udwf(implementation, inputs, returns, volatility, name)
            session.register_udwf(function)
        else:
            function = udaf(implementation, inputs, returns, list(udf_.state), volatility, name)
            session.register_udaf(function)
        return make_names(session, udf_, function, implementation)
