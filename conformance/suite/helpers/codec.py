"""Encode, decode and damage the bytes of expressions."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable, Sequence

from conformance import wire
from conformance.catalogue import ENTRIES
from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Family
from conformance.runner.assertions import assert_equal, assert_succeeds
from conformance.subjects.interface import Expression, Session, Slot, Subject
from conformance.suite.helpers.samples import build_expression, once, sample
from conformance.util.kinds import indicates_bug
from conformance.wire import Definition, Found, Frame, read_schema, schema_lines

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


def signature_of(frame: Frame) -> tuple[str, ...]:
    """Return the family, the name, the volatility and the fields of the schemas in a frame.

    Two frames of one UDF have equal signatures, in whichever bytes the schemas are written.
    """
    one = Definition.read(frame)
    schemas = [one.input_schema, one.return_schema, one.state_schema]
    fields = [schema_lines(read_schema(schema)) for schema in schemas if schema is not None]
    return (one.family.name, one.name, one.volatility, *map(str, fields))


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
    """Return whether this thread's slot makes it ``inlining`` or ``strict``.

    A thread is strict if it refuses what an inlining session decodes.
    """
    expr = sample(subject, "scalar")
    if slot == "sender":
        return "inlining" if wire.find(pickle.dumps(expr)) else "strict"
    data = subject.to_bytes(expr, subject.session())
    return "strict" if refuses(subject, data) else "inlining"


def refuses(subject: Subject, data: bytes, session: Session | None = None) -> bool:
    """Return whether a session refuses bytes that an inlining one decodes.

    Without a session, the worker slot's decodes.
    """
    other = subject.session()
    assert_succeeds(lambda: subject.from_bytes(data, other), "an inlining session")
    try:
        subject.from_bytes(data, session)
    except Exception as error:
        if indicates_bug(error):
            raise
        return True
    return False


def setting_of(subject: Subject, session: Session, family: Family = "scalar") -> tuple[bool, bool]:
    """Return whether a session writes a frame, and whether it reads one: both, or neither."""
    expr = sample(subject, family)
    written = bool(wire.find(subject.to_bytes(expr, session)))
    return written, not refuses(subject, subject.to_bytes(expr), session)


INLINING, STRICT = (True, True), (False, False)
"""What ``setting_of`` returns for a session."""
