"""Runs cases on a subject in a fork of this process, which has imported all that they need."""

from __future__ import annotations

import gc
import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection, Pipe, wait
from typing import Literal, NoReturn

from conformance.processes import tree
from conformance.processes.child import Child, describe_exit, exit_name
from conformance.processes.forked import Forked
from conformance.runner import child
from conformance.runner.child import Failure, SubjectInfo
from conformance.runner.isolation import PRELOAD
from conformance.spec import CLAUSES
from conformance.suite.model.run import SHRINKS_VARIABLE
from conformance.suite.processes import results
from tasks.mutation.cases import Case

CASE_TIMEOUT = 10.0
"""Seconds that a case has, unless it names its own deadline."""

OPEN_TIMEOUT = 30.0
"""Seconds that a subject has to be made."""


@dataclass(frozen=True)
class End:
    """How a case ended: ``pass``, ``fail``, ``crash`` or ``hang``."""

    case: Case
    outcome: str
    failure: Failure | None = None


@dataclass
class Run:
    """Cases on one subject, in the order given, until ``enough`` says of one that it is too much.

    ``deadline`` is for cases that name none; ``alone`` holds only those trials of
    other processes that a case asks for, which is quicker for a few cases.
    """

    name: str
    spec: str
    cases: Sequence[Case]
    deadline: float = CASE_TIMEOUT
    alone: bool = True
    enough: Callable[[Run, Case], bool] = lambda _run, _case: False
    ends: list[End] = field(default_factory=list)
    opened: SubjectInfo | None = None
    broken: str = ""
    """Why the subject could not be made."""

    def left(self) -> list[Case]:
        """Return the cases that have to run yet."""
        done = {end.case for end in self.ends}
        subject = self.opened or SubjectInfo()
        return [
            case
            for case in self.cases
            if case not in done and case.applies_to(subject) and not self.enough(self, case)
        ]


@dataclass
class _Fork:
    run: Run
    pid: int
    messages: Connection
    case: Case | None
    until: float
    done: bool = False

    def take(self) -> bool:
        """Take in one message; whether the fork goes on."""
        try:
            what, value = self.messages.recv()
        except (EOFError, ConnectionResetError):
            code = self.code()
            return self.died("crash", describe_exit(code), exit_name(code))
        if what == "opened":
            self.run.opened = value
        elif what == "broken":
            self.run.broken = value
        elif what == "begins":
            self.case = self.run.cases[value]
            self.until = time.monotonic() + (self.case.deadline or self.run.deadline)
        elif what == "ends":
            assert self.case is not None
            self.run.ends.append(End(self.case, "fail" if value else "pass", value))
            self.case = None
        self.done = what == "done"
        return what not in ("done", "broken")

    def died(self, how: Literal["crash", "hang"], why: str, ended: str = "") -> bool:
        """Take note that the fork is dead, or must die."""
        if self.case is None:
            self.run.broken = self.run.broken or f"before any case: {why}"
        else:
            self.run.ends.append(End(self.case, how, Failure(how, why, seen=ended)))
        return False

    def code(self) -> int:
        """Return the exit code of a fork that has closed its pipe."""
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def close(self) -> None:
        """End the fork, with all that it started; one that is done has seen to that itself."""
        if not self.done:
            tree.kill(tree.descendants(self.pid))
        self.messages.close()
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def hold(runs: Sequence[Run], jobs: int = 0) -> Iterator[Run]:
    """Hold the runs, ``jobs`` at a time (one a core), and yields each when it is over.

    A case that kills or hangs its fork costs itself alone: a new fork goes on.
    This process must have no threads, and must not have run the subject.
    """
    for module in PRELOAD:
        import_module(module)  # once, and not in every fork
    gc.freeze()  # what is there is shared: no fork should write on it
    tree.become_subreaper()
    waiting, forks = list(runs), list[_Fork]()
    jobs = jobs or os.cpu_count() or 1
    try:
        while waiting or forks:
            while waiting and len(forks) < jobs:
                forks.append(_start(waiting.pop(0)))
            ready = set(wait([fork.messages for fork in forks], timeout=0.2))
            for fork in list(forks):
                goes_on = True
                if fork.messages in ready:
                    goes_on = fork.take()
                elif time.monotonic() > fork.until:
                    goes_on = fork.died("hang", "no answer in time")
                if not goes_on:
                    forks.remove(fork)
                    fork.close()
                    if fork.run.broken or not fork.run.left():
                        yield fork.run
                    else:
                        forks.append(_start(fork.run))
    finally:
        for fork in forks:
            fork.close()


def _start(run: Run) -> _Fork:
    receives, sends = Pipe(duplex=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # libraries have threads of their own
        pid = os.fork()
    if not pid:
        receives.close()
        _work(run, sends)
    sends.close()
    return _Fork(run, pid, receives, None, time.monotonic() + OPEN_TIMEOUT)


def _work(run: Run, sends: Connection) -> NoReturn:
    """Run the fork's side; it never returns to what the parent was doing."""
    os.environ[SHRINKS_VARIABLE] = "4"  # to notice a fault needs no short story
    try:
        os.setpgid(0, 0)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        warnings.simplefilter("ignore", DeprecationWarning)
        chapters = {CLAUSES[case.clause].chapter for case in run.left()}
        if run.alone and chapters & results.SCENARIOS.keys():
            results.driver = _driver(run, sends)
        how, value = _opened(run)
        sends.send((how, value))
        if how == "opened":
            _run(run, sends)
        # What cases keep for the cases after them, such as a driver or a cluster, ends here.
        if tree.has_children():
            tree.kill(one for one in tree.descendants(os.getpid()) if one.pid != os.getpid())
    finally:
        os._exit(0)


def _driver(run: Run, sends: Connection) -> Child:
    """Return a driver for trials: a fork of this process in which no case has run."""
    driver = Forked(sends.close)
    driver.call("conformance.runner.child:open_subject", run.spec, (), deadline=OPEN_TIMEOUT)
    return driver


def _opened(run: Run) -> tuple[str, SubjectInfo | str]:
    try:
        run.opened = child.open_subject(run.spec, ())
    except Exception as error:  # noqa: BLE001 - whatever it is, there is no subject
        return "broken", f"{type(error).__name__}: {error}"
    return ("broken", run.opened.refusal) if run.opened.refusal else ("opened", run.opened)


def _run(run: Run, sends: Connection) -> None:
    numbers = {case: number for number, case in enumerate(run.cases)}
    for case in run.left():
        if run.enough(run, case):
            continue
        sends.send(("begins", numbers[case]))
        failure = child.run(case.module, case.function, case.arguments)
        run.ends.append(End(case, "fail" if failure else "pass", failure))
        sends.send(("ends", failure))
    sends.send(("done", None))
