"""Frames whose payload shows that somebody unpickled it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from conformance import wire
from conformance.hostile import canary
from conformance.runner.assertions import (
    assert_not_called,
    assert_nothing_unpickled,
    assert_raises,
)
from conformance.suite.helpers.codec import PYTHON


def with_canaries(data: bytes, held: int = 0) -> bytes:
    """Return ``data`` with a canary, and as many more bytes, as the payload of each frame."""
    rest = bytes((1, *PYTHON)) + canary.payload(held)
    return wire.replace(data, {found.path: found.data[:7] + rest for found in wire.find(data)})


def assert_unread(decode: Callable[[], Any], what: str) -> None:
    """Assert that ``decode`` raises an error and that no unpickler reads a payload."""
    with canary.spy_on_loads() as loads, canary.recording() as events:
        assert_raises(decode, what)
        assert_nothing_unpickled(events, what)
        assert_not_called(loads, what)


def assert_refused_unread(decode: Callable[[bytes], Any], data: bytes, held: int = 0) -> None:
    """Assert that a strict session refuses the frames, and canaries in their place, unread.

    ``decode`` is on the strict session. The canaries hold as many more bytes.
    """
    for one in (data, with_canaries(data, held)):
        assert_unread(partial(decode, one), "a strict session")
