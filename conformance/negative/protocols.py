"""A valid payload of a scalar UDF in every pickle protocol, with the opcodes that each one has."""

from __future__ import annotations

import struct

from conformance.negative import schemas
from conformance.negative.frames import NAME

_ESCAPED = {"\\": "\\u005c", "\0": "\\u0000", "\n": "\\u000a", "\r": "\\u000d", "\x1a": "\\u001a"}


def _line(value: str) -> bytes:
    """Return a text as protocol 0 writes it: a line, with escapes."""
    escaped = "".join(_ESCAPED.get(char, char) for char in value)
    return b"V" + escaped.encode("latin-1") + b"\n"


def _counted(value: str) -> bytes:
    """Return a text with its length before it, as protocols 1 to 3 write it."""
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def _short(value: str) -> bytes:
    """Return a text with its length in a byte, as protocol 4 writes it, kept in the memo."""
    data = value.encode()
    return b"\x8c" + bytes((len(data),)) + data + b"\x94"


def _text(protocol: int, value: str) -> bytes:
    if protocol == 0:
        return _line(value)
    return _counted(value) if protocol < 4 else _short(value)


def _data(protocol: int, value: bytes) -> bytes:
    """Return bytes; before protocol 3 they are a call that encodes a text."""
    if protocol >= 4 and len(value) < 256:
        return b"C" + bytes((len(value),)) + value + b"\x94"
    if protocol >= 3:
        return b"B" + struct.pack("<I", len(value)) + value
    texts = _text(protocol, value.decode("latin-1")) + _text(protocol, "latin1")
    arguments = texts + b"\x86" if protocol == 2 else b"(" + texts + b"t"
    return b"c_codecs\nencode\n" + arguments + b"R"


def _reference(protocol: int, module: str, name: str) -> bytes:
    if protocol >= 4:
        return _short(module) + _short(name) + b"\x93\x94"
    return b"c" + f"{module}\n{name}\n".encode()


def scalar_payload(protocol: int) -> bytes:
    """Return a valid payload of a scalar UDF in this protocol, from 0 to 5."""
    values = (
        _text(protocol, NAME),
        _reference(protocol, "operator", "neg"),
        _data(protocol, schemas.INPUTS),
        _data(protocol, schemas.RETURNS),
        _text(protocol, "immutable"),
    )
    body = b"(" + b"".join(values) + b"t."
    if protocol < 2:
        return body
    start = b"\x80" + bytes((protocol,))
    return start + (b"\x95" + struct.pack("<Q", len(body)) if protocol >= 4 else b"") + body
