"""The schemas in a frame: Arrow IPC streams of a schema without batches.

This is the only module here that needs pyarrow. It imports pyarrow when called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from conformance.wire.errors import MalformedSchema
from conformance.wire.text import printable

if TYPE_CHECKING:
    import pyarrow as pa

_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"
"""The end-of-stream marker: a continuation, and a message of length 0."""
_ENDS = (b"", _END, _END[4:])
"""The ends of a stream: none, or a marker, which has no continuation before Arrow 0.15."""


def read_schema(data: bytes) -> pa.Schema:
    """Read ``data`` as the stream of a schema.

    The end marker may be missing: Arrow lets a writer end a stream without one.
    Raises ``MalformedSchema`` if the stream or its end marker is truncated, if
    bytes follow the end marker, if the stream has a batch, if the first
    message is not a schema, or if a name is not UTF-8. Raises
    ``ImportError`` without a pyarrow that can be imported.
    """
    import pyarrow as pa

    source = pa.BufferReader(data)
    try:
        messages = pa.ipc.MessageReader.open_stream(source)
        message = messages.read_next_message()
        if message.type != "schema":
            raise MalformedSchema(f"expected a schema as the first message, found a {message.type}")
        schema = pa.ipc.read_schema(message)
        end = source.tell()
        # Arrow accepts any bytes as a name, and fails when the name is read.
        schema_lines(schema)
    except StopIteration:
        raise MalformedSchema("the stream has no message") from None
    except UnicodeDecodeError as error:
        raise MalformedSchema(f"{error.object!r} in it is not UTF-8") from None
    except (pa.ArrowException, OSError) as error:
        raise MalformedSchema(str(error).partition("\n")[0]) from None
    rest = data[end:]
    if rest in _ENDS:
        return schema
    if _END.startswith(rest):
        raise MalformedSchema(f"its end marker is truncated after {len(rest)} of {len(_END)} bytes")
    if rest.startswith(_END):
        raise MalformedSchema(f"{len(rest) - len(_END)} bytes follow its end")
    raise MalformedSchema(f"{len(rest)} bytes follow the schema instead of its end marker")


def schema_lines(schema: pa.Schema) -> list[str]:
    """Return a schema as text, a line per field: name, type, nullability, sorted metadata.

    A nested field has a line of its own only if it has metadata, which its type does not show.
    """
    lines = []
    for field in schema:
        text = f"{field.name}: {field.type} {'null' if field.nullable else 'not null'}"
        lines.append(printable(text) + _metadata(field.metadata))
        lines += _nested(field.type, printable(field.name))
    if schema.metadata:
        lines.append("schema" + _metadata(schema.metadata))
    return lines


def _nested(type_: pa.DataType, path: str) -> Iterator[str]:
    """Yield a line for each nested field with metadata, by its path."""
    for index in range(type_.num_fields):
        field = type_.field(index)
        place = f"{path}.{printable(field.name)}"
        if field.metadata:
            yield f"  {place}{_metadata(field.metadata)}"
        yield from _nested(field.type, place)


def _metadata(metadata: Mapping[bytes, bytes] | None) -> str:
    if not metadata:
        return ""
    pairs = ", ".join(f"{_show(key)}={_show(value)}" for key, value in sorted(metadata.items()))
    return f" {{{pairs}}}"


def _show(value: bytes) -> str:
    return repr(value.decode(errors="backslashreplace"))
