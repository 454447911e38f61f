"""Encode, decode and damage the bytes of expressions."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable, Sequence

from conformance import wire
from conformance.catalogue import ENTRIES
from conformance.catalogue.entry import Entry
from conformance.runner.assertions import assert_equal, assert_message_contains
from conformance.subjects.interface import Expression, Session, Slot, Subject
from conformance.suite.helpers.samples import build_expression, once, sample
from conformance.wire import Found, Frame

MAGIC = {"scalar": b"DFPYUDF", "aggregate": b"DFPYUDA", "window": b"DFPYUDW"}
PYTHON = (sys.version_info.major, sys.version_info.minor)


@once
def encode_all_entries(subject: Subject) -> Sequence[tuple[Entry, bytes, Sequence[Found]]]:
    """Encode every entry; return each with its bytes and the frames in them."""
    all_bytes = [
        (entry, subject.to_bytes(build_expression(subject, entry))) for entry in ENTRIES.values()
    ]
    return [(entry, data, wire.find(data)) for entry, data in all_bytes]


def frame_of(data: bytes) -> Frame:
    """Return the frame in ``data``, which must contain exactly one."""
    found = wire.find(data)
    assert_equal(len(found), 1, "the number of frames in the bytes")
    return found[0].frame()


def replace_frame(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Apply ``change`` to the one frame in ``data`` and correct the enclosing lengths."""
    (found,) = wire.find(data)
    return wire.replace(data, {found.path: change(found.data)})


def set_header_byte(offset: int, value: int) -> Callable[[bytes], bytes]:
    """Return a change, for ``replace_frame``, that sets one byte of the header."""
    return lambda frame: frame[:offset] + bytes([value]) + frame[offset + 1 :]


def decode_by_route(subject: Subject, route: str, data: bytes, session: Session) -> Expression:
    """Decode ``data`` with ``session``.

    The session is an argument of ``from_bytes`` or, for a pickle, in the worker slot.
    """
    if route == "from_bytes":
        return subject.from_bytes(data, session)
    subject.set_slot("worker", session)
    try:
        return pickle.loads(data)
    finally:
        subject.clear_slot("worker")


def encode_for_route(subject: Subject, route: str, expr: Expression) -> bytes:
    """Encode ``expr`` inline, for ``decode_by_route``."""
    return subject.to_bytes(expr) if route == "from_bytes" else pickle.dumps(expr)


def copy_in_worker(subject: Subject, how: str, expr: Expression, session: Session) -> Expression:
    """Copy ``expr`` while ``session`` is in the worker slot."""
    subject.set_slot("worker", session)
    try:
        return getattr(copy, how)(expr)
    finally:
        subject.clear_slot("worker")


def slot_mode(subject: Subject, slot: Slot) -> str:
    """Return whether this thread's slot makes it ``inlining`` or ``strict``."""
    expr = sample(subject, "scalar")
    if slot == "sender":
        return "inlining" if wire.find(pickle.dumps(expr)) else "strict"
    data = subject.to_bytes(expr, subject.session())
    try:
        subject.from_bytes(data)
    except Exception as error:  # noqa: BLE001 - an implementation has errors of its own
        assert_message_contains(error, ["inlining is disabled"], "decoding by the worker slot")
        return "strict"
    return "inlining"
