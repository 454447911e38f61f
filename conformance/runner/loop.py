"""The loop over all cases: what runs in the child needs no setup and no teardown here.

pytest's protocol for a test, with its three phases and the hooks of all plugins, costs more than
most cases. Items that use fixtures of this process still get it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from itertools import zip_longest
from typing import TypeAlias, TypeGuard

import pytest

from conformance.runner.isolation import Failed, parameters_of
from conformance.runner.marks import clause_of

RunCase = Callable[[pytest.Function], None]
Call: TypeAlias = "pytest.CallInfo[None]"
Judge = Callable[[pytest.Item, pytest.TestReport, BaseException | None], None]


def is_plain(item: pytest.Item) -> TypeGuard[pytest.Function]:
    """Return whether an item is a case that uses the subject and its parameters only."""
    if not isinstance(item, pytest.Function) or clause_of(item) is None:
        return False
    return {"subject", "request", *parameters_of(item)}.issuperset(item.fixturenames)


def timed(run: RunCase, case: pytest.Function) -> Call:
    """Run a plain case; return when it began and ended, and what it raised."""
    leave = (pytest.exit.Exception, KeyboardInterrupt)
    return pytest.CallInfo.from_call(lambda: run(case), "call", reraise=leave)


def run_items(
    session: pytest.Session,
    run: RunCase,
    judge: Judge,
    elsewhere: Mapping[pytest.Item, Future[Call]],
) -> None:
    """Run all items of the session, and report them in their order.

    ``run`` runs a plain case, ``judge`` puts the outcome into its report. The cases in
    ``elsewhere`` run in another thread.
    """
    others = [item for item in session.items if not is_plain(item)]
    following = dict(zip_longest(others, others[1:]))  # what pytest sets up next
    for item in session.items:
        if item in following:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following[item])
        else:
            assert isinstance(item, pytest.Function)
            item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=_location(item))
            call = elsewhere[item].result() if item in elsewhere else timed(run, item)
            _report(item, call, judge)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)


def _report(item: pytest.Function, call: Call, judge: Judge) -> None:
    """Report a case that ran, as pytest's own loop does for the phase ``call``."""
    hook, location = item.ihook, _location(item)
    error = call.excinfo.value if call.excinfo else None
    if error is None or isinstance(error, Failed):  # no traceback: pytest's own way is slow
        report = pytest.TestReport(
            *(item.nodeid, location, {}, "failed" if error else "passed", None, "call"),
            duration=call.duration,
            start=call.start,
            stop=call.stop,
        )
    else:
        report = pytest.TestReport.from_item_and_call(item, call)
    judge(item, report, error)
    hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=location)


_locations: dict[object, tuple[str, int | None]] = {}
"""File and line by function: pytest looks them up for each of its cases."""


def _location(item: pytest.Function) -> tuple[str, int | None, str]:
    if item.function not in _locations:
        _locations[item.function] = item.location[:2]
    return (*_locations[item.function], item.name)
