"""Frames with a changed header, the errors about them, and what they may not unpickle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from conformance import wire
from conformance.catalogue import get
from conformance.catalogue.nodes import Family
from conformance.hostile import canary
from conformance.runner.assertions import assert_nothing_unpickled, assert_raises
from conformance.subjects.interface import Subject
from conformance.suite.helpers.codec import PYTHON, decode_by_route, encode_for_route, replace_frame
from conformance.suite.helpers.samples import build_expression, make_functions, receiver, sample

MAJOR, MINOR = PYTHON
OTHER_PYTHONS = [
    (MAJOR, MINOR - 1),
    (MAJOR, MINOR + 1),
    (MAJOR, 0),
    (MAJOR, 255),
    (2, MINOR),
    (4, MINOR),
    (0, 0),
]

each_other = pytest.mark.parametrize(
    "python", OTHER_PYTHONS, ids=lambda pair: f"{pair[0]}.{pair[1]}"
)


def set_python(frame: bytes, python: tuple[int, int]) -> bytes:
    """Return a frame with another Python version in its header."""
    return frame[:8] + bytes(python) + frame[10:]


def errors_per_frame(
    subject: Subject, entry: str, change: Callable[[bytes], bytes]
) -> Iterator[tuple[Exception, str]]:
    """Yield the error for each frame of ``entry`` in turn, altered by ``change``; outer ones first.

    The session has decoded the unaltered bytes before and has all UDFs registered.
    """
    data, session = subject.to_bytes(build_expression(subject, get(entry))), subject.session()
    for function in make_functions(subject, get(entry)).values():
        subject.register(session, function)
    outer_first = sorted(wire.find(data), key=lambda found: len(found.path))
    for number, found in enumerate(outer_first):
        subject.from_bytes(data, session)
        wrong, what = wire.replace(data, {found.path: change(found.data)}), f"frame {number}"
        yield assert_raises(partial(subject.from_bytes, wrong, session), what), what


in_any_frame = pytest.mark.parametrize("entry", ["expression/nested", "expression/three-families"])


def put_canary(data: bytes, header: bytes) -> bytes:
    """Replace the frame in ``data`` by ``header`` and a payload that records its unpickling."""
    return replace_frame(data, lambda _: header + canary.payload())


def assert_unpickles_nothing(
    subject: Subject, family: Family, mode: str, route: str, header: bytes
) -> None:
    """Assert that a session refuses a canary behind ``header`` and unpickles nothing of it."""
    data = put_canary(encode_for_route(subject, route, sample(subject, family)), header)
    session = receiver(subject, mode)
    with canary.recording() as events:
        assert_raises(lambda: decode_by_route(subject, route, data, session), f"header {header!r}")
        assert_nothing_unpickled(events, f"header {header!r}")


def assert_each_frame_unpickles_nothing(subject: Subject, entry: str, *header: int) -> None:
    """Assert the same of a canary in the place of each frame of ``entry`` in turn."""
    payload = canary.payload()
    with canary.recording() as events:
        frames = errors_per_frame(subject, entry, lambda old: old[:7] + bytes(header) + payload)
        for _, what in frames:
            assert_nothing_unpickled(events, what)
