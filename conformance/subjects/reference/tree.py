"""Expressions as trees, with the functions that they call in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as Word
from typing import TypeAlias

import pyarrow as pa

from conformance.subjects.reference.functions import Builtin, Function

Units: TypeAlias = Word["rows", "range", "groups"]
Metadata: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Column:
    """A column, by its exact name."""

    name: str


@dataclass(frozen=True, eq=False)
class Literal:
    """A value with its type, and the metadata of its field."""

    value: pa.Scalar
    metadata: Metadata = ()


@dataclass(frozen=True, eq=False)
class Alias:
    """Another name for a value, and the metadata of its field."""

    arg: Tree
    name: str
    metadata: Metadata = ()


@dataclass(frozen=True, eq=False)
class Binary:
    """``left op right``, the operator as the catalogue writes it."""

    op: str
    left: Tree
    right: Tree


@dataclass(frozen=True, eq=False)
class CaseExpr:
    """The value of the first condition that holds."""

    when: tuple[tuple[Tree, Tree], ...]
    otherwise: Tree | None


@dataclass(frozen=True, eq=False)
class Cast:
    """A value in another type."""

    arg: Tree
    to: pa.DataType


@dataclass(frozen=True, eq=False)
class InList:
    """Return whether a value is among others."""

    arg: Tree
    values: tuple[Tree, ...]
    negated: bool


@dataclass(frozen=True, eq=False)
class SortKey:
    """A key to sort by."""

    arg: Tree
    ascending: bool
    nulls_first: bool


@dataclass(frozen=True)
class Frame:
    """A window frame: rows before and after, ``None`` for all of them; 0 is the row itself.

    A negative number of rows before is one after, and the other way round.
    """

    units: Units
    start: int | None
    end: int | None


@dataclass(frozen=True, eq=False)
class Window:
    """The window of a call."""

    partition_by: tuple[Tree, ...]
    order_by: tuple[SortKey, ...]
    frame: Frame


@dataclass(frozen=True, eq=False)
class Call:
    """A call of a UDF or a built-in function."""

    function: Function | Builtin
    args: tuple[Tree, ...]
    distinct: bool = False
    filter: Tree | None = None
    order_by: tuple[SortKey, ...] = ()
    window: Window | None = None


Tree: TypeAlias = Column | Literal | Alias | Binary | CaseExpr | Cast | InList | Call


def children(tree: Tree) -> Iterator[Tree]:
    """Yield the trees right below ``tree`` whose values are worked out over its own rows."""
    if isinstance(tree, (Alias, Cast)):
        yield tree.arg
    elif isinstance(tree, Binary):
        yield tree.left
        yield tree.right
    elif isinstance(tree, CaseExpr):
        for condition, value in tree.when:
            yield condition
            yield value
        if tree.otherwise is not None:
            yield tree.otherwise
    elif isinstance(tree, InList):
        yield tree.arg
        yield from tree.values
    elif isinstance(tree, Call):
        yield from tree.args
