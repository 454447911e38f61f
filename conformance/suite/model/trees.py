"""Expressions as the model sees them, and the results that they must have.

Every UDF multiplies by its factor, so that a result is known without an engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from conformance.catalogue.nodes import Family

ROWS = (1, 2, 3)
"""The column ``a`` of every evaluation."""


@dataclass(eq=False)
class Cell:
    """The state of a class: the factor of all UDFs that are built on it."""

    factor: int


@dataclass(frozen=True, eq=False)
class Function:
    """A UDF. ``locked`` is true for a callable that cannot be pickled."""

    family: Family
    name: str
    cell: Cell
    locked: bool = False


@dataclass(frozen=True)
class Inline:
    """A UDF in bytes: the function that was encoded, and its factor at that time."""

    function: Function
    factor: int


@dataclass(frozen=True)
class Named:
    """A UDF in bytes of which only kind and name are there."""

    family: Family
    name: str


Callee: TypeAlias = "Function | Inline | Named"


@dataclass(frozen=True, eq=False)
class Apply:
    """A call on another expression, or on the column ``a``."""

    callee: Callee
    argument: Tree | None = None


@dataclass(frozen=True, eq=False)
class Minus:
    """The difference of two expressions."""

    left: Tree
    right: Tree


@dataclass(frozen=True, eq=False)
class Absolute:
    """A call of the built-in function ``abs``."""

    argument: Tree | None


Tree: TypeAlias = "Apply | Minus | Absolute"


def rewrite(
    tree: Tree | None, apply: Callable[[Apply], Tree], absolute: Callable[[Absolute], Tree]
) -> Tree | None:
    """Return the tree with each call replaced, the innermost first."""
    if tree is None:
        return None
    if isinstance(tree, Minus):
        left, right = (rewrite(one, apply, absolute) for one in (tree.left, tree.right))
        assert left is not None
        assert right is not None
        return Minus(left, right)
    argument = rewrite(tree.argument, apply, absolute)
    if isinstance(tree, Absolute):
        return absolute(Absolute(argument))
    return apply(Apply(tree.callee, argument))


def callees(tree: Tree | None) -> Iterator[Callee]:
    """Yield the UDFs of a tree, the outermost first."""
    if isinstance(tree, Minus):
        yield from callees(tree.left)
        yield from callees(tree.right)
    elif tree is not None:
        if isinstance(tree, Apply):
            yield tree.callee
        yield from callees(tree.argument)


def has_absolute(tree: Tree | None) -> bool:
    """Return whether the tree calls the built-in function."""
    if isinstance(tree, Minus):
        return has_absolute(tree.left) or has_absolute(tree.right)
    return isinstance(tree, Absolute) or (tree is not None and has_absolute(tree.argument))


def function_of(callee: Callee) -> Function:
    """Return the function of a call in an expression, which is no call in bytes."""
    assert isinstance(callee, Function)
    return callee


def value(tree: Tree | None, *, merges: bool) -> list[int]:
    """Return the result of an expression over ``ROWS``.

    ``merges`` is for an engine that runs the first of two namesakes for both.
    """
    if tree is None:
        return list(ROWS)
    if isinstance(tree, Absolute):
        return [abs(one) for one in value(tree.argument, merges=merges)]
    if isinstance(tree, Minus):
        left, right = value(tree.left, merges=merges), value(tree.right, merges=merges)
        if merges and _name(tree.left) == _name(tree.right):
            right = left
        return [one - other for one, other in zip(left, right, strict=True)]
    function, argument = function_of(tree.callee), value(tree.argument, merges=merges)
    if function.family == "aggregate":
        return [function.cell.factor * sum(argument)]
    return [function.cell.factor * one for one in argument]


def _name(tree: Tree) -> str:
    return function_of(tree.callee).name if isinstance(tree, Apply) else "abs"
