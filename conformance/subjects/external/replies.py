"""Read a reply and its fields; ``protocol.schema.json`` beside this module defines them."""

from __future__ import annotations

import base64
import binascii
import json
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from conformance.subjects.codec import Decision
from conformance.subjects.external.errors import OperationFailed, ProtocolError

Message = Mapping[str, Any]
T = TypeVar("T")
_WORDS = {
    str: "a string",
    bool: "true or false",
    int: "a number",
    list: "a list",
    dict: "an object",
}
_ONE_LINE = "Write each reply as one JSON object on one line."
_NO_LOGS = "Write logs to stderr."
_SHOWN = 200
"""The bytes of a line that a message quotes."""
_LINES, _SHORT = 3, 80
"""The lines that a message quotes, where several came, and the bytes of each."""


def read_reply(data: bytes, number: int) -> Message:
    """Return the reply to the request ``number`` in what came, which ends with a line end.

    Raises ``ProtocolError`` if it is not one object on one line with this id.
    """
    lines = data.removesuffix(b"\n").split(b"\n")
    if len(lines) > 1:
        raise ProtocolError(_describe_lines(lines, number))
    found = shown(data)
    try:
        reply = json.loads(data.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        text = f"expected a JSON object a line, got {found}: {error}. {_hint(data.strip())}"
        raise ProtocolError(text.rstrip()) from None
    if not isinstance(reply, dict):
        raise ProtocolError(f"expected a JSON object a line, got {found}")
    if reply.get("id") != number or isinstance(reply.get("id"), bool):
        id_ = f"the id {reply['id']!r:.50}" if "id" in reply else "no id"
        twice = "; was the request before answered twice?" if reply.get("id") == number - 1 else ""
        raise ProtocolError(f"expected the reply with the id {number}, got {id_} in {found}{twice}")
    return reply


def shown(data: bytes) -> str:
    """Return how bytes of a program begin, as a text in quotes."""
    return repr(data[:_SHOWN].decode(errors="replace"))


def _hint(line: bytes) -> str:
    """Return what to do about a line that is no JSON; ``""`` if it begins as an object."""
    if line in (b"", b"{"):
        return _ONE_LINE
    return "" if line.removeprefix(BOM_UTF8).startswith(b"{") else _NO_LOGS


def _describe_lines(lines: Sequence[bytes], number: int) -> str:
    """Return what is wrong with several lines where one was expected."""
    replies = [*map(_read_object, lines)]
    if all(reply is not None and reply.get("id") == number for reply in replies):
        return f"expected one line, got {len(lines)} replies with the id {number}"
    has_logs = any(
        line.strip() and reply is None for line, reply in zip(lines, replies, strict=True)
    )
    hint = _NO_LOGS if has_logs and any(replies) else _ONE_LINE
    more = ", ..." if len(lines) > _LINES else ""
    quoted = ", ".join(shown(line[:_SHORT]) for line in lines[:_LINES])
    return f"expected one line, got {len(lines)}. {hint} The lines begin: {quoted}{more}"


def _read_object(line: bytes) -> Message | None:
    """Return the object on a line, or ``None``."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def read_field(reply: Message, name: str, wanted: type[T]) -> T:
    """Return a field of this type; raise ``ProtocolError`` without it, or for another type.

    Raises ``OperationFailed`` for a reply that has an ``error`` in place of a result.
    """
    check_fields(reply, name)
    value = reply[name]
    if type(value) is not wanted:  # True is an int, too
        raise ProtocolError(f"{name}: expected {_WORDS[wanted]}, got {str(value)[:200]!r}")
    return value


def check_fields(reply: Message, *names: str) -> None:
    """Raise ``ProtocolError`` for a reply that lacks fields; the text names all of them.

    Raises ``OperationFailed`` for a reply that has an ``error`` in place of a result.
    """
    if "error" in reply:
        raise OperationFailed(f"the program replied with an error: {reply['error']}")
    if missing := [name for name in names if name not in reply]:
        fields = "field" if len(missing) == 1 else "fields"
        listed = ", ".join(map(repr, missing))
        raise ProtocolError(f"the reply lacks the {fields} {listed}; it has {', '.join(reply)}")


def read_bytes(reply: Message, name: str) -> bytes:
    """Return a field with bytes in base64."""
    text = read_field(reply, name, str)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProtocolError(f"{name}: expected base64, got {text[:80]!r}: {error}") from None


def read_records(reply: Message, name: str) -> Sequence[Message]:
    """Return a field with a list of objects."""
    records = read_field(reply, name, list)
    for record in records:
        if not isinstance(record, dict):
            raise ProtocolError(f"{name}: expected a list of objects, got {str(record)[:200]!r}")
    return records


def read_decision(reply: Message) -> Decision:
    """Return the decision in a reply to ``decide``."""
    decision = read_field(reply, "decision", str)
    if decision == "accept":
        return Decision(accepted=True, unpickled=bool(reply.get("unpickled", False)))
    if decision != "refuse":
        raise ProtocolError(f"decision: expected 'accept' or 'refuse', got {decision[:80]!r}")
    check_fields(reply, "kind", "message", "unpickled")
    return Decision(
        accepted=False,
        kind=read_field(reply, "kind", str),
        message=read_field(reply, "message", str),
        unpickled=read_field(reply, "unpickled", bool),
    )
