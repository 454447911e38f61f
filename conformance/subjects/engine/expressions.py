"""Build the engine's expressions from the catalogue's nodes."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from datafusion import Expr, functions
from datafusion.expr import Window, WindowFrame

from conformance.catalogue import nodes
from conformance.catalogue.nodes import Node, Sort, Udf

_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "and": operator.and_,
    "or": operator.or_,
}


def column(name: str) -> Expr:
    """Return the column of exactly this name."""
    quoted = name.replace('"', '""')
    return Expr.column(f'"{quoted}"')


class Builder:
    """Builds the engine's expressions from nodes."""

    def __init__(self, functions_: Mapping[Udf, Any]) -> None:
        self.functions = functions_

    def build(self, node: Node) -> Expr:
        if isinstance(node, nodes.Col):
            return column(node.name)
        if isinstance(node, nodes.Lit):
            if node.metadata:
                return Expr.literal_with_metadata(node.value, dict(node.metadata))
            return Expr.literal(node.value)
        if isinstance(node, nodes.Call):
            return self.call(node)
        if isinstance(node, nodes.Builtin):
            return self.builtin(node)
        if isinstance(node, nodes.Binary):
            binary: Expr = _OPERATORS[node.op](self.build(node.left), self.build(node.right))
            return binary
        if isinstance(node, nodes.Cast):
            return self.build(node.arg).cast(node.to)
        if isinstance(node, nodes.InList):
            return functions.in_list(
                self.build(node.arg), self.build_all(node.values), node.negated
            )
        if isinstance(node, nodes.Alias):
            return self.build(node.arg).alias(node.name, dict(node.metadata) or None)
        (first_condition, first_value), *others = node.when
        case = functions.when(self.build(first_condition), self.build(first_value))
        for condition, value in others:
            case = case.when(self.build(condition), self.build(value))
        return case.otherwise(self.build(node.otherwise))

    def builtin(self, node: nodes.Builtin) -> Expr:
        # Some functions deprecate literals that are wrapped in expressions.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            expr: Expr = getattr(functions, node.name)(*self.build_all(node.args))
        return expr

    def build_all(self, several: Sequence[Node]) -> list[Expr]:
        return [self.build(node) for node in several]

    def sort(self, key: Sort) -> Any:
        return self.build(key.arg).sort(key.ascending, key.nulls_first)

    def call(self, node: nodes.Call) -> Expr:
        expr: Expr = self.functions[node.udf](*self.build_all(node.args))
        builder: Any = expr
        if node.order_by:
            builder = builder.order_by(*[self.sort(key) for key in node.order_by])
        if node.filter is not None:
            builder = builder.filter(self.build(node.filter))
        if node.distinct:
            builder = builder.distinct()
        if builder is not expr:
            expr = builder.build()
        return expr if node.over is None else expr.over(self.window(node.over))

    def window(self, over: nodes.Over) -> Window:
        frame = over.frame
        return Window(
            partition_by=self.build_all(over.partition_by) or None,
            order_by=[self.sort(key) for key in over.order_by] or None,
            window_frame=WindowFrame(frame.units, frame.start, frame.end) if frame else None,
        )
