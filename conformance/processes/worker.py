"""The child's side of ``conformance.processes.child``: call functions until the parent closes."""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import importlib
import os
import pickle
import resource
import signal
import struct
import sys
import traceback
from collections.abc import Sequence
from typing import Any

_LENGTH = struct.Struct("<Q")
_HEADER = struct.Struct("<QQ")


def main(requests: int, replies: int, parent_death_pipe: int, preload: Sequence[str] = ()) -> None:
    """Answer each request (target, arguments) in turn with (True, result) or (False, error)."""
    _end_with_parent(parent_death_pipe)
    _dump_no_core()
    install_stack_dump()
    for module in preload:
        # The first call that needs the module reports the error.
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    own = os.getpid()
    output = os.dup(sys.stderr.fileno())  # a call may close or replace stderr
    with os.fdopen(requests, "rb") as source, os.fdopen(replies, "wb") as sink:
        while header := source.read(_LENGTH.size):
            reply = _answer(*pickle.loads(source.read(*_LENGTH.unpack(header))))
            if os.getpid() != own:  # the call forked, and its copy returned, too
                os._exit(0)
            sink.write(_HEADER.pack(len(reply), os.fstat(output).st_size) + reply)
            sink.flush()


def install_stack_dump() -> None:
    """Make this process write its Python stacks to stderr on SIGUSR1 and on a fatal signal."""
    if sys.version_info >= (3, 14):
        faulthandler.enable(c_stack=False)  # it has no names, and to read it can crash, too
    else:
        faulthandler.enable()
    faulthandler.register(signal.SIGUSR1, all_threads=True)


def _dump_no_core() -> None:
    """Make this process and its children leave no core dumps: some cases are about crashes.

    A limit of 0 is for files only; 1 also keeps Linux from piping a dump to a program.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (1 if hard else 0, hard))


def _end_with_parent(parent_death_pipe: int) -> None:
    """Make the kernel end this process group when the parent's end of the pipe closes.

    The kernel sends SIGIO, which ends the process even while a thread holds the GIL. On BSD and
    macOS SIGIO is ignored by default: the process notices only after the current call that its
    parent was killed.
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
        failure = f"{type(error).__name__}: {error}", traceback.format_exc()
        return pickle.dumps((False, failure))


if __name__ == "__mp_main__":  # a process that multiprocessing or loky spawned
    install_stack_dump()
elif __name__ == "__main__":
    requests, replies, parent_death_pipe = map(int, sys.argv[1:4])
    main(requests, replies, parent_death_pipe, sys.argv[4:])
