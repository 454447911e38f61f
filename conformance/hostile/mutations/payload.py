"""Damage pickled payloads: members of the tuple, schemas, opcodes."""

from __future__ import annotations

import pickle
from functools import lru_cache
from typing import Any

from conformance.hostile.choices import Choices, pick, repeat
from conformance.hostile.mutations.frame import in_frame
from conformance.hostile.mutations.raw import bits, cuts, number
from conformance.hostile.seeds import Seed
from conformance.wire import Frame, WireError
from conformance.wire.payload import Payload
from conformance.wire.pickles import Opcode, bytes_objects
from conformance.wire.pickles import opcodes as read_opcodes
from conformance.wire.region import splice

_HEAD = Frame.HEADER_SIZE

_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**70, 1.5, float("nan"), 1j, ..., len, int, NotImplementedError),
    *("", "f", "\ud800", "x" * 5000, "a\0b", "immutable", "Volatile", "volatile"),
    *(b"", b"\0" * 8, b"\xff" * 8, b"\xff\xff\xff\xff\0\0\0\0", b"ARROW1", bytearray(b"x")),
    *((), (1,), [], [b"x"], {}, {"a": 1}, set(), frozenset((1,)), ((((),),),)),
)
"""Replacements for a member of the tuple."""


def members(choices: Choices, seed: Seed) -> bytes:
    """Delete, insert, move or replace members of the tuple, or change the type of the tuple."""

    def change(frame: bytes) -> bytes:
        kept = list(_members(frame[_HEAD:]))
        for _ in repeat(choices, 3):
            how, at = choices.below(5), choices.below(len(kept) + 1)
            if how == 0:
                del kept[at : at + 1]
            elif how == 1:
                kept.insert(at, pick(choices, kept) if kept else None)
            elif how == 2 and kept:
                kept.append(kept.pop(choices.below(len(kept))))
            else:
                kept[at : at + 1] = [pick(choices, _VALUES)]
        whole: Any = pick(choices, (tuple, tuple, tuple, list, dict.fromkeys, _nested))
        try:
            return frame[:_HEAD] + pickle.dumps(whole(kept), pick(choices, (5, 5, 4, 2, 0)))
        except (
            TypeError,
            UnicodeEncodeError,
        ):  # unhashable as a dict key, or not encodable in protocol 0
            return frame[:_HEAD] + pickle.dumps(kept)

    return in_frame(choices, seed, change)


def _nested(kept: list[Any]) -> Any:
    return (tuple(kept),)


@lru_cache(maxsize=1024)
def _members(payload: bytes) -> tuple[Any, ...]:
    """Return the members of the tuple, with ``len`` for those that only unpickling could make."""
    items = Payload.read(payload).items
    return tuple(item if isinstance(item, str | bytes) else len for item in items)


@lru_cache(maxsize=1024)
def _schemas(payload: bytes) -> tuple[Any, ...]:
    """Return the regions of the schemas in a payload, each with the regions around it."""
    schemas = {item for item in _members(payload) if isinstance(item, bytes)}
    found = [
        regions
        for regions in bytes_objects(read_opcodes(payload))
        if payload[regions[-1].start : regions[-1].end] in schemas
    ]
    return tuple(found)


def schemas(choices: Choices, seed: Seed, other: Seed) -> bytes:
    """Change bits, bytes or numbers of a schema, or replace it with another one."""
    theirs = other.located.frames

    def change(frame: bytes) -> bytes:
        payload = frame[_HEAD:]
        known = _schemas(payload)
        if not known:
            return bits(choices, frame)
        regions = pick(choices, known)
        data = payload[regions[-1].start : regions[-1].end]
        how = choices.below(4)
        if how == 0:
            new = bits(choices, data)
        elif how == 1:
            new = cuts(choices, data, data)
        elif how == 2 and theirs:
            strange = pick(choices, theirs).data[_HEAD:]
            around = pick(choices, _schemas(strange) or known)
            new = (strange if _schemas(strange) else payload)[around[-1].start : around[-1].end]
        else:  # a number of the flatbuffer, which aligns its numbers
            at = 4 * choices.below(max(len(data) // 4, 1))
            old = int.from_bytes(data[at : at + 4], "little")
            new = data[:at] + number(choices, old, 32).to_bytes(4, "little") + data[at + 4 :]
        return frame[:_HEAD] + splice(payload, [(regions, new)])

    return in_frame(choices, seed, change)


@lru_cache(maxsize=1024)
def _opcodes(payload: bytes) -> tuple[tuple[int, int, Opcode], ...]:
    """Return start, end and opcode of each opcode."""
    read = read_opcodes(payload)
    ends = [opcode.position for opcode in read[1:]] + [read[-1].position + 1]
    return tuple((one.position, end, one) for one, end in zip(read, ends, strict=True))


def opcodes(choices: Choices, seed: Seed) -> bytes:
    """Delete, repeat, exchange or replace opcodes, or change their arguments."""

    def change(frame: bytes) -> bytes:
        payload = frame[_HEAD:]
        try:
            known = _opcodes(payload)
        except WireError:
            return bits(choices, frame)
        edits = []
        for _ in repeat(choices, 3):
            start, end, _opcode = pick(choices, known)
            how = choices.below(5)
            if how == 0:
                new = b""
            elif how == 1:
                new = payload[start:end] * pick(choices, (2, 2, 2, 1000))
            elif how == 2:
                first, last, _opcode = pick(choices, known)
                new = payload[first:last]
            elif how == 3:
                new = bytes([choices.below(256)]) + payload[start + 1 : end]
            else:
                new = payload[start : start + 1] + bits(choices, payload[start + 1 : end])
            edits.append((start, end, new))
        for start, end, new in sorted(edits, reverse=True):
            payload = payload[:start] + new + payload[end:]
        return frame[:_HEAD] + payload

    return in_frame(choices, seed, change)
