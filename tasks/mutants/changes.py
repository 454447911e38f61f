"""The mutants of one function: where an operator applies, and how the live function gets it."""

from __future__ import annotations
import __future__

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any

from tasks.mutants.layer import MODULES, Function, functions, live, source
from tasks.mutants.operators import OPERATORS, REMOVE_DECORATOR, Replacement

PREFIX = "python/"
_KEPT_DECORATORS = ("deprecated",)
"""Decorators that only warn: without them the function does the same."""


@dataclass(frozen=True, eq=False)
class Change:
    """One node of one function replaced. ``name`` is made of function, operator and number."""

    name: str
    function: Function
    line: int
    shows: str
    """The source text before and after, on one line."""
    parent: ast.AST
    field: str
    index: int | None
    new: Replacement

    def apply(self) -> None:
        """Change the live function in this process; every name for it has the change."""
        if self.new is None:
            self._remove_decorator()
            return
        code = self.compiled()
        target = live(self.function)
        target.__code__ = code
        _import_names(code, vars(source(self.function.module)))
        arguments = self.function.node.args
        if self.parent is self.function.node and self.field == "args":
            assert isinstance(self.new, ast.arguments)
            arguments = self.new
            space = vars(source(self.function.module))
            target.__defaults__ = tuple(_value(one, space) for one in arguments.defaults) or None
            target.__kwdefaults__ = {
                name.arg: _value(one, space)
                for name, one in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
                if one is not None
            }

    def compiled(self) -> CodeType:
        """Compile the function with the change; ``SyntaxError`` or ``ValueError`` if it is none."""
        node, old = self.function.node, self._old()
        assert self.new is not None
        fixed = ast.fix_missing_locations(ast.copy_location(self.new, old))
        self._put(fixed)
        try:
            decorators, node.decorator_list = node.decorator_list, []
            body: list[ast.stmt] = [node]
            if self.function.owner:
                holder = ast.parse(f"class {self.function.owner}: pass").body[0]
                assert isinstance(holder, ast.ClassDef)
                holder.body = body
                body = [holder]
            module = ast.Module(body=body, type_ignores=[])
            flags = __future__.annotations.compiler_flag
            name = source(self.function.module).__file__ or ""
            code = compile(module, name, "exec", flags=flags, dont_inherit=True)
        finally:
            node.decorator_list = decorators
            self._put(old)
        return _find(code, node.name)

    def _old(self) -> ast.AST:
        value: Any = getattr(self.parent, self.field)
        old: ast.AST = value if self.index is None else value[self.index]
        return old

    def _put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node

    def _remove_decorator(self) -> None:
        module = source(self.function.module)
        holder = getattr(module, self.function.owner) if self.function.owner else module
        setattr(holder, self.function.node.name, live(self.function))


def change(name: str) -> Change:
    """Return the change of this name; ``KeyError`` if there is none."""
    function = name.removeprefix(PREFIX).partition("/")[0]
    return {one.name: one for one in changes(functions()[function])}[name]


@cache
def changes(function: Function) -> tuple[Change, ...]:
    """Return all changes of a function, in the order of its lines."""
    return tuple(_changes(function))


def _changes(function: Function) -> Iterator[Change]:
    counts: dict[str, int] = {}

    def named(operator: str) -> str:
        counts[operator] = counts.get(operator, 0) + 1
        return f"{PREFIX}{function.name}/{operator}/{counts[operator]}"

    node = function.node
    for decorator in node.decorator_list:
        shown = ast.unparse(decorator)
        if not any(word in shown for word in _KEPT_DECORATORS) and ".setter" not in shown:
            name = named(REMOVE_DECORATOR)
            text = f"@{shown} -> nothing"
            yield Change(name, function, node.lineno, text, node, "decorator_list", None, None)
    seen = set()
    for parent, field, index, child in _slots(node):
        for operator, apply in OPERATORS.items():
            for new in apply(child, node):
                assert new is not None
                line = getattr(child, "lineno", node.lineno)
                text = f"{_text(child)} -> {_text(new)}"
                if (line, text) in seen and operator == "return-first":
                    continue
                seen.add((line, text))
                yield Change(named(operator), function, line, text, parent, field, index, new)


def _slots(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Yield the places of a function's nodes, without annotations, docstrings and decorators."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_comment"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if not isinstance(child, ast.AST):
                continue
            docstring = field == "body" and index == 0 and isinstance(child, ast.Expr)
            if docstring and isinstance(getattr(child, "value", None), ast.Constant):
                continue
            yield node, field, index, child
            if not isinstance(child, ast.JoinedStr):
                yield from _slots(child)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.While):
        return f"if {ast.unparse(node.test)}: ..."
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())[:120]


def _value(node: ast.AST, space: dict[str, Any]) -> Any:
    return eval(ast.unparse(node), space)


def _import_names(code: CodeType, space: dict[str, Any]) -> None:
    """Import a sibling into the module from another module of the layer, unless it is there."""
    for name in code.co_names:
        if name not in space and not hasattr(builtins, name):
            for module in MODULES:
                if (found := vars(source(module)).get(name)) is not None:
                    space[name] = found
                    break


def _find(code: CodeType, name: str) -> CodeType:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            return one if one.co_name == name else _find(one, name)
    raise ValueError(f"no function {name}")
