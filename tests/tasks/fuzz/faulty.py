"""Readers that do not survive hostile bytes, for ``--subject tests.tasks.fuzz.faulty:NAME``."""

from __future__ import annotations

import os
import pickle
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from datafusion import Expr, SessionContext

from conformance import wire
from conformance.hostile.seeds import LEVELS
from conformance.hostile.targets import Target
from conformance.subjects.engine import Engine


class UnpicklesFirst(Engine):
    """Looks at the toggle once it has unpickled, and swallows what that raised."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        with suppress(wire.WireError):
            for found in wire.find(data):
                with suppress(Exception):
                    pickle.loads(found.data[wire.Frame.HEADER_SIZE :])
        return super().from_bytes(data, session)


_LONGEST = re.compile(rb"[\x80-\xff]{9}")
"""A varint of ten bytes, as many damaged inputs have one: the last of them is still to come."""


class Hangs(Engine):
    """Waits for the last byte of a varint of ten bytes, idly; ``loops`` is busy."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        while _LONGEST.search(data):
            time.sleep(1)
        return super().from_bytes(data, session)


class Aborts(Engine):
    """Takes a length of ten bytes at its word."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if _LONGEST.search(data):
            os.abort()
        return super().from_bytes(data, session)


class Exits(Engine):
    """Ends the program where an envelope is of another version."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        at = data.find(b"DFPYCHN")
        if at >= 0 and data[at + 7 : at + 8] != b"\x01":
            raise SystemExit("unknown version")
        return super().from_bytes(data, session)


def _reader(read: Callable[[bytes], Any]) -> Target:
    decoders = {level: {"find": read} for level in LEVELS}
    return Target("wire", decoders, {"wire": "0"}, wire.WireError)


def loops() -> Target:
    """A reader of ours that does not come on where a pickle has no STOP."""

    def read(data: bytes) -> Any:
        for found in wire.find(data):
            frame = found.data
            while b"." not in frame:
                pass

    return _reader(read)


def trips() -> Target:
    """A reader of ours with a bug: it trusts a version."""

    def read(data: bytes) -> Any:
        for found in wire.find(data):
            assert ("", "1")[found.data[7]] is not None

    return _reader(read)
