"""The engine's Python layer: its functions, their syntax trees, and the live functions."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

PACKAGE = "datafusion"
MODULES = ("ipc", "expr", "plan", "context", "user_defined", "extensions")
"""The modules on the way of a Python UDF, from its definition to the bytes and back."""

_STUBS = ("overload", "abstractmethod")


@dataclass(frozen=True, eq=False)
class Function:
    """A function or method: ``name`` is the module and the qualified name."""

    name: str
    module: str
    owner: str
    """The class that it is a method of, ``""`` for a function."""
    node: ast.FunctionDef

    @property
    def first_line(self) -> int:
        """The line at which its code object begins: that of its first decorator."""
        return min([self.node.lineno, *(one.lineno for one in self.node.decorator_list)])

    @property
    def signature(self) -> str:
        """The annotations, as text."""
        every = (*self.node.args.posonlyargs, *self.node.args.args, *self.node.args.kwonlyargs)
        found = [one.annotation for one in every] + [self.node.returns]
        return " ".join(ast.unparse(one) for one in found if one)


def functions() -> Mapping[str, Function]:
    """Return the functions of the layer by name, without stubs."""
    return _read()


def source(module: str) -> ModuleType:
    """Return a module of the layer."""
    return import_module(f"{PACKAGE}.{module}")


@cache
def _read() -> Mapping[str, Function]:
    found: dict[str, Function] = {}
    for module in MODULES:
        try:
            tree = ast.parse(inspect.getsource(source(module)))
        except ModuleNotFoundError:
            continue  # extensions is new in 55
        for owner, node in _functions(tree):
            if not any(word in ast.unparse(one) for one in node.decorator_list for word in _STUBS):
                name = ".".join(filter(None, (module, owner, node.name)))
                if not _is_stub(node):
                    found[name] = Function(name, module, owner, node)
    return found


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield "", node
        elif isinstance(node, ast.ClassDef):
            yield from ((node.name, one) for one in node.body if isinstance(one, ast.FunctionDef))


def _is_stub(node: ast.FunctionDef) -> bool:
    """Return whether the body is a docstring, ``pass`` or ``...`` alone."""
    return all(
        isinstance(one, ast.Pass) or (isinstance(one, ast.Expr) and _is_constant(one.value))
        for one in node.body
    )


def _is_constant(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant)


def live(function: Function) -> FunctionType:
    """Return the live function; ``LookupError`` if the layer does not have it."""
    module = source(function.module)
    holder = getattr(module, function.owner) if function.owner else module
    for value in (vars(holder).get(function.node.name), *vars(holder).values()):
        for one in _unwrap(value):
            code = one.__code__
            if code.co_firstlineno == function.first_line and code.co_name == function.node.name:
                return one
    raise LookupError(function.name)


def _unwrap(value: Any) -> Iterator[FunctionType]:
    """Yield the functions in a method, a property or a wrapper."""
    while value is not None:
        if isinstance(value, FunctionType):
            yield value
        elif isinstance(value, property):
            for part in (value.fget, value.fset):
                yield from _unwrap(part)
        value = getattr(value, "__func__", None) or getattr(value, "__wrapped__", None)
