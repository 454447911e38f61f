"""The process scenarios by chapter and their results: a chapter's scenarios run once, together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from typing import Any

from conformance.processes.child import Child
from conformance.processes.jobs import Job, outcome, result_of
from conformance.processes.scenarios import (
    STARTUP_TIMEOUT,
    TOTAL_TIMEOUT,
    Scenario,
    ScenarioResult,
    run_all,
)
from conformance.runner.assertions import Mismatch
from conformance.subjects.interface import Subject
from conformance.suite.helpers.samples import once
from conformance.suite.processes.transports import FORKSERVER_PRELOAD, STARTS

_ROUND_TRIPS = "conformance.suite.processes.round_trips:"
_FAILURE_SCENARIOS = "conformance.suite.processes.failure_scenarios:"
_FORKS = "conformance.suite.processes.forks:"
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
"""The scenarios whose call may never return: message, start method and transport."""

SHARED_TRANSPORTS = ("pool-apply", "executor-submit")
"""The transports through which several threads send at the same time."""

# A spawned worker costs half a second: behaviour that depends only on the library uses fork.
PROCESS = {
    **{f"trips-{start}": Scenario(_ROUND_TRIPS + "round_trips", (start,)) for start in STARTS},
    **{
        f"answers-{transport}": Scenario(_ROUND_TRIPS + "answers", (transport, "fork"))
        for transport in ("pool-map", "executor-submit", "pipe")
    },
    **{
        f"both-strict-{transport}": Scenario(
            _FAILURE_SCENARIOS + "single_message", ("both-strict", transport, "fork")
        )
        for transport in ("pool-map", "executor-submit")
    },
    "inherited-by-replaced": Scenario(_FORKS + "inherited_by_replaced"),
    "sessions-in-a-fork": Scenario(_FORKS + "sessions_in_a_fork"),
    "threads-with-slots": Scenario(_FAILURE_SCENARIOS + "threads_with_slots", ("fork",)),
}
WORKER = {
    **{
        f"{message}-{start}-{transport}": Scenario(
            _FAILURE_SCENARIOS + "single_message", (message, transport, start)
        )
        for message, start, transport in FAILURES
    },
    "exit-codes": Scenario(_FAILURE_SCENARIOS + "exit_codes", ("forkserver",)),
    "after-small-fork": Scenario(_FAILURE_SCENARIOS + "after_queries", ("fork", "small")),
    **{
        f"after-big-{start}": Scenario(_FAILURE_SCENARIOS + "after_queries", (start, "big"))
        for start in STARTS
    },
    "forked-in-a-decode": Scenario(_FORKS + "forked_in_a_decode"),
    "decoding-after-queries": Scenario(_FORKS + "decoding_after_queries", ("fork",)),
    **{
        f"shared-{name}": Scenario(_FAILURE_SCENARIOS + "threads_of_one_pool", ("fork", name))
        for name in SHARED_TRANSPORTS
    },
    "nested": Scenario(_FAILURE_SCENARIOS + "nested", ("fork",)),
}
if find_spec("joblib") is not None:
    PROCESS["trips-loky"] = Scenario(_ROUND_TRIPS + "round_trips", ("loky",))


def process_result(subject: Subject, name: str) -> Any:
    """Return the result of the PROCESS scenario ``name``; raise ``Mismatch`` if it failed."""
    return _result(subject, "PROCESS", name)


def worker_result(subject: Subject, name: str) -> Any:
    """Return the result of the WORKER scenario ``name``; raise ``Mismatch`` if it failed."""
    return _result(subject, "WORKER", name)


SCENARIOS = {"PROCESS": PROCESS, "WORKER": WORKER}
"""The scenarios by chapter."""

DEADLINE = STARTUP_TIMEOUT + TOTAL_TIMEOUT + 10
"""Seconds that a driver has for all scenarios of a chapter."""

driver: Child | None = None
"""A driver process with an open subject, which runs each scenario alone on request.

If it is None, a job runs all scenarios of a chapter.
"""


def job(chapter: str) -> Job:
    """Return the job that runs the scenarios of a chapter in a new driver."""
    return Job(f"{__name__}:run_here", (chapter,), DEADLINE, (FORKSERVER_PRELOAD,))


def run_here(chapter: str) -> Mapping[str, ScenarioResult]:
    """Run the scenarios of a chapter in forks of this process."""
    return run_all(SCENARIOS[chapter])


def _result(subject: Subject, chapter: str, name: str) -> Any:
    result = _run_chapter(subject, chapter, name if driver else "")[name]
    if result.failure:
        raise Mismatch(result.kind, f"{name}: {result.failure}", "a result", result.output)
    return result.value


@once
def _run_chapter(subject: Subject, chapter: str, alone: str) -> Mapping[str, ScenarioResult]:
    """Return the results of all scenarios of a chapter, or run ``alone`` in the driver.

    The driver of a job and its workers open subjects of their own.
    """
    del subject
    if driver is None:
        scenarios, found = SCENARIOS[chapter], result_of(job(chapter))
    else:
        scenarios = {alone: SCENARIOS[chapter][alone]}
        call = partial(driver.call, "conformance.processes.scenarios:run_all", scenarios)
        found = outcome(partial(call, deadline=DEADLINE))
    return dict.fromkeys(scenarios, found) if found.failure else found.value
