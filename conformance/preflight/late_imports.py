"""The modules that a callable imports only when it runs; for the decoder, as text."""

from __future__ import annotations

import dis
import functools
import sys
import types
from collections.abc import Iterator
from typing import Any

from conformance.preflight.editions import is_compared


def code_objects(value: Any) -> Iterator[types.CodeType]:
    """Yield the code of a callable and of all that it holds by value."""
    seen: dict[int, Any] = {}
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if isinstance(one, types.CodeType):
            yield one
            waiting += one.co_consts
        else:
            waiting += _parts(one)


def _parts(value: Any) -> list[Any]:
    """Return what a value holds, as far as code can be in it."""
    if isinstance(value, types.FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or () if _is_full(cell)]
        used = [value.__globals__.get(name) for name in _names(value.__code__)]
        by_value = value.__globals__ is not vars(sys.modules.get(value.__module__, sys))
        if not by_value and "site-packages" in value.__code__.co_filename:
            return []  # what a library imports late is its own affair
        return [value.__code__, *cells, *(value.__defaults__ or ()), *(used if by_value else ())]
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
    if isinstance(value, (types.ModuleType, str, bytes, int, float, type(None))):
        return []
    return [type(value), *getattr(value, "__dict__", {}).values()]


def _names(code: types.CodeType) -> set[str]:
    """Return the names that a function uses, also in the functions inside it."""
    inner = [_names(one) for one in code.co_consts if isinstance(one, types.CodeType)]
    return {*code.co_names}.union(*inner)


def _is_full(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - an empty cell raises
    except ValueError:
        return False
    return True


def late_imports(value: Any) -> set[str]:
    """Return the modules that a callable imports only when it runs, without relative imports."""
    found = set()
    for code in code_objects(value):
        steps = [*dis.get_instructions(code)]
        for number, step in enumerate(steps):
            if step.opname == "IMPORT_NAME" and steps[number - 2].argval == 0:
                found.add(str(step.argval))
    return found
