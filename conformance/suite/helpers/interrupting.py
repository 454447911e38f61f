"""Objects that run code of the test: while they are pickled, unpickled or called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from conformance.catalogue.nodes import Udf
from conformance.catalogue.source import compile_udf
from conformance.subjects.interface import Function, Subject

_calls: list[Callable[[], Any]] = []
"""What a payload calls, the last one; nothing where the list is empty."""


class Interrupting:
    """An object that runs the code of ``interrupted_by`` when it is pickled or unpickled."""

    def __reduce__(self) -> tuple[Callable[[], Interrupting], tuple[()]]:
        interrupt()
        return interrupt, ()


def interrupt() -> Interrupting:
    """Call what ``interrupted_by`` got, unless it was called already."""
    if _calls:
        call = _calls.pop()  # once: what it calls may pickle and unpickle, too
        call()
    return Interrupting()


def interruptible(subject: Subject, udf: Udf) -> Function:
    """Return the subject's function for ``udf``; its callable calls ``interrupt`` first."""
    inner = compile_udf(udf, subject.bases)
    return subject.function(udf, lambda *arguments: (interrupt(), inner(*arguments))[1])


@contextmanager
def interrupted_by(call: Callable[[], Any], *, in_thread: bool) -> Iterator[list[Any]]:
    """Let the next ``interrupt`` call ``call``, in a new thread or in this one.

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
