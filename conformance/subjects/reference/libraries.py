"""The threads and messages of pools and queues, as the reference recognizes them.

Python's pools pickle in threads of their own, and lose a task whose message
raises while a worker reads it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Literal

from conformance.subjects.reference.errors import ExecutionError

Reading = Literal["", "message", "task", "pooled task"]

_LOKY = "joblib.externals.loky"
_THREADS = {
    ("multiprocessing.pool", "Pool._handle_tasks"),
    ("multiprocessing.pool", "Pool._handle_results"),
    ("multiprocessing.pool", "Pool._handle_workers"),
    ("multiprocessing.queues", "Queue._feed"),
    (f"{_LOKY}.backend.queues", "Queue._feed"),
}
_MANAGERS = {
    ("concurrent.futures.process", "_ExecutorManagerThread"),
    (f"{_LOKY}.process_executor", "_ExecutorManagerThread"),
}
_LOOPS: dict[tuple[str, str], Reading] = {
    ("multiprocessing.pool", "worker"): "pooled task",
    ("multiprocessing.pool", "_handle_results"): "task",
    ("concurrent.futures.process", "_process_worker"): "task",
    ("concurrent.futures.process", "wait_result_broken_or_wakeup"): "task",
    (f"{_LOKY}.process_executor", "_process_worker"): "task",
    (f"{_LOKY}.process_executor", "wait_result_broken_or_wakeup"): "task",
}
"""The functions that read message after message, for tasks and for results."""
_READERS = ("multiprocessing.connection", "multiprocessing.queues", f"{_LOKY}.backend.queues")


class Libraries:
    """Recognizes what a thread does for multiprocessing, concurrent.futures or joblib."""

    def is_library_thread(self) -> bool:
        """Return whether this thread is a library's own, which sends and receives for its user."""
        thread = threading.current_thread()
        kind = type(thread)
        if (kind.__module__, kind.__qualname__) in _MANAGERS:
            return True
        target = getattr(thread, "_target", None)
        place = (getattr(target, "__module__", ""), getattr(target, "__qualname__", ""))
        return place in _THREADS

    def classify_read(self) -> Reading:
        """Return what this thread reads.

        It reads a task or a result for a library, a message, or nothing.
        """
        reader: FrameType | None = None
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            module = frame.f_globals.get("__name__", "")
            if module in _READERS:
                reader = frame
            elif reader is not None:
                return _LOOPS.get((module, frame.f_code.co_name), "message")
            frame = frame.f_back
        return ""

    def try_in_fork(self, work: Callable[[], object]) -> None:
        """Do ``work`` in a fork first: a Pool waits for ever for a worker that dies of it."""
        pid = os.fork()
        if not pid:
            try:
                work()
            finally:
                os._exit(0)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            name = signal.Signals(-code).name
            raise ExecutionError(f"{name} while an expression was decoded")
