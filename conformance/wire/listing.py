"""The listing of bytes as text: every frame with header, tuple, schemas, opcodes.

The golden store keeps the listing of the newest golden of each case, so that a person reads what
is in it; its text must not change. Nothing in the bytes is run. Malformed bytes are listed up to
the error, which follows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.wire.definition import FIELDS
from conformance.wire.errors import MalformedSchema, WireError
from conformance.wire.frame import Family, Frame
from conformance.wire.locate import locate
from conformance.wire.payload import Item, Payload
from conformance.wire.pickles import Opcode
from conformance.wire.protobuf import Found
from conformance.wire.schema import read_schema, schema_lines
from conformance.wire.text import printable
from conformance.wire.values import Opaque

_ARGUMENT_LENGTH = 60
"""The maximum length of an opcode's argument, in characters."""

_MEMO_LENGTH = 16
"""The maximum length of a value that a memo refers to, in characters."""

_NOISE = frozenset(("MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"))
"""Opcodes that only store in the memo; a third of a pickle."""

_REPEATED_KEYS = ("kind", "name", "path", "offset", "size")
"""The keys that are shown for a frame that appears again."""

_LINE_ENDS = frozenset(
    ("FRAME", "MARK", "REDUCE", "STACK_GLOBAL", "GLOBAL", "NEWOBJ", "BUILD", "SETITEM", "SETITEMS")
)
"""Opcodes after which a line ends."""


def listing(data: bytes) -> str:
    """Return the listing of ``data``; raises what ``locate`` raises.

    Several opcodes share a line, without positions. A pushed value or a memo is shown as the
    value alone, and a repeated frame is shown once. Digests of schemas, payloads and the rest
    reveal changes that no other line shows.
    """
    located = locate(data)
    first: dict[bytes, int] = {}
    entries = []
    for number, found in enumerate(located.found, 1):
        entries.append(_found(found))
        if first.setdefault(found.data, number) != number:
            entries[-1] = {key: entries[-1].get(key) for key in _REPEATED_KEYS} | {
                "same": first[found.data]
            }
    lines = [f"{located.container.value}, {len(data)} bytes, frames and envelopes: {len(entries)}"]
    if not entries:
        lines.append(_NO_FRAME)
    for number, entry in enumerate(entries, 1):
        lines += ["", f"{number} of {len(entries)}: {_title(entry)}", *_render(entry)]
    lines += ["", f"around the frames: {_digest(_around(data, entries))}"]
    return "\n".join(lines) + "\n"


_NO_FRAME = (
    "no frame: no Python UDF travels inline in these bytes (by-name references are not shown)"
)


def _around(data: bytes, found: list[dict[str, Any]]) -> bytes:
    """Return ``data`` without the frames and envelopes."""
    around, end = bytearray(), 0
    for entry in found:
        around += data[end : entry["offset"]]
        end = max(end, entry["offset"] + entry["size"])
    return bytes(around + data[end:])


def _digest(data: bytes) -> str:
    return f"sha {hashlib.sha256(data).hexdigest()[:8]}"


def _found(found: Found) -> dict[str, Any]:
    family = None if found.is_envelope else Family(found.data[:7])
    entry: dict[str, Any] = {
        "kind": family.kind if family else "chain envelope",
        "name": found.name,
        "path": [list(step) for step in found.path],
        "offset": found.offset,
        "size": len(found.data),
    }
    try:
        frame = _frame(found.frame(any_version=True)) if family else _envelope(found)
        entry.update(frame)
    except WireError as error:
        entry["error"] = _describe_error(error)
    return entry


def _envelope(found: Found) -> dict[str, Any]:
    envelope = found.envelope(any_version=True)
    return {
        "envelope version": envelope.version,
        "codec id": envelope.codec_id,
        "blob": len(envelope.blob),
    }


def _frame(frame: Frame) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "wire version": frame.wire_version,
        "python": list(frame.python),
        "payload": len(frame.payload),
    }
    try:
        payload = Payload.read(frame.payload)
    except WireError as error:
        return {**entry, "error": _describe_error(error)}
    names = FIELDS[frame.family]
    known = frame.wire_version == 1 and len(names) == len(payload.items)
    entry["tuple"] = [
        {"field": names[index] if known else f"member {index}", **_member(item)}
        for index, item in enumerate(payload.items)
    ]
    if not known:
        entry["error"] = f"not the tuple of {frame.family.with_article} in wire version 1"
    entry["imports"] = list(payload.globals)
    entry["opcodes"] = [
        opcode for opcode in _by_content(payload.opcodes) if opcode[1] not in _NOISE
    ]
    entry["after STOP"] = len(frame.payload) - payload.size
    entry["digest"] = _digest(frame.payload)
    return entry


def _member(item: Item) -> dict[str, Any]:
    if isinstance(item, Opaque):
        return {"type": item.kind}
    if isinstance(item, str):
        return {"type": "str", "value": item}
    return {"type": "bytes", "size": len(item), "digest": _digest(item), **_schema(item)}


def _schema(data: bytes) -> dict[str, Any]:
    try:
        return {"schema": schema_lines(read_schema(data))}
    except MalformedSchema as error:
        return {"error": _describe_error(error)}
    except ImportError:  # it is missing, or a library that it needs is
        return {"hint": "install pyarrow to see the schema"}


def _opcode(opcode: Opcode) -> list[Any]:
    return [opcode.position, opcode.name, argument_text(opcode.argument)]


def _by_content(opcodes: Iterable[Opcode]) -> Iterator[list[Any]]:
    """Yield the opcodes with the value of a memo in place of its number, which often changes."""
    memo: dict[object, str] = {}
    last = ""
    for opcode in opcodes:
        position, name, argument = _opcode(opcode)
        if name in _NOISE:
            memo[len(memo) if name == "MEMOIZE" else opcode.argument] = last
        elif name.endswith("GET"):
            last = argument = memo[opcode.argument]
        elif name == "STACK_GLOBAL":
            last = f"global {last}"
        else:
            last = (
                argument if len(argument) <= _MEMO_LENGTH else f"{argument[: _MEMO_LENGTH - 3]}..."
            )
            last = last or name
        yield [position, name, argument]


def argument_text(value: object) -> str:
    """Return the argument of an opcode as short text; a digest distinguishes long ones."""
    if value is None:
        return ""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"an integer of {value.bit_length()} bits, {_digest(b'%x' % value)}"
    # Truncate first: formatting a long value takes too long.
    text = ascii(value[:_ARGUMENT_LENGTH] if isinstance(value, str | bytes | bytearray) else value)
    if isinstance(value, str | bytes | bytearray) and (
        len(value) > _ARGUMENT_LENGTH or len(text) > _ARGUMENT_LENGTH
    ):
        whole = value.encode(errors="surrogatepass") if isinstance(value, str) else bytes(value)
        return f"{text[: _ARGUMENT_LENGTH - 3]}... ({len(value)}, {_digest(whole)})"
    return text if len(text) <= _ARGUMENT_LENGTH else f"{text[: _ARGUMENT_LENGTH - 3]}..."


def _describe_error(error: WireError) -> str:
    return f"{type(error).__name__}: {error}"


def _title(entry: dict[str, Any]) -> str:
    name = "" if entry["name"] is None else f" beside the name {entry['name']!a}"
    return f"{entry['kind']}, {entry['size']} bytes{name}"


def _render(entry: dict[str, Any]) -> Iterator[str]:
    path = " > ".join(f"{field}[{index}]" for field, index in entry["path"])
    if path:
        yield f"  in fields {path}"
    if "same" in entry:
        yield f"  {entry['offset']:#06x} the bytes of number {entry['same']} once more"
        return
    yield from _render_header(entry)
    yield from _render_payload(entry)
    if "error" in entry:
        yield f"  ! {entry['error']}"


def _render_header(entry: dict[str, Any]) -> Iterator[str]:
    at = entry["offset"]
    if entry["kind"] == "chain envelope":
        yield f"  {at:#06x} magic DFPYCHN"
        if "codec id" in entry:
            yield f"  {at + 7:#06x} envelope version {entry['envelope version']}"
            yield f"  {at + 8:#06x} codec id {entry['codec id']!a}"
            yield f"  {at + entry['size'] - entry['blob']:#06x} blob of {entry['blob']} bytes"
        return
    yield f"  {at:#06x} magic of a {entry['kind']}"
    if "python" in entry:
        yield f"  {at + Frame.VERSION_AT:#06x} wire version {entry['wire version']}"
        yield f"  {at + Frame.MAJOR_AT:#06x} Python {'.'.join(map(str, entry['python']))}"
        yield f"  {at + Frame.HEADER_SIZE:#06x} payload of {entry['payload']} bytes"


def _render_payload(entry: dict[str, Any]) -> Iterator[str]:
    if "tuple" not in entry:
        return
    yield "  tuple"
    for member in entry["tuple"]:
        value = ascii(member["value"]) if "value" in member else f"<{member['type']}>"
        if "size" in member:
            value = f"{member['size']} bytes"
        yield f"    {member['field']}: {value}"
        yield from (f"      {line}" for line in member.get("schema", ()))
        yield from (f"      ! {member[key]}" for key in ("error", "hint") if key in member)
        if "digest" in member:
            yield f"      {member['digest']}"
    yield "  imports, if it were unpickled"
    yield from (f"    {printable(name)}" for name in entry["imports"])
    yield "  opcodes"
    yield from _opcode_lines(entry["opcodes"])
    yield f"  payload in all: {entry['digest']}"
    if entry["after STOP"]:
        yield f"  {entry['after STOP']} bytes after STOP, which unpickling ignores"


def _opcode_lines(opcodes: list[list[Any]]) -> Iterator[str]:
    line: list[str] = []
    for _, name, argument in opcodes:
        if name == "MARK":
            line.append("(")
        elif name.endswith("GET"):
            line.append(f"={argument}")
        else:
            line.append(
                argument
                if argument and name not in ("PROTO", "FRAME")
                else f"{name} {argument}".rstrip()
            )
        if name in _LINE_ENDS:
            yield "    " + " ".join(line)
            line = []
    yield "    " + " ".join(line)
