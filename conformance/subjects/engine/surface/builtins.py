"""Call the engine's built-in functions with a call of a UDF as an argument."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import pyarrow as pa
from datafusion import Expr

from conformance.subjects.engine.surface.entry_points import entry_points
from conformance.subjects.engine.surface.table import read_names
from conformance.subjects.surface import Way


def builtin_ways(version: str) -> Mapping[str, Way]:
    """Return a way for each built-in function of this version, with the UDF's call in it.

    The call is the argument for every expression that a function requires, and is used at least
    once. A function with a required parameter of an unknown type raises ``NotImplementedError``
    when it is called, with the type to add here.
    """
    found: dict[str, Way] = {}
    for names in read_names():
        if names.scope == "builtin" and names.is_in(version):
            for point in names.points:
                make = partial(_call, point)
                found[point] = Way("expression", names.detail, f"{point}(...)", make, calls=0)
    return found


def _call(point: str, names: Mapping[str, Any]) -> Expr:
    function = _entry_points()[point]
    call, positional, named = names["call"], [], {}
    parameters = inspect.signature(function).parameters.values()
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += [_make_argument(point, parameter, call)] * 2
        elif parameter.default is parameter.empty:
            positional.append(_make_argument(point, parameter, call))
    if not any(_holds(argument, call) for argument in positional):
        first = next(one for one in parameters if "Expr" in str(one.annotation))
        named[first.name] = _make_argument(point, first, call)
    with warnings.catch_warnings():
        # Some functions deprecate literals that are wrapped in expressions.
        warnings.simplefilter("ignore", DeprecationWarning)
        expr: Expr = function(*positional, **named)
    return expr


@cache
def _entry_points() -> Mapping[str, Any]:
    return entry_points()


def _holds(argument: Any, call: Expr) -> bool:
    """Return whether an argument holds the call; expressions have no truth value."""
    return argument is call or (isinstance(argument, list) and bool(argument))


def _make_argument(point: str, parameter: inspect.Parameter, call: Expr) -> Any:
    annotation = str(parameter.annotation)
    for pattern, argument in _ARGUMENTS.items():
        if parameter.name == pattern or re.search(pattern, annotation):
            return argument(call)
    raise NotImplementedError(
        f"{point}: no argument is known for the parameter {parameter.name}: {annotation}; "
        f"add one to {__name__}"
    )


_ARGUMENTS: Mapping[str, Callable[[Expr], Any]] = {
    "self": lambda call: call,
    r"(list|Sequence)\[tuple\[": lambda call: [("x", call)],
    r"(list|Iterable|Sequence)\[": lambda call: [call],
    r"\bExpr\b": lambda call: call,
    r"\bAny\b": lambda call: call,
    r"\bint\b": lambda _: 1,
    r"\bfloat\b": lambda _: 0.5,
    r"\bstr\b": lambda _: "x",
    r"\bDataType\b": lambda _: pa.int64(),
}
"""An argument by a pattern of the parameter's type, or the parameter's name; the first counts."""
