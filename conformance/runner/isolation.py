"""Run cases in a child process, and return their outcomes to pytest."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import pytest

from conformance.processes.child import Child, ChildError, Crashed, Hung
from conformance.processes.jobs import Job
from conformance.runner.beside import Jobs, job_of
from conformance.runner.child import Failure, SubjectInfo
from conformance.runner.marks import clause_of, seconds_of
from conformance.subjects import SUBJECT, external
from conformance.util.kinds import Kind

CASE_TIMEOUT = 20.0
"""Seconds for a case without a ``deadline`` marker."""

OPEN_TIMEOUT = 60.0
"""Seconds to import and create the subject."""

END_TIMEOUT = 20.0
"""Seconds to end a program."""

PREFETCH = 20
"""The number of cases that the child may run ahead of pytest's reporting."""

PRELOAD = (
    "conformance.catalogue",
    "conformance.golden.cases",
    "conformance.golden.store",
    "google.protobuf.unknown_fields",
    "google.protobuf.empty_pb2",
    "pyarrow.compute",
)
"""Modules that the cases of the suite use: the child imports them while pytest collects."""


class Failed(pytest.fail.Exception):  # type: ignore[misc,name-defined]
    """A case failed in its child; ``outcome`` is ``fail``, ``crash`` or ``hang``.

    ``output`` is what the case wrote.
    """

    def __init__(self, outcome: str, failure: Failure, output: str = "") -> None:
        # The child's traceback matters; formatting this process's own would be slow.
        super().__init__(failure.message, pytrace=False)
        self.outcome = outcome
        self.failure = failure
        self.output = output


def parameters_of(case: pytest.Function) -> Mapping[str, Any]:
    """Return the values of the parameters with which pytest calls a case."""
    return case.callspec.params if hasattr(case, "callspec") else {}


class IsolatedRunner:
    """A child process holding one subject.

    A case that kills the child fails alone; the next case gets a new child.
    """

    def __init__(self, spec: str, *, of_suite: bool) -> None:
        """``of_suite``: cases of the suite may run."""
        preload = ["conformance.runner.child", spec.partition(":")[0]]
        if of_suite and spec != external.SPEC:
            preload += PRELOAD
        if spec == SUBJECT:
            preload.append("conformance.subjects.engine")
        self._spec = spec
        self._child = Child(preload=preload)
        self._lost = True
        """True if the child has no subject: it did not open it yet, or it ended."""
        self._fatal: Failure | None = None
        """The failure of all further cases: the subject cannot be created again."""
        self._prefetched: dict[str, int] = {}
        """The request ids of cases that were sent to the child before their turn."""
        self.jobs = Jobs(spec)
        self._delivered: set[Job] = set()
        """The jobs whose results the child has."""

    def start(self) -> None:
        """Start the child, which imports the subject's module while pytest collects."""
        self._child.start()

    def open(self) -> SubjectInfo:
        """Create the subject in the child; raise ``ChildError`` if that fails."""
        info: SubjectInfo = self._child.call(
            "conformance.runner.child:open_subject", self._spec, sys.path, deadline=OPEN_TIMEOUT
        )
        self._lost = False
        return info

    def run(self, case: pytest.Function, following: Iterable[pytest.Item]) -> None:
        """Run ``case`` in the child, which may go on with the ``following`` cases.

        Raises ``Failed``. After a crash or a hang, the next case gets a new subject.
        """
        if self._fatal:
            raise Failed("fail", self._fatal)
        try:
            if self._lost:
                self._reopen()
            request_id = self._prefetched.pop(case.nodeid, None)
            if request_id is None:
                self._deliver(case)
                request_id = self._submit(case, {**parameters_of(case), **case.funcargs})
            if len(self._prefetched) <= PREFETCH // 2:
                for item in islice(following, len(self._prefetched), PREFETCH):
                    if not self._prefetch(item):
                        break  # replies must come in the order of the cases
            failure = self._child.result(
                request_id,
                deadline=seconds_of(case, "deadline") or CASE_TIMEOUT,
                cpu=seconds_of(case, "cpu_deadline"),
            )
            outcome = failure.outcome if failure else "pass"
        except ChildError as error:
            kinds: dict[type, Kind] = {Hung: "hang", Crashed: "crash"}
            kind = kinds.get(type(error), "environment")
            outcome = kinds.get(type(error), "fail")
            failure = Failure(kind, str(error), seen=error.exit_name, traceback=error.stacks)
            if outcome != "fail":
                self._lost = True
                self._prefetched.clear()
                self._delivered.clear()
        if failure:
            raise Failed(outcome, failure, self._child.output)

    def _reopen(self) -> None:
        try:
            self.open()
        except ChildError as error:
            # Otherwise every remaining case would wait for the same error.
            message = f"the subject cannot be created again: {error}"
            self._fatal = Failure("environment", message, traceback=error.stacks)
            raise

    def end_program(self) -> str:
        """End a program whose cases all ran; return what it did otherwise, or ``""``."""
        if self._spec != external.SPEC or self._lost or self._prefetched:
            return ""
        try:
            ended: str = self._child.call(
                "conformance.runner.child:end_program", deadline=END_TIMEOUT
            )
        except ChildError as error:
            return f"the program was not ended: {error}"
        return ended

    def kill(self) -> None:
        """Kill the child; another thread may do so while a case runs, which then crashes."""
        self._child.kill()

    def close(self) -> None:
        """End the child, the jobs and all their descendants."""
        self._child.close()
        self.jobs.close()

    def _awaited_job(self, item: pytest.Item) -> Job | None:
        """Return the job of this run whose result the child needs before the item, and lacks."""
        job = job_of(item)
        return job if job in self.jobs and job not in self._delivered else None

    def _deliver(self, case: pytest.Function) -> None:
        """Give the child the result of the job that a case needs."""
        if job := self._awaited_job(case):
            self._delivered.add(job)
            self._child.submit("conformance.processes.jobs:deliver", job, self.jobs.result(job))

    def _submit(self, case: pytest.Function, values: Mapping[str, Any]) -> int:
        arguments = {name: values[name] for name in _arguments(case)}
        return self._child.submit(
            "conformance.runner.child:run", case.module.__name__, case.originalname, arguments
        )

    def _prefetch(self, item: pytest.Item) -> bool:
        """Send a case to the child before its turn, unless it needs fixtures; return success."""
        if not isinstance(item, pytest.Function) or clause_of(item) is None:
            return False
        if self._awaited_job(item):
            return False
        parameters = parameters_of(item)
        if not parameters.keys() >= set(_arguments(item)):
            return False
        try:
            self._prefetched[item.nodeid] = self._submit(item, parameters)
        except (pickle.PicklingError, AttributeError, TypeError):
            return False  # its own turn reports a parameter that does not pickle
        return True


def _arguments(item: pytest.Function) -> list[str]:
    info: Any = item._fixtureinfo
    return [name for name in info.argnames if name != "subject"]
