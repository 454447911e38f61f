"""The child's side of ``peers.child``: calls functions until its parent hangs up."""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
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
_HEAD = struct.Struct("<QQ")


def main(requests: int, replies: int, parent_death_pipe: int, preload: Sequence[str] = ()) -> None:
    """Answers each request (target, arguments) with (True, result) or (False, error), in turn."""
    _end_with_parent(parent_death_pipe)
    install_stack_dump()
    for module in preload:
        # The first call that needs a module reports that it cannot be imported.
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    own = os.getpid()
    output = os.dup(sys.stderr.fileno())  # a call may close it or put another file there
    with os.fdopen(requests, "rb") as source, os.fdopen(replies, "wb") as sink:
        while head := source.read(_LENGTH.size):
            reply = _answer(*pickle.loads(source.read(*_LENGTH.unpack(head))))
            if os.getpid() != own:  # the call forked, and this is the copy that came back as well
                os._exit(0)
            sink.write(_HEAD.pack(len(reply), os.fstat(output).st_size) + reply)
            sink.flush()


def install_stack_dump() -> None:
    """Make this process write its stacks to stderr on SIGUSR1, or when a bug ends it."""
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)


def _end_with_parent(parent_death_pipe: int) -> None:
    """Let the kernel end this process group when the parent's end of the pipe closes.

    SIGIO does so whatever Python is busy with. Where its default is to be
    ignored (BSD), a parent that is killed during a call is noticed after the call.
    """
    fcntl.fcntl(parent_death_pipe, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(
        parent_death_pipe,
        fcntl.F_SETFL,
        fcntl.fcntl(parent_death_pipe, fcntl.F_GETFL) | fcntl.FASYNC,
    )


def _answer(target: str, arguments: tuple[Any, ...]) -> bytes:
    module, _, name = target.partition(":")
    try:
        result = getattr(importlib.import_module(module), name)(*arguments)
        return pickle.dumps((True, result))
    except BaseException as error:  # noqa: BLE001 - a worker reports whatever was raised
        told = f"{type(error).__name__}: {error}", traceback.format_exc()
        return pickle.dumps((False, told))


if __name__ == "__mp_main__":  # what multiprocessing and loky spawn imports its parent's main
    install_stack_dump()
elif __name__ == "__main__":
    requests, replies, parent_death_pipe = map(int, sys.argv[1:4])
    main(requests, replies, parent_death_pipe, sys.argv[4:])
