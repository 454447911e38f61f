"""Expressions as data: what a case calls, before any subject has built it.

A subject turns these nodes into its own expressions (``Subject.expr``), so the
catalogue knows no engine. Types are pyarrow's.
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
    """A Python UDF: its source text and the signature it is declared with.

    ``source`` defines the name ``attribute``: the callable of a scalar UDF, the
    accumulator factory of an aggregate one, the evaluator factory of a window
    one. It is compiled under the file name ``<conformance ID>``; the names
    ``Accumulator`` and ``WindowEvaluator`` stand ready in it, bound to the base
    classes of the subject.
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
    """A column of the input, by its exact name (case and quotes are kept)."""

    name: str


@dataclass(frozen=True)
class Lit:
    """A literal: a Python int, float, str, bool or a ``pyarrow.Scalar``, with field metadata."""

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
    """A window frame; a bound of ``None`` is unbounded, 0 is the current row."""

    units: Literal["rows", "range", "groups"]
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Over:
    """The window of a call: partition keys, order, frame."""

    partition_by: tuple[Node, ...] = ()
    order_by: tuple[Sort, ...] = ()
    frame: Frame | None = None


@dataclass(frozen=True)
class Call:
    """A call of a Python UDF.

    ``distinct``, ``filter`` and ``order_by`` belong to aggregates; ``over``
    belongs to window UDFs, and makes a window call of an aggregate one.
    """

    udf: Udf
    args: tuple[Node, ...]
    distinct: bool = False
    filter: Node | None = None
    order_by: tuple[Sort, ...] = ()
    over: Over | None = None


@dataclass(frozen=True)
class Builtin:
    """A call of one of the engine's own scalar or aggregate functions, by name."""

    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True)
class Binary:
    """``left op right``; the operator is one of ``+ - * / % == != < <= > >= and or``."""

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
    """Return the UDFs called in ``node``, each once, in the order in which they first stand."""
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
    """Yield the UDF of each call in ``node``, as often as it is called."""
    if isinstance(node, Udf):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from calls(part)
    elif is_dataclass(node):
        for field in fields(node):
            yield from calls(getattr(node, field.name))
