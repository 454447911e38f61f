"""The mutation operators: what may stand in the place of one node of a function's syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy

Replacement = ast.AST | None
"""What takes the place of a node; ``None`` removes it from its list."""

Operator = Callable[[ast.AST, ast.FunctionDef], Iterator[Replacement]]

_OPPOSITE: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}

_SIBLINGS = (
    ("sender", "worker"),
    ("logical", "physical"),
    ("Logical", "Physical"),
    ("udf", "udaf"),
    ("udaf", "udwf"),
    ("udwf", "udf"),
    ("Scalar", "Aggregate"),
    ("Aggregate", "Window"),
    ("Window", "Scalar"),
    ("register", "deregister"),
)
"""Words in the names of functions that differ by that word alone, in both directions."""

_DELETED = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Raise, ast.Delete, ast.If)


def negate_condition(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Negate the condition of an ``if``, a ``while`` or a conditional expression."""
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        changed = deepcopy(node)
        changed.test = ast.UnaryOp(ast.Not(), changed.test)
        yield changed


def drop_not(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Drop a ``not``."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield deepcopy(node.operand)


def swap_comparison(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Swap ``is`` and ``is not``, ``==`` and ``!=``, ``in`` and ``not in``, ``<`` and ``>=``."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        changed = deepcopy(node)
        changed.ops = [_OPPOSITE[type(node.ops[0])]()]
        yield changed


def swap_and_or(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Swap ``and`` and ``or``."""
    if isinstance(node, ast.BoolOp):
        changed = deepcopy(node)
        changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield changed


def none_argument(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Replace an argument of a call, positional or by keyword, by ``None``."""
    if isinstance(node, ast.Call):
        for index, argument in enumerate(node.args):
            if not isinstance(argument, ast.Starred) and not _is_none(argument):
                changed = deepcopy(node)
                changed.args[index] = ast.Constant(None)
                yield changed
        for index, keyword in enumerate(node.keywords):
            if keyword.arg and not _is_none(keyword.value):
                changed = deepcopy(node)
                changed.keywords[index].value = ast.Constant(None)
                yield changed


def drop_keyword(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Drop a keyword argument of a call."""
    if isinstance(node, ast.Call):
        for index in range(len(node.keywords)):
            changed = deepcopy(node)
            del changed.keywords[index]
            yield changed


def swap_arguments(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Swap two neighbouring arguments of a call."""
    if isinstance(node, ast.Call):
        for index in range(len(node.args) - 1):
            changed = deepcopy(node)
            changed.args[index : index + 2] = reversed(changed.args[index : index + 2])
            yield changed


def replace_default(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Replace the default of a parameter by ``None``, and ``None`` by ``False``."""
    if isinstance(node, ast.arguments):
        for name in ("defaults", "kw_defaults"):
            for index, default in enumerate(getattr(node, name)):
                if default is not None:
                    changed = deepcopy(node)
                    new = ast.Constant(False if _is_none(default) else None)
                    getattr(changed, name)[index] = new
                    yield changed


def return_none(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Return ``None``."""
    if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(ast.Constant(None))


def return_first(node: ast.AST, function: ast.FunctionDef) -> Iterator[Replacement]:
    """Return the first argument of the function, ``self`` where there is no other."""
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    first = next((name for name in names if name not in ("self", "cls")), next(iter(names), ""))
    if isinstance(node, ast.Return) and node.value is not None and first:
        new = ast.Name(first, ast.Load())
        if ast.dump(new) != ast.dump(node.value):
            yield ast.Return(new)


def delete_statement(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Delete a statement other than ``return``, which ``return_none`` covers."""
    if isinstance(node, _DELETED) and not (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ):
        yield ast.Pass()


def replace_constant(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Replace ``True`` and ``False`` by each other, a number by its neighbours, change a text."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool):
            yield ast.Constant(not value)
        elif isinstance(value, int):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        elif isinstance(value, str):
            yield ast.Constant(f"{value}_")


def call_sibling(node: ast.AST, _: ast.FunctionDef) -> Iterator[Replacement]:
    """Name a function's sibling in its place, such as the worker slot's for the sender slot's."""
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    for word, other in (*_SIBLINGS, *((right, left) for left, right in _SIBLINGS[:3])):
        if word in name and other not in name:
            changed = deepcopy(node)
            field = "attr" if isinstance(node, ast.Attribute) else "id"
            setattr(changed, field, name.replace(word, other))
            yield changed


OPERATORS: Mapping[str, Operator] = {
    "negate-condition": negate_condition,
    "drop-not": drop_not,
    "swap-comparison": swap_comparison,
    "swap-and-or": swap_and_or,
    "none-argument": none_argument,
    "drop-keyword": drop_keyword,
    "swap-arguments": swap_arguments,
    "replace-default": replace_default,
    "return-none": return_none,
    "return-first": return_first,
    "delete-statement": delete_statement,
    "replace-constant": replace_constant,
    "call-sibling": call_sibling,
}

REMOVE_DECORATOR = "remove-decorator"
"""The operator on the function itself: its live attribute is replaced by the bare function."""


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
