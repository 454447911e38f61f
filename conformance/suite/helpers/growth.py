"""Measure how CPU time grows with the size of the input.

Each measurement compares two sizes, n and 16n. Work in linear time takes 16 times as long for
the larger one, in quadratic time 256 times. A case fails at 40 times. Work that must not
depend on the size takes as long for both; a case fails at 4 times.

A busy machine cannot make a case fail:

- CPU time is counted, of all threads of this process. Waiting for a processor is not in it.
- A measured time is the minimum of several runs. The runs of the two sizes alternate, so that
  a slow machine is slow for both.
- CPU time itself varies by caches and shared cores. To reach 40 times, linear work for the
  larger size would have to be slowed down by 2.5 in each of its runs, and the smaller one in
  none. The fixed cost of a call makes this distance larger: it weighs more for the smaller size.
- No collection of garbage is measured: it would cost the larger size the objects of others.

Work with a quadratic part is noticed as soon as this part takes twice as long as the linear
part for the larger size.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from conformance.runner.assertions import Mismatch

SPAN = 16
"""The larger size, in multiples of the smaller one."""

LINEAR_BOUND = 40
"""Linear work takes less than this many times as long for the larger size."""

CONSTANT_BOUND = 4
"""Work that does not depend on the size takes less than this many times as long."""

RUNS = 3
"""The number of runs of which the shortest counts."""

Work = Callable[[], Any]


def assert_linear(
    prepare: Callable[[int], Work], size: int, what: str, *, runs: int = RUNS
) -> None:
    """Assert that ``prepare(n)()`` takes at most time in proportion to n, up to 16 ``size``."""
    _assert_below(LINEAR_BOUND, [prepare(size), prepare(SPAN * size)], size, what, runs)


def assert_constant(
    prepare: Callable[[int], Work], size: int, what: str, *, runs: int = RUNS
) -> None:
    """Assert that ``prepare(n)()`` takes the same time for every n, up to 16 ``size``."""
    _assert_below(CONSTANT_BOUND, [prepare(size), prepare(SPAN * size)], size, what, runs)


def assert_steady(step: Callable[[int], Any], steps: int, what: str, *, block: int = 25) -> None:
    """Assert that ``step(number)`` takes the same time at the end of 16 ``steps`` as at the start.

    The shortest block of steps counts, of those in the first ``steps`` and in the last.
    """
    with _without_collections():
        seconds = [
            _cpu_seconds(partial(_run_steps, step, range(start, start + block)))
            for start in range(0, SPAN * steps, block)
        ]
    blocks = steps // block
    _check(min(seconds[:blocks]), min(seconds[-blocks:]), CONSTANT_BOUND, steps, what)


def _run_steps(step: Callable[[int], Any], numbers: range) -> None:
    for number in numbers:
        step(number)


def repeat(work: Work, times: int) -> Work:
    """Return ``work`` repeated, for work that is too short to be measured."""
    return lambda: [work() for _ in range(times)]


def _assert_below(bound: float, works: Sequence[Work], size: int, what: str, runs: int) -> None:
    with _without_collections():
        seconds = [[_cpu_seconds(work) for work in works] for _ in range(runs)]
    small, large = (min(column) for column in zip(*seconds, strict=True))
    _check(small, large, bound, size, what)


def _check(small: float, large: float, bound: float, size: int, what: str) -> None:
    if large >= bound * small:
        raise Mismatch(
            "grows",
            f"{what}: {SPAN * size:,} take {large / small:.1f} times as long as {size:,}",
            f"less than {bound} times as long",
            f"{small * 1000:.3f} ms for {size:,}, {large * 1000:.3f} ms for {SPAN * size:,}",
        )


def _cpu_seconds(work: Work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@contextmanager
def _without_collections() -> Iterator[None]:
    gc.collect()
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
