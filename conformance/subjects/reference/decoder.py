"""Protobuf to trees."""

from __future__ import annotations

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import arrow_types, scalars
from conformance.subjects.reference.components import Components
from conformance.subjects.reference.encoder import (
    BEFORE,
    CURRENT,
    MARK,
    OPERATORS,
    UNITS,
)
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.protobuf import Message, malformed
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
    SortKey,
    Tree,
    Window,
)

NODES = (1, 2, 3, 4, 10, 11, 14, 18, 19, 20)
"""The fields of a node, of which it has one; any other field is ignored."""
_OPERATORS = {word: op for op, word in OPERATORS.items()}


class Decoder:
    """Reads trees for one session."""

    def __init__(self, subject: Components, session: Session) -> None:
        self.subject = subject
        self.session = session

    def node(self, data: bytes) -> Tree:
        """Return the tree in a message."""
        outer = Message(data)
        known = [field for field in outer.fields if field in NODES]
        if len(known) != 1:
            raise malformed("a node is not one expression")
        (field,) = known
        content = outer.required(field)
        if field == 3:
            return scalars.read(content)
        inner = Message(content)
        if field == 20:
            return self.scalar_call(inner)
        if field == 1:
            return Column(inner.text(1))
        if field == 2:
            metadata = scalars.read_metadata(inner, 4)
            return Alias(self.node(inner.required(1)), inner.text(2), metadata)
        if field == 4:
            return self.binary(inner)
        if field == 10:
            return self.case(inner)
        if field == 11:
            return Cast(self.node(inner.required(1)), arrow_types.read(inner.required(2)))
        if field == 14:
            values = self.nodes(inner, 2)
            return InList(self.node(inner.required(1)), values, bool(inner.number(3)))
        if field == 18:
            return self.window_call(inner)
        return self.aggregate_call(inner)

    def nodes(self, message: Message, field: int) -> tuple[Tree, ...]:
        """Several trees in one field."""
        return tuple(map(self.node, message.all(field)))

    def optional(self, message: Message, field: int) -> Tree | None:
        """Return a tree, if there is one."""
        data = message.data(field)
        return None if data is None else self.node(data)

    def binary(self, message: Message) -> Tree:
        """Two operands, or more in a row with one operator."""
        word, operands = message.text(3), message.all(1)
        if word not in _OPERATORS or len(operands) < 2:
            raise malformed(f"the operator {word!r} on {len(operands)} operands")
        tree = self.node(operands[0])
        for operand in operands[1:]:
            tree = Binary(_OPERATORS[word], tree, self.node(operand))
        return tree

    def case(self, message: Message) -> Tree:
        """Return a case."""
        if message.data(1) is not None:
            raise malformed("a case that compares")
        pairs = [Message(pair) for pair in message.all(2)]
        when = tuple((self.node(one.required(1)), self.node(one.required(2))) for one in pairs)
        return CaseExpr(when, self.optional(message, 3))

    def scalar_call(self, message: Message) -> Tree:
        """Return a call of a scalar function."""
        args = []
        for arg in message.all(2):
            args.append(self.node(arg))  # a comprehension is a frame more for each level
        return Call(self.function("scalar", message.text(1), message, 3), tuple(args))

    def aggregate_call(self, message: Message) -> Tree:
        """Return a call of an aggregate function."""
        return Call(
            self.function("aggregate", message.text(1), message, 6),
            self.nodes(message, 2),
            bool(message.number(5)),
            self.optional(message, 3),
            self.keys(message, 4),
        )

    def window_call(self, message: Message) -> Tree:
        """Return a call of a function over a window."""
        family: Family = "aggregate" if message.data(3) is not None else "window"
        if family == "window" and message.data(9) is None:
            raise malformed("a window call of neither an aggregate nor a window UDF")
        name = message.text(3 if family == "aggregate" else 9)
        return Call(
            self.function(family, name, message, 10),
            self.nodes(message, 4),
            bool(message.number(12)),
            self.optional(message, 13),
            (),
            Window(
                self.nodes(message, 5),
                self.keys(message, 6),
                self.frame(Message(message.required(8))),
            ),
        )

    def function(
        self, family: Family, name: str, message: Message, field: int
    ) -> Function | Builtin:
        """Return the function that a call names or defines."""
        data, mark = message.data(field), message.number(MARK)
        return self.subject.definitions.read(family, name, data, mark, self.session)

    def keys(self, message: Message, field: int) -> tuple[SortKey, ...]:
        """Sort keys."""
        keys = [Message(key) for key in message.all(field)]
        return tuple(
            SortKey(self.node(key.required(1)), bool(key.number(2)), bool(key.number(3)))
            for key in keys
        )

    def frame(self, message: Message) -> Frame:
        """Return a window frame."""
        units = message.number(1)
        if units >= len(UNITS):
            raise malformed(f"a window frame of units {units}")
        start = self.bound(message.data(2), start=True)
        return Frame(UNITS[units], start, self.bound(message.data(3), start=False))

    def bound(self, data: bytes | None, *, start: bool) -> int | None:
        """Return how many rows before or after; the other way they are negative."""
        message = Message(data or b"")
        side = message.number(1)
        if side == CURRENT:
            return 0
        value = message.data(2)
        rows = None if value is None else scalars.read(value).value.as_py()
        if rows is None:
            return None
        try:
            number = int(rows)  # the engine's SQL writes those of a range as texts
        except (TypeError, ValueError):
            raise malformed(f"a window frame that begins or ends at {rows!r}") from None
        return number if (side == BEFORE) == start else -number
