"""Rewrite pickles opcode by opcode."""

from __future__ import annotations

import pickle
import pickletools
import struct
from itertools import pairwise

_VALUES = frozenset(
    (
        *("NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
        *("SHORT_BINUNICODE", "BINUNICODE", "SHORT_BINBYTES", "BINBYTES", "STACK_GLOBAL"),
        *("EMPTY_TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "TUPLE", "EMPTY_DICT", "EMPTY_LIST"),
        *("EMPTY_SET", "FROZENSET", "REDUCE", "NEWOBJ"),
    )
)
"""The opcodes after which a value is on top of the stack, not a mark."""


def memoize_all(data: bytes) -> bytes:
    """Return a pickle of the same value that stores every value in the memo, without frames.

    ``data`` is a pickle of protocol 4 or 5.
    """
    out, stored = bytearray(), 0
    new: list[int] = []
    """The number of each value of the old memo in the new one."""
    found = list(pickletools.genops(data))
    places = [place or 0 for _, _, place in found]
    for (opcode, argument, _), (start, end) in zip(
        found, pairwise([*places, len(data)]), strict=True
    ):
        if opcode.name == "FRAME":
            continue
        if opcode.name in ("BINGET", "LONG_BINGET"):
            assert isinstance(argument, int)
            out += pickle.LONG_BINGET + struct.pack("<I", new[argument])
            continue
        out += data[start:end]
        if opcode.name == "MEMOIZE":
            new.append(stored)
        if opcode.name in _VALUES:
            out += pickle.MEMOIZE
        stored += opcode.name == "MEMOIZE" or opcode.name in _VALUES
    return bytes(out)
