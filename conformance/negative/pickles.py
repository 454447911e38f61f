"""Pickles written opcode by opcode, so that no version of Python or cloudpickle changes them.

A value is the opcodes that push it, here in protocol 3. ``protocols`` has the other protocols.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

Opcodes = bytes
"""Opcodes that push one value."""

NONE: Opcodes = b"N"
CANARY = "conformance.hostile.canary_target"
"""The module of a canary's callable; importing it and calling its ``run`` are recorded."""


def text(value: str) -> Opcodes:
    """Return the opcodes of a text."""
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def data(value: bytes) -> Opcodes:
    """Return the opcodes of bytes."""
    return b"B" + struct.pack("<I", len(value)) + value


def number(value: int) -> Opcodes:
    """Return the opcodes of a number from 0 to 255."""
    return b"K" + bytes((value,))


def reference(module: str, name: str) -> Opcodes:
    """Return the opcodes of an importable object."""
    return b"c" + f"{module}\n{name}\n".encode()


def call(function: Opcodes) -> Opcodes:
    """Return the opcodes of a function's result; the function takes no arguments."""
    return function + b")R"


def collect(members: Iterable[Opcodes], into: bytes = b"t") -> Opcodes:
    """Return the opcodes of a tuple; ``into`` is ``b"l"`` for a list, ``b"d"`` for a dict."""
    return b"(" + b"".join(members) + into


def canary() -> Opcodes:
    """Return the opcodes of a callable that exists only after code has run."""
    return call(reference(CANARY, "run"))


def dump(value: Opcodes, protocol: int = 3) -> bytes:
    """Return the pickle of a value."""
    return b"\x80" + bytes((protocol,)) + value + b"."
