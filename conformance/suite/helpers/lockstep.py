"""The run of the model on the subject: once for all clauses, in a process of its own."""

from __future__ import annotations

import os
import sys
from typing import cast

from conformance.processes.child import Child, ChildError, failure_kind
from conformance.processes.scenarios import STARTUP_TIMEOUT
from conformance.runner.assertions import Mismatch
from conformance.subjects.interface import Subject
from conformance.suite.helpers.samples import once
from conformance.suite.model.steps import Finding, Result

RUN_TIMEOUT = 100.0
"""Seconds for a run; it takes some, and more where a story has to be shortened."""


@once
def run_model(subject: Subject) -> Result:
    """Run the model on a new subject in a new process, in which nothing was used before."""
    del subject
    path = os.pathsep.join(filter(None, sys.path))
    child = Child(env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"})
    try:
        spec = os.environ["CONFORMANCE_SUBJECT"]
        child.call("conformance.subjects.current:create", spec, (), deadline=STARTUP_TIMEOUT)
        return cast(
            "Result", child.call("conformance.suite.model.run:run_here", deadline=RUN_TIMEOUT)
        )
    except ChildError as error:
        raise Mismatch(failure_kind(error), f"the model: {error}", seen=error.stacks) from error
    finally:
        child.close()


def assert_unbroken(finding: Finding | None) -> None:
    """Assert that no story broke a clause. The message has the shortest one that did."""
    if finding is not None:
        violation = finding.violation
        message = f"{violation.message}\n{finding.text}"
        raise Mismatch(violation.kind, message, violation.expected, violation.seen)
