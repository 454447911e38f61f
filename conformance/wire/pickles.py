"""Find the bytes objects in a pickle by its opcodes, without unpickling.

A pickled expression is a call whose only argument is the expression's
protobuf, so one of the bytes objects is that protobuf.
"""

from __future__ import annotations

import io
import pickletools
import struct
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from conformance.wire.errors import MalformedPickle, TooManyOpcodes
from conformance.wire.region import Region, u64

MAX_OPCODES = 300_000
"""The maximum number of opcodes of a pickle; some 100 MB are needed to hold so many."""

_OLD_STARTS = (b"c", b"(", b"]", b"}", b"l", b"d", b"t", b")")
"""How a pickle of an object or a container begins in protocols 0 and 1."""

_FRAME_SIZE = 9
"""The size of the opcode ``FRAME`` with its argument."""

_BYTES = ("SHORT_BINBYTES", "BINBYTES", "BINBYTES8")


class Opcode(NamedTuple):
    """One opcode: offset in bytes, name, and its argument as ``pickletools`` reads it."""

    position: int
    name: str
    argument: object
    info: pickletools.OpcodeInfo


def is_pickle(data: bytes) -> bool:
    """Return whether ``data`` begins like a pickle of protocol 2 or later.

    In protobuf, these two bytes are the tag of a number in field 32 or higher.
    No expression and no plan begins with such a field.
    """
    return len(data) > 2 and data[0] == 0x80 and 2 <= data[1] <= 5


def is_old_pickle(data: bytes) -> bool:
    """Return whether ``data`` is a whole pickle of protocol 0 or 1, which has no mark of its own.

    It is parsed to its end, so ask only about bytes that hold something of interest.
    """
    if not data.endswith(b".") or data[:1] not in _OLD_STARTS:
        return False
    try:
        return opcodes(data)[-1].position == len(data) - 1
    except MalformedPickle:
        return False


def latin_texts(listed: Iterable[Opcode]) -> Iterator[tuple[int, int, bytes]]:
    """Yield the texts of a pickle that can be bytes: the offsets of its opcode's two ends, and it.

    Protocols 0 to 2 write bytes as a text in Latin-1, which the unpickler encodes again.
    """
    for opcode, following in pairwise(listed):
        if isinstance(opcode.argument, str):
            with suppress(UnicodeEncodeError):
                text = opcode.argument.encode("latin-1")
                yield opcode.position, following.position, text


def opcodes(data: bytes) -> list[Opcode]:
    """List the opcodes of the pickle at the start of ``data``, up to its ``STOP``.

    Raises ``MalformedPickle`` at an opcode that does not exist or is cut short.
    """
    seen, error = list_opcodes(data)
    if error:
        raise error
    return seen


def list_opcodes(data: bytes) -> tuple[list[Opcode], MalformedPickle | None]:
    """List the opcodes up to ``STOP``, or up to the first error, which comes with them."""
    seen: list[Opcode] = []
    stream, at = io.BytesIO(data), 0
    with warnings.catch_warnings():
        # Strings of protocol 0 are parsed as Python literals, which can warn.
        warnings.simplefilter("ignore")
        try:
            for info, argument, position in pickletools.genops(stream):
                if len(seen) == MAX_OPCODES:
                    error = TooManyOpcodes(f"more than {MAX_OPCODES} opcodes", position)
                    return seen, error
                seen.append(Opcode(position or 0, info.name, argument, info))
                at = stream.tell()
        except (ValueError, OverflowError, struct.error) as failed:
            # What Python says to its own programs after a semicolon is no help to a reader.
            return seen, MalformedPickle(f"{failed}".partition("; use ")[0], at)
    return seen, None


def cut_frame(listed: Iterable[Opcode], size: int) -> MalformedPickle | None:
    """Return the error of a ``FRAME`` that is longer than what follows in ``size`` bytes.

    The unpickler of CPython reads no such pickle. The opcodes themselves are all there.
    """
    for opcode in listed:
        left = size - opcode.position - _FRAME_SIZE
        if opcode.name == "FRAME" and isinstance(opcode.argument, int) and opcode.argument > left:
            reason = f"FRAME of {opcode.argument} bytes, of which {left} are left"
            return MalformedPickle(reason, opcode.position)
    return None


def persistent_id(listed: Iterable[Opcode]) -> MalformedPickle | None:
    """Return the error of a persistent id, which only an unpickler made for it can load."""
    for opcode in listed:
        if opcode.name in ("PERSID", "BINPERSID"):
            return MalformedPickle(
                f"{opcode.name}: no engine loads persistent ids", opcode.position
            )
    return None


def bytes_objects(listed: Iterable[Opcode]) -> Iterator[tuple[Region, ...]]:
    """Yield the regions of the bytes objects of a pickle, in their order.

    A region comes after the pickle frame that contains it, which has a length,
    too. A pickle of protocol 2 or lower has no bytes objects: it writes bytes as text.
    """
    outer: tuple[Region, ...] = ()
    for opcode in listed:
        if opcode.name == "FRAME" and isinstance(opcode.argument, int):
            start = opcode.position + _FRAME_SIZE
            outer = (Region(start - 8, start, start + opcode.argument, u64),)
        elif opcode.name in _BYTES and isinstance(opcode.argument, bytes):
            size = len(opcode.argument)
            start = opcode.position + len(_binbytes(size, opcode.name))
            region = Region(opcode.position, start, start + size, _writer(opcode.name))
            yield (*(frame for frame in outer if region.end <= frame.end), region)


def _writer(name: str) -> _Writer:
    return _Writer(_BYTES.index(name))


@dataclass(frozen=True)
class _Writer:
    """Writes the opcode and length of a bytes object, at least as wide as before."""

    smallest: int

    def __call__(self, size: int) -> bytes:
        needed = 0 if size < 1 << 8 else 1 if size < 1 << 32 else 2
        return _binbytes(size, _BYTES[max(needed, self.smallest)])


def _binbytes(size: int, name: str) -> bytes:
    if name == "SHORT_BINBYTES":
        return struct.pack("<cB", b"C", size)
    if name == "BINBYTES":
        return struct.pack("<cI", b"B", size)
    return struct.pack("<cQ", b"\x8e", size)
