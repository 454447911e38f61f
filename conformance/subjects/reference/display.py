"""Trees as text: the same for the same expressions, whatever callables stand in them."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from conformance.subjects.reference import scalars
from conformance.subjects.reference.tree import (
    Alias,
    Binary,
    Call,
    CaseExpr,
    Cast,
    Column,
    InList,
    Literal,
    SortKey,
    Tree,
)


def text(tree: Tree) -> str:
    """Return the text of ``tree``."""
    if isinstance(tree, Column):
        return tree.name
    if isinstance(tree, Literal):
        return f"{tree.value.type}({_value(tree.value)}){_metadata(tree.metadata)}"
    if isinstance(tree, Alias):
        return f"{text(tree.arg)} AS {tree.name}{_metadata(tree.metadata)}"
    if isinstance(tree, Binary):
        return f"({text(tree.left)} {tree.op} {text(tree.right)})"
    if isinstance(tree, Cast):
        return f"CAST({text(tree.arg)} AS {tree.to})"
    if isinstance(tree, InList):
        word = "NOT IN" if tree.negated else "IN"
        return f"{text(tree.arg)} {word} ({_all(tree.values)})"
    if isinstance(tree, CaseExpr):
        when = " ".join(f"WHEN {text(left)} THEN {text(right)}" for left, right in tree.when)
        return f"CASE {when} ELSE {text(tree.otherwise) if tree.otherwise else 'NULL'} END"
    return _call(tree)


def _call(call: Call) -> str:
    inside = []
    for arg in call.args:
        inside.append(text(arg))  # a comprehension is a frame more for each level
    shown = f"{call.function.name}({'DISTINCT ' if call.distinct else ''}{', '.join(inside)})"
    if call.filter is not None:
        shown += f" FILTER ({text(call.filter)})"
    if call.order_by:
        shown += f" ORDER BY [{_keys(call.order_by)}]"
    if call.window is not None:
        over, frame = call.window, call.window.frame
        shown += (
            f" OVER (PARTITION BY [{_all(over.partition_by)}] ORDER BY [{_keys(over.order_by)}]"
        )
        shown += f" {frame.units} {frame.start} {frame.end})"
    return shown


def _all(several: Sequence[Tree]) -> str:
    return ", ".join(map(text, several))


def _keys(several: Sequence[SortKey]) -> str:
    return ", ".join(
        f"{text(key.arg)} {'ASC' if key.ascending else 'DESC'}"
        f" NULLS {'FIRST' if key.nulls_first else 'LAST'}"
        for key in several
    )


def _value(value: pa.Scalar) -> str:
    # It may be of a zone or a date that there is not.
    try:
        return str(value)
    except (
        pa.ArrowException,
        ValueError,
        ArithmeticError,
    ):
        return scalars.value_bytes(value).hex()


def _metadata(metadata: tuple[tuple[str, str], ...]) -> str:
    return f" {dict(sorted(metadata))}" if metadata else ""
