"""An object whose pickle runs code of the test, while it is written and while it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

_calls: list[Callable[[], Any]] = []
"""What a payload calls, the last one; nothing where the list is empty."""


class Interrupting:
    """An object that runs the code of ``interrupted_by`` when it is pickled or unpickled."""

    def __reduce__(self) -> tuple[Callable[[], Interrupting], tuple[()]]:
        _interrupt()
        return _interrupt, ()


def _interrupt() -> Interrupting:
    if _calls:
        call = _calls.pop()  # once: what it calls may pickle and unpickle, too
        call()
    return Interrupting()


@contextmanager
def interrupted_by(call: Callable[[], Any], *, in_thread: bool) -> Iterator[list[Any]]:
    """Let the next ``Interrupting`` call ``call``, in a new thread or in this one.

    The list that the block gets holds the result, once it was called.
    """
    results: list[Any] = []

    def run() -> None:
        if in_thread:
            with ThreadPoolExecutor(1) as pool:
                results.append(pool.submit(call).result())
        else:
            results.append(call())

    _calls.append(run)
    try:
        yield results
    finally:
        _calls.clear()
