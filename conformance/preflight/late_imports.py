"""The functions in what was decoded, and the modules that their code uses; for the decoder."""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Iterator
from typing import Any

from conformance.preflight.code_uses import Uses, all_uses, nested_codes
from conformance.preflight.compared import is_compared
from conformance.preflight.editions import is_library

_ATOMS = frozenset((str, bytes, bytearray, int, float, complex, bool, type(None), type(...)))
"""Types whose values hold nothing, without their subclasses."""


def late_uses(value: Any) -> Iterator[Uses]:
    """Yield what the code of a callable uses, and the code of all that it holds by value.

    What an object holds is what the garbage collector would visit. The walk ends at modules that
    are imported, and at the functions and classes of libraries.
    """
    seen: dict[int, Any] = {}
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if type(one) in _ATOMS or id(one) in seen:
            continue
        seen[id(one)] = one
        if type(one) is types.FunctionType:
            if _is_of_library(one):
                continue
            names = one.__globals__
            package = str(names.get("__package__") or names.get("__name__", "").rpartition(".")[0])
            yield from all_uses(one.__code__, package, _modules_of(one))
        elif type(one) is types.CodeType:
            yield from all_uses(one, "", {})
        waiting += _parts(one)


def _modules_of(function: types.FunctionType) -> dict[str, str]:
    """Return the modules among the globals and the closure of a function, by their names in it."""
    code, cells = function.__code__, function.__closure__ or ()
    held = dict(zip(code.co_freevars, (_content(cell) for cell in cells), strict=False))
    values = {**{name: function.__globals__.get(name) for name in _names(code)}, **held}
    return {name: one.__name__ for name, one in values.items() if isinstance(one, types.ModuleType)}


def _parts(value: Any) -> list[Any]:
    """Return what a value holds, as far as code can be in it."""
    kind = type(value)
    if kind is types.CodeType:
        return []
    if kind is types.FunctionType:
        names = value.__globals__
        used = [names.get(name) for name in _names(value.__code__)] if _is_by_value(value) else []
        left_out = {id(names), id(names.get("__builtins__")), id(value.__code__)}
        return [*used, *(one for one in gc.get_referents(value) if id(one) not in left_out)]
    if issubclass(kind, types.ModuleType):
        is_imported = sys.modules.get(vars(value).get("__name__", "")) is value
        return [] if is_imported else [*vars(value).values()]
    if issubclass(kind, type) and _is_class_of_library(value):
        return []
    return [kind, *gc.get_referents(value)]


def _is_by_value(function: types.FunctionType) -> bool:
    return function.__globals__ is not vars(sys.modules.get(function.__module__, sys))


def _is_of_library(function: types.FunctionType) -> bool:
    """Return whether a function is a library's: what that imports late is its own affair."""
    return not _is_by_value(function) and (
        not is_compared(function.__module__) or is_library(function.__module__)
    )


def _is_class_of_library(value: type) -> bool:
    """Return whether a class is a library's, and no copy by value."""
    module = str(value.__module__)
    there: Any = sys.modules.get(module)
    for name in value.__qualname__.split("."):
        there = getattr(there, "__dict__", {}).get(name)
    return there is value and (not is_compared(module) or is_library(module))


def _names(code: types.CodeType) -> set[str]:
    """Return the names that a function uses, also in the functions inside it."""
    return {name for one in nested_codes(code) for name in one.co_names}


def _content(cell: types.CellType) -> Any:
    """Return what a cell of a closure holds, or ``None`` for an empty one."""
    try:
        return cell.cell_contents
    except ValueError:
        return None
