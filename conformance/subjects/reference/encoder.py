"""Trees to protobuf: the engine's ``LogicalExprNode``."""

from __future__ import annotations

from conformance.subjects.reference import arrow_types, scalars
from conformance.subjects.reference.components import Components
from conformance.subjects.reference.protobuf import delimited, flag, number, text
from conformance.subjects.reference.sessions import Session
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
    Units,
)

OPERATORS = {
    "+": "Plus",
    "-": "Minus",
    "*": "Multiply",
    "/": "Divide",
    "%": "Modulo",
    "==": "Eq",
    "!=": "NotEq",
    "<": "Lt",
    "<=": "LtEq",
    ">": "Gt",
    ">=": "GtEq",
    "and": "And",
    "or": "Or",
}
UNITS: tuple[Units, Units, Units] = ("rows", "range", "groups")
MARK = 15
"""The field of a call that says whether it is of a UDF; the engine passes over it."""
CURRENT, BEFORE, AFTER = 0, 1, 2
UNBOUNDED = delimited(33, delimited(9, b""))


class Encoder:
    """Writes trees for one session."""

    def __init__(self, subject: Components, session: Session) -> None:
        self.subject = subject
        self.session = session

    def node(self, tree: Tree) -> bytes:
        """Return the message of a tree."""
        if isinstance(tree, Column):
            return delimited(1, text(1, tree.name))
        if isinstance(tree, Literal):
            return delimited(3, scalars.write(tree))
        if isinstance(tree, Alias):
            name = text(2, tree.name) + scalars.metadata(4, tree.metadata)
            return delimited(2, delimited(1, self.node(tree.arg)) + name)
        if isinstance(tree, Binary):
            both = delimited(1, self.node(tree.left)) + delimited(1, self.node(tree.right))
            return delimited(4, both + text(3, OPERATORS[tree.op]))
        if isinstance(tree, Cast):
            to = delimited(2, arrow_types.write(tree.to)) + flag(4, True)
            return delimited(11, delimited(1, self.node(tree.arg)) + to)
        if isinstance(tree, InList):
            inside = delimited(1, self.node(tree.arg)) + self.nodes(2, tree.values)
            return delimited(14, inside + flag(3, tree.negated))
        if isinstance(tree, CaseExpr):
            return delimited(10, self.case(tree))
        if tree.window is not None:
            return delimited(18, self.window_call(tree))
        if tree.function.family == "aggregate":
            return delimited(19, self.aggregate_call(tree))
        return delimited(20, self.scalar_call(tree))

    def nodes(self, field: int, several: tuple[Tree, ...]) -> bytes:
        """Several trees in one field."""
        return b"".join(delimited(field, self.node(tree)) for tree in several)

    def case(self, tree: CaseExpr) -> bytes:
        """Return a case."""
        out = b""
        for condition, value in tree.when:
            both = delimited(1, self.node(condition)) + delimited(2, self.node(value))
            out += delimited(2, both)
        return out + self.optional(3, tree.otherwise)

    def optional(self, field: int, tree: Tree | None) -> bytes:
        """Return a tree, if there is one."""
        return b"" if tree is None else delimited(field, self.node(tree))

    def scalar_call(self, call: Call) -> bytes:
        """Return a call of a scalar function."""
        out = text(1, call.function.name)
        for arg in call.args:  # a comprehension is a frame more for each level
            out += delimited(2, self.node(arg))
        return out + self.definition(3, call)

    def aggregate_call(self, call: Call) -> bytes:
        """Return a call of an aggregate function."""
        out = text(1, call.function.name) + self.nodes(2, call.args)
        out += self.optional(3, call.filter) + self.keys(4, call.order_by)
        return out + flag(5, call.distinct) + self.definition(6, call)

    def window_call(self, call: Call) -> bytes:
        """Return a call of a function over a window."""
        assert call.window is not None
        name = 9 if call.function.family == "window" else 3
        # The name is in a choice of fields: it is written where it is empty, too.
        out = delimited(name, call.function.name) + self.nodes(4, call.args)
        out += self.nodes(5, call.window.partition_by) + self.keys(6, call.window.order_by)
        out += delimited(8, self.frame(call.window.frame)) + self.definition(10, call)
        return out + flag(12, call.distinct) + self.optional(13, call.filter)

    def definition(self, field: int, call: Call) -> bytes:
        """Return what a call says of its function beside the name."""
        data = self.subject.definitions.write(call.function, self.session)
        frame = b"" if data is None else delimited(field, data)
        return frame + number(MARK, self.subject.definitions.mark(call.function))

    def keys(self, field: int, several: tuple[SortKey, ...]) -> bytes:
        """Sort keys."""
        return b"".join(
            delimited(
                field,
                delimited(1, self.node(key.arg))
                + flag(2, key.ascending)
                + flag(3, key.nulls_first),
            )
            for key in several
        )

    def frame(self, frame: Frame) -> bytes:
        """Return a window frame."""
        units = UNITS.index(frame.units)
        bounds = delimited(2, self.bound(BEFORE, frame.start))
        bounds += delimited(3, self.bound(AFTER, frame.end))
        return (number(1, units) if units else b"") + bounds

    def bound(self, side: int, rows: int | None) -> bytes:
        """Return a bound of a frame; a negative number of rows is one on the other side."""
        if rows == 0:
            return b""
        if rows is None:
            return number(1, side) + delimited(2, UNBOUNDED)
        if rows < 0:
            side = AFTER if side == BEFORE else BEFORE
        return number(1, side) + delimited(2, number(11, abs(rows)))
