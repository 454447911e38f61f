"""Functions: UDFs as they are declared, registered and decoded, and the built-in ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from conformance.catalogue.nodes import Family, TypeOrField, Udf

KINDS: Mapping[Family, str] = {
    "scalar": "scalar UDF",
    "aggregate": "aggregate UDF",
    "window": "window UDF",
}
VOLATILITIES = ("immutable", "stable", "volatile")


@dataclass(frozen=True, eq=False)
class Function:
    """A Python UDF. It is the same as another only if it is the very same object."""

    family: Family
    name: str
    implementation: Callable[..., Any]
    inputs: tuple[pa.DataType, ...]
    returns: pa.Field
    state: tuple[pa.Field, ...]
    volatility: str


@dataclass(frozen=True)
class Builtin:
    """One of the functions that every session has from the start."""

    family: Family
    name: str


BUILTINS = (
    Builtin("scalar", "abs"),
    Builtin("scalar", "coalesce"),
    Builtin("scalar", "arrow_metadata"),
    Builtin("aggregate", "sum"),
    Builtin("window", "lag"),
)


def make_function(udf: Udf, implementation: Callable[..., Any]) -> Function:
    """Return the function that ``udf`` declares, with this callable or factory."""
    return Function(
        udf.family,
        udf.name,
        implementation,
        tuple(map(type_of, udf.inputs)),
        return_field(udf),
        state_fields(udf.state) if udf.family == "aggregate" else (),
        udf.volatility,
    )


def return_field(udf: Udf) -> pa.Field:
    """Return the field of a result: of a scalar UDF as it is declared, else only of its type."""
    if udf.family == "scalar":
        return as_field(udf.returns, "value")
    return pa.field("result", type_of(udf.returns))


def state_fields(state: Sequence[TypeOrField]) -> tuple[pa.Field, ...]:
    """Return the fields of a state; those of plain types are named by their number."""
    return tuple(as_field(one, f"state_{number}") for number, one in enumerate(state))


def type_of(one: TypeOrField) -> pa.DataType:
    """``one`` itself, or the type of a field."""
    return one.type if isinstance(one, pa.Field) else one


def as_field(one: TypeOrField, name: str) -> pa.Field:
    """``one`` itself, or a nullable field of that type."""
    return one if isinstance(one, pa.Field) else pa.field(name, one)
