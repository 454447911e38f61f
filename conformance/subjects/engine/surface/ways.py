"""Turn the rows of the table into ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from operator import methodcaller
from types import CodeType
from typing import Any, cast

from conformance.catalogue.nodes import Family
from conformance.subjects.engine.surface.table import Row, read_ways
from conformance.subjects.plans import Layer
from conformance.subjects.surface import Way

_PLANS: Mapping[str, tuple[Layer, Callable[[Any], Any]]] = {
    "logical plan": ("logical", methodcaller("logical_plan")),
    "optimized plan": ("logical", methodcaller("optimized_logical_plan")),
    "physical plan": ("physical", methodcaller("execution_plan")),
}
_FRAMES = ("frames", "sessions")
"""The groups of plans whose code makes a data frame."""

_GIVEN = {"decode": "data", "copy": "expr"}
"""The name by which the code uses what ``Way.make`` gets."""


def table_ways(version: str) -> Mapping[str, Way]:
    """Return the ways of the table that the engine of this version has, by name."""
    rows = [row for row in read_ways() if row.is_in(version)]
    return {name: way for row in rows for name, way in _ways(row)}


def _ways(row: Row) -> Iterator[tuple[str, Way]]:
    """Yield the way of a row by its code; a data frame has a way for each of its plans."""
    fields = dict(row.fields)
    if "gives" in fields:
        fields["gives"] = [None if value == "null" else value for value in fields["gives"]]
    make = partial(evaluate, compile(row.code, f"<{row.group}>", "eval"), _GIVEN.get(row.kind))
    aggregate = row.family == "aggregate" and not row.rows
    family = cast("Family", row.family)
    way = Way(row.kind, row.group, row.code, make, family, aggregate=aggregate, **fields)
    name = row.code if family == "scalar" else f"{row.code} ({family})"
    if row.kind != "plan" or row.group not in _FRAMES:
        yield name, way
        return
    for plan, (layer, take) in _PLANS.items():
        yield f"{plan} of {name}", replace(way, layer=layer, make=partial(_take, take, make))


def evaluate(code: CodeType, given: str | None, names: Mapping[str, Any], *what: Any) -> Any:
    """Return the value of the code of a way; ``given`` is the name of what it gets."""
    return eval(code, {**names, **({given: what[0]} if given else {})})


def _take(plan_of: Callable[[Any], Any], make: Callable[..., Any], names: Any) -> Any:
    return plan_of(make(names))
