"""Schemas as Arrow IPC streams without a batch, written and read here and not by pyarrow."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count

import pyarrow as pa

from conformance.subjects.reference import types
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.flatbuffers import Number, Slot, Table, build_buffer

_MARK = b"\xff\xff\xff\xff"
_END = _MARK + bytes(4)
_SCHEMA = 1
"""The number of a schema among the kinds of messages."""
_V5 = 4


class Schemas:
    """Writes and reads the schemas in a payload."""

    end = _END
    """The bytes behind the message of a schema."""

    def write(self, fields: Sequence[pa.Field]) -> bytes:
        """Return the stream of a schema of these fields."""
        schema = self.describe_schema(fields)
        message = build_buffer(
            {0: Number("h", _V5), 1: Number("B", _SCHEMA), 2: schema, 3: Number("q", 0)}
        )
        message += bytes(-len(message) % 8)
        return _MARK + struct.pack("<i", len(message)) + message + self.end

    def describe_schema(self, fields: Sequence[pa.Field]) -> dict[int, Slot]:
        """Return the table of a schema of these fields."""
        numbers = count()
        return {1: [self.describe_field(field, numbers) for field in fields]}

    def describe_field(self, field: pa.Field, numbers: Iterator[int]) -> Mapping[int, Slot]:
        """Return the table of a field; a dictionary gets the next of ``numbers``."""
        type_ = field.type
        table: dict[int, Slot] = {0: field.name}
        if field.nullable:
            table[1] = Number("?", True)
        if isinstance(type_, pa.DictionaryType):
            table[4] = {
                0: Number("q", next(numbers)),
                1: types.integer(type_.index_type),
                **({2: Number("?", True)} if type_.ordered else {}),
            }
            type_ = type_.value_type
        kind, content, children = types.describe_type(type_)
        table |= {2: Number("B", kind), 3: content}
        table[5] = [self.describe_field(child, numbers) for child in children]
        if field.metadata:
            table[6] = [
                {0: key.decode(), 1: value.decode()} for key, value in field.metadata.items()
            ]
        return table

    def read(self, data: object, what: str) -> list[pa.Field]:
        """Return the fields of the schema that ``data`` is. ``ExecutionError`` where it is none."""
        if not isinstance(data, bytes):
            raise ExecutionError(f"the {what} schema is no bytes but {type(data).__name__}")
        try:
            message, rest = self.message(data)
            self.check_end(rest)
            schema = Table.root(message)
            if schema.number(1, "B") != _SCHEMA:
                raise ValueError("the first message is no schema")
            fields = self.required(schema.table(2)).tables(1)
            return [self.field(field) for field in fields]
        except (ValueError, RecursionError, pa.ArrowException, KeyError) as error:
            raise ExecutionError(f"the {what} schema cannot be read: {error}") from None

    def message(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the first message of a stream, and what comes after it."""
        if data[:4] != _MARK or len(data) < 8:
            raise ValueError("no stream of messages")
        (size,) = struct.unpack_from("<i", data, 4)
        if size <= 0 or len(data) < 8 + size:
            raise ValueError("the message is cut short")
        return data[8 : 8 + size], data[8 + size :]

    def check_end(self, rest: bytes) -> None:
        """Nothing but the mark of the stream's end may come after the schema."""
        if rest not in (b"", _END):
            raise ValueError("something follows the schema message")

    def field(self, table: Table) -> pa.Field:
        """Return the field that a table describes."""
        children = self.fields(table.tables(5))
        type_ = types.read(table.number(2, "B"), self.required(table.table(3)), children)
        dictionary = table.table(4)
        if dictionary is not None:
            index = types.read_integer(self.required(dictionary.table(1)))
            type_ = pa.dictionary(index, type_, ordered=bool(dictionary.number(2, "?")))
        return pa.field(
            table.text(0) or "",
            type_,
            nullable=bool(table.number(1, "?")),
            metadata=self.metadata(table),
        )

    def fields(self, tables: Iterable[Table]) -> list[pa.Field]:
        """Return the fields that tables describe."""
        return [self.field(table) for table in tables]

    def metadata(self, table: Table) -> dict[str, str] | None:
        """Return the metadata of a field."""
        pairs = {pair.text(0) or "": pair.text(1) or "" for pair in table.tables(6)}
        return pairs or None

    @staticmethod
    def required(table: Table | None) -> Table:
        """Return a table that must be there."""
        if table is None:
            raise ValueError("a table is missing")
        return table
