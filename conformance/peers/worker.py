"""The child's side of ``peers.child``: calls functions until its parent hangs up."""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import pickle
import signal
import struct
import sys
import traceback
from collections.abc import Sequence
from typing import Any

_LENGTH = struct.Struct("<Q")
GRACE = 30.0
"""Seconds after a deadline at which a worker whose parent is gone ends itself."""


def main(requests: int, replies: int, preload: Sequence[str] = ()) -> None:
    """Answers each request (target, arguments, deadline) with (True, result) or (False, error)."""
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    for module in preload:
        # What cannot be imported is told by the first call that needs it.
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    with os.fdopen(requests, "rb") as source, os.fdopen(replies, "wb") as sink:
        while head := source.read(_LENGTH.size):
            target, arguments, deadline = pickle.loads(source.read(*_LENGTH.unpack(head)))
            faulthandler.dump_traceback_later(deadline + GRACE, exit=True)
            reply = pickle.dumps(_answer(target, arguments))
            faulthandler.cancel_dump_traceback_later()
            sink.write(_LENGTH.pack(len(reply)) + reply)
            sink.flush()


def _answer(target: str, arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    module, _, name = target.partition(":")
    try:
        return True, getattr(importlib.import_module(module), name)(*arguments)
    except BaseException as error:  # noqa: BLE001 - a worker tells its parent whatever was raised
        return False, (f"{type(error).__name__}: {error}", traceback.format_exc())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
