"""The functions in what was decoded, and the modules that their code uses; for the decoder."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterator
from typing import Any

from conformance.preflight.code_uses import Uses, all_uses, nested_codes
from conformance.preflight.editions import is_compared, is_library


def late_uses(value: Any) -> Iterator[Uses]:
    """Yield what the code of a callable uses, and the code of all that it holds by value."""
    seen: dict[int, Any] = {}
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if isinstance(one, types.FunctionType):
            if _is_of_library(one):
                continue
            names = one.__globals__
            package = str(names.get("__package__") or names.get("__name__", "").rpartition(".")[0])
            yield from all_uses(one.__code__, package, _modules_of(one))
        elif isinstance(one, types.CodeType):
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
    if isinstance(value, types.FunctionType):
        cells = [_content(cell) for cell in value.__closure__ or ()]
        used = [value.__globals__.get(name) for name in _names(value.__code__)]
        by_value = _is_by_value(value)
        defaults = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
        return [*cells, *defaults, *(used if by_value else ())]
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.values()]
    if isinstance(value, types.MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [*value]
    if isinstance(value, dict):
        return [*value.values()]
    if isinstance(value, (staticmethod, classmethod)):
        return [value.__func__]
    if isinstance(value, property):
        return [value.fget, value.fset]
    if isinstance(value, type):
        by_value = value.__module__ == "__main__" or is_compared(value.__module__)
        return [*vars(value).values(), *value.__bases__] if by_value else []
    if isinstance(value, (types.ModuleType, types.CodeType, str, bytes, int, float, type(None))):
        return []
    return [type(value), *getattr(value, "__dict__", {}).values()]


def _is_by_value(function: types.FunctionType) -> bool:
    return function.__globals__ is not vars(sys.modules.get(function.__module__, sys))


def _is_of_library(function: types.FunctionType) -> bool:
    """Return whether a function is a library's: what that imports late is its own affair."""
    return not _is_by_value(function) and (
        not is_compared(function.__module__) or is_library(function.__module__)
    )


def _names(code: types.CodeType) -> set[str]:
    """Return the names that a function uses, also in the functions inside it."""
    return {name for one in nested_codes(code) for name in one.co_names}


def _content(cell: types.CellType) -> Any:
    """Return what a cell of a closure holds, or ``None`` for an empty one."""
    try:
        return cell.cell_contents
    except ValueError:
        return None
