"""Find the calls by name in an expression or a plan: functions that the bytes do not define."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.inspection.call_shapes import EXPRESSIONS_SINCE, SHAPES, Shape
from conformance.wire.errors import MalformedProtobuf
from conformance.wire.fields import Field, FieldBudget
from conformance.wire.protobuf import MAX_DEPTH, Bytes, has_magic, list_fields

MAX_BYTES = 64 * 2**20
"""The maximum number of bytes that a search parses; nested ones count once for each level."""

MAX_MESSAGES = 100_000
"""The maximum number of messages that a search parses."""

MAX_NAMES = 1_000
"""The maximum number of functions that a search finds."""

_VARINT, _DELIMITED = 0, 2


@dataclass(frozen=True)
class Call:
    """A call of a function of which the bytes hold only the name."""

    kind: str
    name: str


class CallSearch:
    """A search in one or several messages, which ends at the maximum of each count.

    ``bad_names`` counts what may be the name of a column or of a function, and is not UTF-8;
    ``foreign`` are the names of functions whose definition is no frame. ``since`` is the first
    engine that has all expressions that were found, empty where all released engines have them.
    ``repeated`` counts the messages in which a field is twice, or two where one alone can be, as
    far as that concerns a call: protobuf joins them or takes the last, and no engine writes them.
    """

    def __init__(self) -> None:
        self.counts: dict[Call, int] = {}
        self.is_complete = True
        self.bad_names = 0
        self.foreign: dict[str, None] = {}
        self.since = ""
        self.repeated = 0
        self._bytes = self._messages = 0
        self._budget = FieldBudget()

    def message(self, data: Bytes, *, is_whole: bool = False) -> None:
        """Count the calls in a message; in other bytes there are none.

        ``is_whole`` says that it is an expression or a plan, which has one field.
        """
        try:
            self._inside(self._fields(data, 0), 0, has_one=is_whole)
        except MalformedProtobuf:
            self.is_complete = False

    def _inside(self, fields: Iterable[Field], depth: int, *, has_one: bool = False) -> None:
        """Count the calls in the fields of a message."""
        count = 0
        try:
            for field in fields:
                count += 1
                if field.wire_type == _DELIMITED and len(field.data) > 2:
                    has_one |= self._content(field, depth + 1)
        except MalformedProtobuf:
            self.is_complete = False
        self.repeated += has_one and count > 1

    def _content(self, field: Field, depth: int) -> bool:
        """Count the call that the content of a field is, and those in it.

        Return whether it is a call with a frame in an expression, which has no other field.
        """
        if has_magic(field.data):
            return False
        fields = list(self._fields(field.data, depth))
        for shape in SHAPES:
            if shape.held_by in (None, field.field_number) and (name := _name(shape, fields)):
                self._add(Call(shape.kind, name))
                self.since = self.since or shape.since
                break
        if depth == 1 and _has_name(fields):
            self.since = self.since or EXPRESSIONS_SINCE.get(field.field_number, "")
        self.bad_names += _has_bad_name(field.field_number, fields)
        if len(self.foreign) < MAX_NAMES and (name := _foreign(field.field_number, fields)):
            self.foreign[name] = None
        self.repeated += _is_repeated(field.field_number, fields)
        self._inside(fields, depth)
        return any(
            shape.held_by == field.field_number and shape.is_logical and _frames(shape, fields)
            for shape in SHAPES
        )

    def _add(self, call: Call) -> None:
        if call in self.counts or len(self.counts) < MAX_NAMES:
            self.counts[call] = self.counts.get(call, 0) + 1
        else:
            self.is_complete = False

    def _fields(self, data: Bytes, depth: int) -> Iterable[Field]:
        """List the fields of a message, as long as no maximum is reached."""
        self._bytes += len(data)
        self._messages += 1
        if self._bytes > MAX_BYTES or self._messages > MAX_MESSAGES or depth > MAX_DEPTH:
            self.is_complete = False
            return ()
        return list_fields(data, self._budget) or ()


def _name(shape: Shape, fields: Sequence[Field]) -> str:
    """Return the name of the function that a message calls by name; empty if it calls none."""
    names = [field for field in fields if field.field_number == shape.name]
    numbers = {field.field_number for field in fields}
    if len(names) != 1 or shape.definition in numbers or not shape.must <= numbers:
        return ""
    if not all(_fits(shape, field) for field in fields):
        return ""
    return _text(names[0].data)


def _frames(shape: Shape, fields: Sequence[Field]) -> bool:
    """Return whether a message has a frame at the place that a shape has for it."""
    return any(
        one.field_number == shape.definition and one.wire_type == _DELIMITED and has_magic(one.data)
        for one in fields
    )


def _is_repeated(number: int, fields: Sequence[Field]) -> bool:
    """Return whether a call has its name or its definition twice."""
    numbers = [one.field_number for one in fields]
    for shape in SHAPES:
        if shape.held_by not in (None, number):
            continue
        if numbers.count(shape.definition) > 1 and _frames(shape, fields):
            return True
        named = [one for one in fields if one.field_number == shape.name]
        if len(named) > 1 and shape.held_by is not None and shape.is_logical:
            others = {*numbers} - {shape.name}
            texts = all(one.wire_type == _DELIMITED and _text(one.data) for one in named)
            if texts and others and others <= shape.messages | shape.numbers | {shape.definition}:
                return True
    return False


def _has_name(fields: Sequence[Field]) -> bool:
    """Return whether field 1 of a message is a text, as the name of a lambda's variable is."""
    return any(
        one.field_number == 1 and one.wire_type == _DELIMITED and _text(one.data) for one in fields
    )


def _has_bad_name(number: int, fields: Sequence[Field]) -> bool:
    """Return whether the fields are of a column, or of a call with a frame, without a text as name.

    ``number`` is that of the field that holds them: a column is field 1 of an expression.
    """
    fields = [field for field in fields if field.wire_type == _DELIMITED]
    numbers = [field.field_number for field in fields]
    if number == 1 and numbers in ([1], [1, 2]):
        return _is_no_text(fields[0])
    for shape in SHAPES:
        if number == shape.held_by and shape.name in numbers and shape.definition in numbers:
            definition = fields[numbers.index(shape.definition)]
            if has_magic(definition.data) and _is_no_text(fields[numbers.index(shape.name)]):
                return True
    return False


def _foreign(number: int, fields: Sequence[Field]) -> str:
    """Return the name of the call that the fields are, if its definition is no frame."""
    for shape in SHAPES:
        if number != shape.held_by:
            continue
        inside = [one for one in fields if one.field_number == shape.definition]
        others = [one for one in fields if one.field_number != shape.definition]
        is_foreign = any(
            one.wire_type == _DELIMITED and one.data and not has_magic(one.data) for one in inside
        )
        if is_foreign and (name := _name(shape, others)):
            return name
    return ""


def _is_no_text(field: Field) -> bool:
    """Return whether a field is neither a text nor a message."""
    try:
        bytes(field.data).decode()
    except UnicodeDecodeError:
        return list_fields(field.data, FieldBudget()) is None
    return False


def _text(data: Bytes) -> str:
    """Return the bytes as a name; empty if they are none, or a message that looks like a text."""
    try:
        text = bytes(data).decode()
    except UnicodeDecodeError:
        return ""
    is_name = text.isprintable() or list_fields(data, FieldBudget()) is None
    return text if is_name else ""


def _fits(shape: Shape, field: Field) -> bool:
    """Return whether the message that ``shape`` describes may have this field."""
    number = field.field_number
    if number in shape.numbers:
        return field.wire_type == _VARINT
    if field.wire_type != _DELIMITED:
        return False
    return number in shape.texts | {shape.name} or (
        number in shape.messages and list_fields(field.data, FieldBudget()) is not None
    )
