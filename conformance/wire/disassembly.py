"""The disassembly of bytes as text: every frame with header, tuple, schemas, opcodes.

It is for people who read a blob or a diff of two. Nothing in the bytes is run.
Malformed bytes are shown up to the error, which follows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.wire.definition import FIELDS
from conformance.wire.errors import MalformedSchema, WireError
from conformance.wire.frame import Family, Frame
from conformance.wire.locate import Container, locate
from conformance.wire.payload import Item, Opaque, Payload
from conformance.wire.pickles import Opcode, latin_texts
from conformance.wire.protobuf import Found
from conformance.wire.schema import read_schema, schema_lines
from conformance.wire.text import printable
from conformance.wire.unread import Unread, find_unread

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
"""Opcodes after which a short listing begins a line."""


def disassemble(data: bytes, *, short: bool = False) -> str:
    """Return the disassembly of ``data`` as text; raises what ``locate`` raises.

    ``short`` lists the opcodes in a third of the space: several per line and
    without positions. A pushed value or a memo is shown as the value alone, and
    a repeated frame is shown once. Digests of schemas, payloads and the rest
    reveal changes that no other line shows.
    """
    contents = _contents(data, short)
    lines = [*_render(contents, short)]
    if short:
        lines += ["", f"around the frames: {_digest(_around(data, contents['found']))}"]
    return "\n".join(lines) + "\n"


def _around(data: bytes, found: list[dict[str, Any]]) -> bytes:
    """Return ``data`` without the frames and envelopes."""
    around, end = bytearray(), 0
    for entry in found:
        around += data[end : entry["offset"]]
        end = max(end, entry["offset"] + entry["size"])
    return bytes(around + data[end:])


def _digest(data: bytes) -> str:
    return f"sha {hashlib.sha256(data).hexdigest()[:8]}"


def to_dict(data: bytes) -> dict[str, Any]:
    """Return the content of ``data`` as JSON values.

    The keys are ``container``, ``size`` (bytes) and ``found``: the frames and
    envelopes in their order, each with ``kind``, ``name``, ``path``,
    ``offset``, ``size``, the fields of its header, and an ``error`` if it is
    malformed. Offsets are in bytes from the start of ``data``, positions of
    opcodes from the start of the payload. ``unread`` lists the magics that are in ``data``
    but were not reached. Raises what ``locate`` raises.
    """
    return _contents(data, False)


def _contents(data: bytes, short: bool) -> dict[str, Any]:
    located = locate(data)
    first: dict[bytes, int] = {}
    entries = []
    for number, found in enumerate(located.found, 1):
        entries.append(_found(found, short))
        if short and first.setdefault(found.data, number) != number:
            entries[-1] = {key: entries[-1].get(key) for key in _REPEATED_KEYS} | {
                "same": first[found.data]
            }
    # The golden store has the short listings, which do not show what was not reached.
    unread = [] if short else find_unread(data, located.found)
    if located.container is Container.PICKLE and unread:
        inner, unread = _read_texts(data, unread)
        entries += inner
    return {
        "container": located.container.value,
        "size": len(data),
        "found": entries,
        "unread": [{"offset": one.offset, "magic": one.magic} for one in unread],
    }


def _read_texts(data: bytes, unread: list[Unread]) -> tuple[list[dict[str, Any]], list[Unread]]:
    """Return what is in the texts of an old pickle, and the magics that are still not reached.

    A text counts as read only if everything in it was reached.
    """
    entries: list[dict[str, Any]] = []
    for start, end, text in latin_texts(data):
        here = [one for one in unread if start <= one.offset < end]
        if not here:
            continue
        try:
            found = locate(text).found
        except WireError:
            continue
        entries += [{**_found(one, False), "text at": start} for one in found]
        if not find_unread(text, found):
            unread = [one for one in unread if one not in here]
    return entries, unread


def _found(found: Found, short: bool) -> dict[str, Any]:
    family = None if found.is_envelope else Family(found.data[:7])
    entry: dict[str, Any] = {
        "kind": family.kind if family else "chain envelope",
        "name": found.name,
        "path": [list(step) for step in found.path],
        "offset": found.offset,
        "size": len(found.data),
    }
    try:
        frame = _frame(found.frame(any_version=True), short) if family else _envelope(found)
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


def _frame(frame: Frame, short: bool) -> dict[str, Any]:
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
        entry["error"] = f"not the tuple of a {frame.family.kind} in wire version 1"
    entry["imports"] = list(payload.globals)
    listed = [*_by_content(payload.opcodes)] if short else [*map(_opcode, payload.opcodes)]
    entry["opcodes"] = [opcode for opcode in listed if opcode[1] not in _NOISE]
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
    except ModuleNotFoundError:
        return {"hint": "install pyarrow to see the schema"}


def _opcode(opcode: Opcode) -> list[Any]:
    return [opcode.position, opcode.name, _argument(opcode.argument)]


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


def _argument(value: object) -> str:
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


def _render(contents: dict[str, Any], short: bool) -> Iterator[str]:
    count = len(contents["found"])
    yield f"{contents['container']}, {contents['size']} bytes, frames and envelopes: {count}"
    if not count and not contents["unread"]:
        yield (
            "no frame: no Python UDF travels inline in these bytes "
            "(by-name references are not shown)"
        )
    for number, entry in enumerate(contents["found"], 1):
        yield ""
        name = "" if entry["name"] is None else f" beside the name {entry['name']!a}"
        path = " > ".join(f"{field}[{index}]" for field, index in entry["path"])
        yield f"{number} of {count}: {entry['kind']}, {entry['size']} bytes{name}"
        if path:
            yield f"  in fields {path}"
        if "text at" in entry:
            yield f"  in the text at {entry['text at']:#06x}, from whose start its offsets count"
        if "same" in entry:
            yield f"  {entry['offset']:#06x} the bytes of number {entry['same']} once more"
            continue
        yield from _render_header(entry, short)
        yield from _render_payload(entry, short)
        if "error" in entry:
            yield f"  ! {entry['error']}"
    if not short:
        yield from unread_lines(contents["unread"])


def unread_lines(unread: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each magic that was not reached."""
    for one in unread:
        yield f"! {one['offset']:#06x} magic {one['magic']}: not reached, its UDF is not shown"


def _render_header(entry: dict[str, Any], short: bool) -> Iterator[str]:
    at = entry["offset"]
    if entry["kind"] == "chain envelope":
        yield f"  {at:#06x} magic DFPYCHN"
        if "codec id" in entry:
            yield f"  {at + 7:#06x} envelope version {entry['envelope version']}"
            yield f"  {at + 8:#06x} codec id {entry['codec id']!a}"
            yield f"  {at + entry['size'] - entry['blob']:#06x} blob of {entry['blob']} bytes"
        return
    # The golden store contains the short listings: their text must not change.
    article = "an" if entry["kind"][0] in "aeiou" and not short else "a"
    yield f"  {at:#06x} magic of {article} {entry['kind']}"
    if "python" in entry:
        yield f"  {at + Frame.VERSION_AT:#06x} wire version {entry['wire version']}"
        yield f"  {at + Frame.MAJOR_AT:#06x} Python {'.'.join(map(str, entry['python']))}"
        yield f"  {at + Frame.HEADER_SIZE:#06x} payload of {entry['payload']} bytes"


def _render_payload(entry: dict[str, Any], short: bool) -> Iterator[str]:
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
        if short and "digest" in member:
            yield f"      {member['digest']}"
    yield "  imports, if it were unpickled"
    yield from (f"    {printable(name)}" for name in entry["imports"])
    if short:
        yield "  opcodes"
        yield from _short_listing(entry["opcodes"])
        yield f"  payload in all: {entry['digest']}"
    else:
        yield "  opcodes, by position in the payload"
        for position, name, argument in entry["opcodes"]:
            yield f"    {position} {name} {argument}".rstrip()
    if entry["after STOP"]:
        yield f"  {entry['after STOP']} bytes after STOP, which unpickling ignores"


def _short_listing(opcodes: list[list[Any]]) -> Iterator[str]:
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
