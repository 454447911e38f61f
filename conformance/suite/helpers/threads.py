"""Run one function in many threads at the same time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from types import ModuleType
from typing import TypeVar, get_args

from conformance import wire
from conformance.catalogue.nodes import Family, Udf
from conformance.runner.assertions import assert_equal, assert_result
from conformance.subjects.interface import Session, Subject
from conformance.suite.helpers.same_name_udfs import (
    call_of,
    decode_and_evaluate,
    expected_values,
    function_of,
    times,
)
from conformance.suite.helpers.samples import receiver

T = TypeVar("T")

THREADS = 8
ROUNDS = 10
"""The number of times that each thread repeats its work."""


def run_together(work: Callable[[int], T]) -> list[T]:
    """Call ``work`` with each number in a separate thread, all at once; return the results.

    An exception in a thread is raised here after all threads have finished.
    """
    barrier = Barrier(THREADS, timeout=10)

    def run(number: int) -> T:
        barrier.wait()
        return work(number)

    with _fast_thread_switching(), ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


@contextmanager
def _fast_thread_switching() -> Iterator[None]:
    """Make the interpreter switch threads as often as possible."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def run_first_use() -> None:
    """Encode, decode and run UDFs in many threads, for the first time in this process."""
    from conformance.subjects.current import subject

    # Other modules have imported the pickler. Remove it, so that the first UDF imports it, unless
    # a codec holds it: that codec would then use another copy.
    if not _is_held("cloudpickle"):
        for name in [name for name in sys.modules if name.partition(".")[0] == "cloudpickle"]:
            del sys.modules[name]
    families: tuple[Family, ...] = get_args(Family)
    run_together(
        lambda number: _round_trip(subject(), families[number % len(families)], number + 2)
    )


def _is_held(package: str) -> bool:
    """Return whether another module has the package, or a part of it, among its globals."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == package:
            continue
        for value in list(getattr(module, "__dict__", {}).values()):
            is_module = isinstance(value, ModuleType)
            origin = value.__name__ if is_module else getattr(value, "__module__", None)
            if isinstance(origin, str) and origin.partition(".")[0] == package:
                return True
    return False


def _round_trip(subject: Subject, family: Family, factor: int) -> None:
    data = subject.to_bytes(call_of(subject, times(family, factor)))
    assert_equal(len(wire.find(data)), 1, "the number of frames in the bytes")
    seen = decode_and_evaluate(subject, family, data, subject.session())
    assert_result(seen, expected_values(family, factor), f"times {factor}")


def session_with(subject: Subject, udf: Udf, mode: str) -> Session:
    """Return a new session on which ``udf`` is registered."""
    session = receiver(subject, mode)
    subject.register(session, function_of(subject, udf))
    return session
