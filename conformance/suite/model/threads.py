"""Threads that do one thing after another, each where it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class Worker:
    """A thread, named or not, that runs what it is given and waits in between."""

    def __init__(self, name: str | None) -> None:
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()

    def run(self, call: Callable[[], T]) -> T:
        """Call a function in the thread; return its result, or raise its exception."""
        results: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()

        def task() -> None:
            try:
                results.put((call(), None))
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                results.put((None, error))

        self._tasks.put(task)
        result, error = results.get()
        if error is not None:
            raise error
        return result  # type: ignore[return-value]

    def end(self) -> None:
        """End the thread, and wait for its end."""
        self._tasks.put(None)
        self._thread.join()
