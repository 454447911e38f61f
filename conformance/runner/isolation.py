"""Carries cases to the child process in which they run, and brings their outcomes back."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from conformance.processes.child import Child, ChildError, Crashed, Hung
from conformance.runner.child import Failure, SubjectInfo
from conformance.spec.kinds import Kind
from conformance.subjects import SUBJECT

CASE_TIMEOUT = 20.0
"""Seconds a case has, unless it is marked with another ``deadline``."""

OPEN_TIMEOUT = 60.0
"""Seconds that a subject has to be imported and made."""

PREFETCH = 20
"""So many cases the child may be ahead of pytest, which takes longer over small ones."""

PRELOAD = (
    "conformance.runner.child",
    "conformance.catalogue",
    "conformance.golden.cases",
    "conformance.golden.store",
    "google.protobuf.unknown_fields",
    "google.protobuf.empty_pb2",
    "pyarrow.compute",
)
"""What the first cases would have to wait for, were it not imported while pytest collects."""

_CLAUSE = pytest.StashKey["str | None"]()


class Failed(pytest.fail.Exception):  # type: ignore[misc,name-defined]
    """A case failed in its child; ``outcome`` is ``fail``, ``crash`` or ``hang``."""

    def __init__(self, outcome: str, failure: Failure) -> None:
        # The traceback is the child's; pytest would take long over this process's own.
        super().__init__(failure.message, pytrace=False)
        self.outcome = outcome
        self.failure = failure


def clause_of(item: pytest.Item) -> str | None:
    """Return the clause that an item shows, ``""`` where its marker names none.

    The clause of an item that is not a case is ``None``.
    """
    if _CLAUSE not in item.stash:  # looking for markers is slow, and asked for often
        marker = item.get_closest_marker("clause")
        item.stash[_CLAUSE] = None if marker is None else str(marker.args[0] if marker.args else "")
    return item.stash[_CLAUSE]


def needs_of(item: pytest.Item) -> set[str]:
    """Return the capabilities that an item needs beside those of its clause."""
    return {name for marker in item.iter_markers("needs") for name in marker.args or ("",)}


def since_of(item: pytest.Item) -> str:
    """Return the first engine version on which an item can show its clause, or ``""``."""
    marker = item.get_closest_marker("since")
    return str(marker.args[0]) if marker else ""


class IsolatedRunner:
    """One child with one subject; a case that kills it costs itself alone."""

    def __init__(self, spec: str) -> None:
        preload = [spec.partition(":")[0], *PRELOAD]
        if spec == SUBJECT:
            preload.append("conformance.subjects.engine")
        self._spec = spec
        self._child = Child(preload=preload)
        self._lost = False
        """Whether the child died, and with it the subject."""
        self._dead: Failure | None = None
        """Why no further case can run."""
        self._ahead: dict[str, int] = {}
        """The request ids of cases that were sent to the child before their turn."""

    def start(self) -> None:
        """Start the child, which imports the subject while pytest collects."""
        self._child.start()

    def open(self) -> SubjectInfo:
        """Let the child create the subject; raise ``ChildError``."""
        opened: SubjectInfo = self._child.call(
            "conformance.runner.child:open_subject", self._spec, sys.path, deadline=OPEN_TIMEOUT
        )
        self._lost = False
        return opened

    def run(self, case: pytest.Function, following: Iterable[pytest.Item]) -> None:
        """Run ``case`` in the child, which goes on with the ``following`` ones meanwhile.

        Raises ``Failed``. After a crash or a hang the next case gets a fresh subject.
        """
        mark = case.get_closest_marker("deadline")
        if self._dead:
            raise Failed("fail", self._dead)
        try:
            if self._lost:
                self._reopen()
            request_id = self._ahead.pop(case.nodeid, None)
            if request_id is None:
                request_id = self._post(case, case.funcargs)
            for item in following:
                if not self._prefetch(item):
                    break  # replies come in the order of the cases
            failure = self._child.result(
                request_id, deadline=mark.args[0] if mark else CASE_TIMEOUT
            )
            outcome = "fail"
        except ChildError as error:
            kinds: dict[type, Kind] = {Hung: "hang", Crashed: "crash"}
            kind = kinds.get(type(error), "environment")
            outcome = kinds.get(type(error), "fail")
            failure = Failure(kind, str(error), seen=error.exit_name, traceback=error.stacks)
            if outcome != "fail":
                self._lost = True
                self._ahead.clear()
        if failure:
            case.add_report_section("call", "output", self._child.output)
            raise Failed(outcome, failure)

    def _reopen(self) -> None:
        try:
            self.open()
        except ChildError as error:
            # Every case that is left would wait as long for the same answer.
            said = f"the subject cannot be opened again: {error}"
            self._dead = Failure("environment", said, traceback=error.stacks)
            raise

    def close(self) -> None:
        """End the child and all that it started."""
        self._child.close()

    def _post(self, case: pytest.Function, values: Mapping[str, Any]) -> int:
        arguments = {name: values[name] for name in _arguments(case)}
        return self._child.submit(
            "conformance.runner.child:run", case.module.__name__, case.originalname, arguments
        )

    def _prefetch(self, item: pytest.Item) -> bool:
        """Hands a case over before its turn; not one that takes more than parameters."""
        if item.nodeid in self._ahead:
            return True
        if not isinstance(item, pytest.Function) or clause_of(item) is None:
            return False
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        if not parameters.keys() >= set(_arguments(item)):
            return False
        try:
            self._ahead[item.nodeid] = self._post(item, parameters)
        except (pickle.PicklingError, AttributeError, TypeError):
            return False  # its own turn reports a parameter that does not pickle
        return True


def _arguments(item: pytest.Function) -> list[str]:
    info: Any = item._fixtureinfo
    return [name for name in info.argnames if name != "subject"]
