"""Read the fields of a reply; ``protocol.schema.json`` beside this module defines them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from conformance.subjects.codec import Decision
from conformance.subjects.external.errors import OperationFailed, ProtocolError

T = TypeVar("T")
_WORDS = {
    str: "a string",
    bool: "true or false",
    int: "a number",
    list: "a list",
    dict: "an object",
}


def read_field(reply: Mapping[str, Any], name: str, wanted: type[T]) -> T:
    """Return a field of this type; raise ``ProtocolError`` without it, or for another type.

    Raises ``OperationFailed`` for a reply that has an ``error`` in place of a result.
    """
    if "error" in reply:
        raise OperationFailed(f"the program replied with an error: {reply['error']}")
    if name not in reply:
        raise ProtocolError(f"the reply lacks the field {name!r}; it has {', '.join(reply)}")
    value = reply[name]
    if type(value) is not wanted:  # True is an int, too
        raise ProtocolError(f"{name}: expected {_WORDS[wanted]}, got {str(value)[:200]!r}")
    return value


def read_bytes(reply: Mapping[str, Any], name: str) -> bytes:
    """Return a field with bytes in base64."""
    text = read_field(reply, name, str)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProtocolError(f"{name}: expected base64, got {text[:80]!r}: {error}") from None


def read_records(reply: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """Return a field with a list of objects."""
    records = read_field(reply, name, list)
    for record in records:
        if not isinstance(record, dict):
            raise ProtocolError(f"{name}: expected a list of objects, got {str(record)[:200]!r}")
    return records


def read_decision(reply: Mapping[str, Any]) -> Decision:
    """Return the decision in a reply to ``decide``."""
    decision = read_field(reply, "decision", str)
    if decision == "accept":
        return Decision(accepted=True, unpickled=bool(reply.get("unpickled", False)))
    if decision != "refuse":
        raise ProtocolError(f"decision: expected 'accept' or 'refuse', got {decision[:80]!r}")
    return Decision(
        accepted=False,
        kind=read_field(reply, "kind", str),
        message=read_field(reply, "message", str),
        unpickled=read_field(reply, "unpickled", bool),
    )
