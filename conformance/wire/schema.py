"""The schemas in a frame: Arrow IPC streams of a schema and no batch.

The only module that needs pyarrow, and imports it when it is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from conformance.wire.errors import MalformedSchema
from conformance.wire.text import printable

if TYPE_CHECKING:
    import pyarrow as pa

_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"
"""The mark at the end of a stream: a continuation, and a message of no length."""


def read_schema(data: bytes) -> pa.Schema:
    """Read the schema that ``data`` is.

    Raises ``MalformedSchema`` where the stream is cut short, its end mark
    included, where anything follows the end mark, where a batch comes before
    it, where the first message is no schema, and where a name is not UTF-8.
    ``ModuleNotFoundError`` where there is no pyarrow.
    """
    import pyarrow as pa

    source = pa.BufferReader(data)
    try:
        messages = pa.ipc.MessageReader.open_stream(source)
        message = messages.read_next_message()
        if message.type != "schema":
            raise MalformedSchema(f"the first message is a {message.type}")
        schema = pa.ipc.read_schema(message)
        end = source.tell()
        # Arrow takes any bytes for a name and fails only when it is asked for.
        schema_lines(schema)
    except StopIteration:
        raise MalformedSchema("the stream has no message") from None
    except UnicodeDecodeError as error:
        raise MalformedSchema(f"{error.object!r} in it is not UTF-8") from None
    except (pa.ArrowException, OSError) as error:
        raise MalformedSchema(str(error).partition("\n")[0]) from None
    rest = data[end:]
    if rest == _END:
        return schema
    if _END.startswith(rest):
        raise MalformedSchema(f"its end mark is cut short after {len(rest)} of {len(_END)} bytes")
    if rest.startswith(_END):
        raise MalformedSchema(f"{len(rest) - len(_END)} bytes follow its end")
    raise MalformedSchema(f"{len(rest)} bytes follow the schema where its end mark should stand")


def schema_lines(schema: pa.Schema) -> list[str]:
    """Show a schema, one field a line: name, type, nullability, metadata by key."""
    lines = [
        printable(f"{field.name}: {field.type} {'null' if field.nullable else 'not null'}")
        + _metadata(field.metadata)
        for field in schema
    ]
    if schema.metadata:
        lines.append("schema" + _metadata(schema.metadata))
    return lines


def _metadata(metadata: Mapping[bytes, bytes] | None) -> str:
    if not metadata:
        return ""
    pairs = ", ".join(f"{_show(key)}={_show(value)}" for key, value in sorted(metadata.items()))
    return f" {{{pairs}}}"


def _show(value: bytes) -> str:
    return repr(value.decode(errors="backslashreplace"))
