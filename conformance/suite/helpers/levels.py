"""Measure what many rounds of one activity leave behind in the process.

The level of each resource is measured after a warm-up and after each of two further phases.
The smaller of the two increases counts. A leak grows in both phases. What is made once, such
as a thread pool or a full cache, grows in one of them at most, and cannot make a case fail.
No clock is involved, and the counts are exact. Resident memory varies by a few 100 KiB; what
keeps the ballast of each round grows by 4 MiB in a phase, and the limit is 1 MiB.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping

import psutil

from conformance.runner.assertions import assert_true
from conformance.subjects.interface import Subject
from conformance.suite.helpers.activities import ACTIVITIES, Step
from conformance.suite.helpers.samples import once

WARM_UP = 100
"""Rounds before the first measurement."""

ROUNDS = 250
"""Rounds in each of the two phases. ``CONFORMANCE_COST_ROUNDS`` in the environment replaces it."""

LIMITS: Mapping[str, int] = {
    "classes": 10,
    "descriptors": 10,
    "memory": 1 << 20,
    "modules": 10,
    "objects": 40,
    "threads": 10,
}
"""The increase of each resource, in both phases, that breaks its clause."""

_CHUNK = 25
"""Rounds after which a phase ends early if it has left that many descriptors or threads behind.

Otherwise the process would run out of them, and the case would fail for another reason.
"""


def assert_level(subject: Subject, activity: str, resource: str) -> None:
    """Assert that rounds of the activity do not raise the level of the resource."""
    first, second = (levels[resource] for levels in _increases(subject, activity))
    assert_true(
        min(first, second) < LIMITS[resource],
        f"{activity}: {resource} grow with the number of rounds",
        f"{first:+,} in the first phase, {second:+,} in the second",
        kind="grows",
    )


@once
def _increases(subject: Subject, activity: str) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return by how much each level increased in the first and in the second phase."""
    step, rounds = ACTIVITIES[activity](subject), int(os.environ.get(_ROUNDS, ROUNDS))
    for number in range(WARM_UP):
        step(number)
    warm = _levels()
    _run_phase(step, range(WARM_UP, WARM_UP + rounds))
    first = _levels()
    _run_phase(step, range(WARM_UP + rounds, WARM_UP + 2 * rounds))
    second = _levels()
    return _difference(warm, first), _difference(first, second)


def _run_phase(step: Step, numbers: range) -> None:
    process = psutil.Process()
    start = process.num_fds() + process.num_threads()
    for number in numbers:
        step(number)
        if number % _CHUNK == 0 and process.num_fds() + process.num_threads() >= start + _CHUNK:
            return


def _levels() -> Mapping[str, int]:
    gc.collect()  # what is garbage was not left behind
    return {resource: measure() for resource, measure in _MEASURES.items()}


def _difference(before: Mapping[str, int], after: Mapping[str, int]) -> Mapping[str, int]:
    return {resource: after[resource] - before[resource] for resource in before}


def _count_classes() -> int:
    """Return the number of classes that cloudpickle tracks, 0 without cloudpickle."""
    tracker = sys.modules.get("cloudpickle.cloudpickle")
    return len(getattr(tracker, "_DYNAMIC_CLASS_TRACKER_BY_CLASS", ()))


_MEASURES: Mapping[str, Callable[[], int]] = {
    "classes": _count_classes,
    "descriptors": lambda: psutil.Process().num_fds(),
    "memory": lambda: psutil.Process().memory_info().rss,
    "modules": lambda: len(sys.modules),
    "objects": lambda: len(gc.get_objects()),
    "threads": lambda: psutil.Process().num_threads(),
}
_ROUNDS = "CONFORMANCE_COST_ROUNDS"
