"""Expression nodes: a description of an expression that depends on no engine.

A subject turns these nodes into its own expressions (``Subject.expr``). Types
are pyarrow types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, TypeAlias

import pyarrow as pa

Family = Literal["scalar", "aggregate", "window"]
Volatility = Literal["immutable", "stable", "volatile"]
TypeOrField: TypeAlias = pa.DataType | pa.Field


@dataclass(frozen=True)
class Udf:
    """A Python UDF: its source text and its declared signature.

    ``source`` defines the name ``attribute``: the callable of a scalar UDF, the
    accumulator factory of an aggregate UDF or the evaluator factory of a window
    UDF. It is compiled under the file name ``<conformance ID>``. Its globals
    contain ``Accumulator`` and ``WindowEvaluator``, the base classes of the
    subject.
    """

    id: str
    family: Family
    name: str
    source: str
    inputs: tuple[TypeOrField, ...]
    returns: TypeOrField
    state: tuple[TypeOrField, ...] = ()
    volatility: Volatility = "immutable"
    attribute: str = "f"


@dataclass(frozen=True)
class Col:
    """A column of the input. The name is exact: it is neither case-folded nor unquoted."""

    name: str


@dataclass(frozen=True)
class Lit:
    """A literal, with field metadata: an int, float, str, bool or ``pyarrow.Scalar``."""

    value: Any
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Sort:
    """A sort key."""

    arg: Node
    ascending: bool = True
    nulls_first: bool = False


@dataclass(frozen=True)
class Frame:
    """A window frame. The bound ``None`` means unbounded; 0 means the current row."""

    units: Literal["rows", "range", "groups"]
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Over:
    """The window of a call: partition keys, sort keys and frame."""

    partition_by: tuple[Node, ...] = ()
    order_by: tuple[Sort, ...] = ()
    frame: Frame | None = None


@dataclass(frozen=True)
class Call:
    """A call of a Python UDF.

    ``distinct``, ``filter`` and ``order_by`` apply to aggregate UDFs. Window UDFs
    need ``over``; an aggregate UDF with ``over`` is called as a window function.
    """

    udf: Udf
    args: tuple[Node, ...]
    distinct: bool = False
    filter: Node | None = None
    order_by: tuple[Sort, ...] = ()
    over: Over | None = None


@dataclass(frozen=True)
class Builtin:
    """A call of a built-in scalar or aggregate function of the engine."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True)
class Binary:
    """``left op right``, with one of the operators ``+ - * / % == != < <= > >= and or``."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Case:
    """``CASE WHEN condition THEN value ... ELSE otherwise END``."""

    when: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True)
class Cast:
    """``CAST(arg AS to)``."""

    arg: Node
    to: pa.DataType


@dataclass(frozen=True)
class InList:
    """``arg [NOT] IN (values)``."""

    arg: Node
    values: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True)
class Alias:
    """``arg AS name``, with field metadata."""

    arg: Node
    name: str
    metadata: tuple[tuple[str, str], ...] = ()


Node: TypeAlias = Col | Lit | Call | Builtin | Binary | Case | Cast | InList | Alias


def udfs(node: Node | Sort) -> tuple[Udf, ...]:
    """Return the UDFs called in ``node``, each once, in order of first occurrence."""
    found: dict[Udf, None] = {}

    def walk(value: object) -> None:
        if isinstance(value, Udf):
            found.setdefault(value)
        elif isinstance(value, tuple):
            for item in value:
                walk(item)
        elif isinstance(value, (Call, Builtin, Binary, Case, Cast, InList, Alias, Sort, Over)):
            for field in value.__dataclass_fields__:
                walk(getattr(value, field))

    walk(node)
    return tuple(found)


def calls(node: object) -> Iterator[Udf]:
    """Yield the UDF of each call in ``node``, once per call."""
    if isinstance(node, Udf):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from calls(part)
    elif is_dataclass(node):
        for field in fields(node):
            yield from calls(getattr(node, field.name))
