"""Observations of the trials, as cases read them: all trials of a chapter run once, together."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from conformance.processes.child import Child, ChildError, failure_kind
from conformance.processes.scenarios import LONGEST, STARTING, Told, Trial
from conformance.runner.assertions import Mismatch
from conformance.subjects.interface import Subject
from conformance.suite.helpers.samples import once
from conformance.suite.processes.transports import STARTS

_ROUND_TRIPS = "conformance.suite.processes.round_trips:"
_FAILURE_SCENARIOS = "conformance.suite.processes.failure_scenarios:"
FAILURES = [
    *(("refused", start, "pool-map") for start in STARTS),
    *(("refused", start, "executor-submit") for start in ("fork", "spawn")),
    *(("refused", "fork", name) for name in ("pool-apply", "pool-imap", "pool-starmap")),
    ("refused", "fork", "executor-map"),
    *(
        (message, "fork", transport)
        for message in ("unregistered", "killed", "interrupted")
        for transport in ("pool-map", "executor-submit", "pipe")
    ),
]
"""What may not come back: the message, the start method, the transport."""

SHARED_TRANSPORTS = ("pool-apply", "executor-submit")
"""What several threads send through at once."""

# A spawned worker costs half a second: what depends on the library alone is held with fork.
PROCESS = {
    **{f"trips-{start}": Trial(_ROUND_TRIPS + "round_trips", (start,)) for start in STARTS},
    **{
        f"answers-{transport}": Trial(_ROUND_TRIPS + "answers", (transport, "fork"))
        for transport in ("pool-map", "executor-submit", "pipe")
    },
    **{
        f"both-strict-{transport}": Trial(
            _FAILURE_SCENARIOS + "single_message", ("both-strict", transport, "fork")
        )
        for transport in ("pool-map", "executor-submit")
    },
    "inherited-by-replaced": Trial(_FAILURE_SCENARIOS + "inherited_by_replaced"),
    "threads-with-slots": Trial(_FAILURE_SCENARIOS + "threads_with_slots", ("fork",)),
}
WORKER = {
    **{
        f"{message}-{start}-{transport}": Trial(
            _FAILURE_SCENARIOS + "single_message", (message, transport, start)
        )
        for message, start, transport in FAILURES
    },
    "exit-codes": Trial(_FAILURE_SCENARIOS + "exit_codes", ("forkserver",)),
    "after-small-fork": Trial(_FAILURE_SCENARIOS + "after_queries", ("fork", "small")),
    **{
        f"after-big-{start}": Trial(_FAILURE_SCENARIOS + "after_queries", (start, "big"))
        for start in STARTS
    },
    "decoding-after-queries": Trial(_FAILURE_SCENARIOS + "decoding_after_queries", ("fork",)),
    **{
        f"shared-{name}": Trial(_FAILURE_SCENARIOS + "threads_of_one_pool", ("fork", name))
        for name in SHARED_TRANSPORTS
    },
    "nested": Trial(_FAILURE_SCENARIOS + "nested", ("fork",)),
}
if find_spec("joblib") is not None:
    PROCESS["trips-loky"] = Trial(_ROUND_TRIPS + "round_trips", ("loky",))


def process_result(subject: Subject, name: str) -> Any:
    """Return what the trial ``name`` of PROCESS saw; a ``Mismatch`` where it saw nothing."""
    return _value(subject, "PROCESS", name)


def worker_result(subject: Subject, name: str) -> Any:
    """Return what the trial ``name`` of WORKER saw; a ``Mismatch`` where it saw nothing."""
    return _value(subject, "WORKER", name)


TRIALS = {"PROCESS": PROCESS, "WORKER": WORKER}
"""The trials of each chapter that has any."""

driver: Child | None = None
"""A driver with the subject opened, that holds each trial alone when it is asked for.

Without one, a driver is started for all trials of a chapter when one of them is asked for.
"""


def _value(subject: Subject, chapter: str, name: str) -> Any:
    told = _run_chapter(subject, chapter, name if driver else "")[name]
    if told.failure:
        raise Mismatch(told.kind, f"{name}: {told.failure}", "an answer", told.output)
    return told.value


@once
def _run_chapter(subject: Subject, chapter: str, alone: str) -> Mapping[str, Told]:
    """All trials of a chapter, in a driver that this process starts and ends; or one ``alone``.

    The driver and its workers open subjects of their own.
    """
    del subject
    trials = TRIALS[chapter]
    if driver:
        return _run_scenarios(driver, {alone: trials[alone]})
    path = os.pathsep.join(filter(None, sys.path))
    started = Child(env={**os.environ, "PYTHONPATH": path})
    try:
        spec = os.environ["CONFORMANCE_SUBJECT"]
        started.call("conformance.runner.child:open_subject", spec, (), deadline=STARTING)
        return _run_scenarios(started, trials)
    except ChildError as error:
        return dict.fromkeys(
            trials, Told(kind=failure_kind(error), failure=str(error), output=error.stacks)
        )
    finally:
        started.close()


def _run_scenarios(driver: Child, trials: Mapping[str, Trial]) -> Mapping[str, Told]:
    longest = STARTING + LONGEST + 10
    try:
        told: Mapping[str, Told] = driver.call(
            "conformance.processes.scenarios:hold", trials, deadline=longest
        )
    except ChildError as error:
        return dict.fromkeys(
            trials, Told(kind=failure_kind(error), failure=str(error), output=error.stacks)
        )
    return told
