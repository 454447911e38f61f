"""Trees from the catalogue's nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from conformance.catalogue import nodes
from conformance.catalogue.nodes import Node, Udf
from conformance.subjects.reference.functions import BUILTINS, Builtin, Function
from conformance.subjects.reference.tree import (
    Alias,
    Binary,
    Call,
    CaseExpr,
    Cast,
    Column,
    Frame,
    InList,
    Literal,
    SortKey,
    Tree,
    Window,
)

_BUILTINS = {one.name: one for one in BUILTINS}


class Builder:
    """Builds trees from nodes."""

    def __init__(self, functions: Mapping[Udf, Function | Builtin]) -> None:
        self.functions = functions

    def build(self, node: Node) -> Tree:
        if isinstance(node, nodes.Col):
            return Column(node.name)
        if isinstance(node, nodes.Lit):
            return Literal(scalar(node.value), node.metadata)
        if isinstance(node, nodes.Call):
            return self.call(node)
        if isinstance(node, nodes.Builtin):
            return Call(_BUILTINS[node.name], self.all(node.args))
        if isinstance(node, nodes.Binary):
            return Binary(node.op, self.build(node.left), self.build(node.right))
        if isinstance(node, nodes.Cast):
            return Cast(self.build(node.arg), node.to)
        if isinstance(node, nodes.InList):
            return InList(self.build(node.arg), self.all(node.values), node.negated)
        if isinstance(node, nodes.Alias):
            return Alias(self.build(node.arg), node.name, node.metadata)
        when = tuple((self.build(left), self.build(right)) for left, right in node.when)
        return CaseExpr(when, self.build(node.otherwise))

    def all(self, several: tuple[Node, ...]) -> tuple[Tree, ...]:
        built = []
        for node in several:
            built.append(self.build(node))  # a comprehension is a frame more for each level
        return tuple(built)

    def call(self, node: nodes.Call) -> Tree:
        # A window UDF has a window, whether the call says so or not.
        over = node.over or (nodes.Over() if node.udf.family == "window" else None)
        return Call(
            self.functions[node.udf],
            self.all(node.args),
            node.distinct,
            None if node.filter is None else self.build(node.filter),
            self.keys(node.order_by),
            self.window(over) if over else None,
        )

    def keys(self, several: tuple[nodes.Sort, ...]) -> tuple[SortKey, ...]:
        return tuple(
            SortKey(self.build(key.arg), key.ascending, key.nulls_first) for key in several
        )

    def window(self, over: nodes.Over) -> Window:
        frame = over.frame
        return Window(
            self.all(over.partition_by),
            self.keys(over.order_by),
            Frame(frame.units, frame.start, frame.end)
            if frame
            else Frame("rows", None, 0 if over.order_by else None),
        )


def scalar(value: Any) -> pa.Scalar:
    """Return a Python value as an Arrow value."""
    return value if isinstance(value, pa.Scalar) else pa.scalar(value)
