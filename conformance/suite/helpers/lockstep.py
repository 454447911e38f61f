"""The run of the model on the subject: once for all clauses, in a process of its own."""

from __future__ import annotations

from conformance.processes.jobs import Job, result_of
from conformance.runner.assertions import Mismatch
from conformance.suite.model.steps import Finding, Result

JOB = Job("conformance.suite.model.run:run_here", (), deadline=100.0)
"""A run on a new subject; it takes some seconds, and more where a story has to be shortened."""


def run_model() -> Result:
    """Return the result of the run."""
    found = result_of(JOB)
    if found.failure:
        raise Mismatch(found.kind, f"the model: {found.failure}", seen=found.output)
    result: Result = found.value
    return result


def assert_unbroken(finding: Finding | None) -> None:
    """Assert that no story broke a clause. The message has the shortest one that did."""
    if finding is not None:
        violation = finding.violation
        message = f"{violation.message}\n{finding.text}"
        raise Mismatch(violation.kind, message, violation.expected, violation.seen)
