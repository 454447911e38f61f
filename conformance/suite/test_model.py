"""Sequences of steps that hypothesis draws, each predicted by a model."""

from __future__ import annotations

import pytest

from conformance.catalogue.nodes import Call, Col, Family
from conformance.processes.jobs import Job, result_of
from conformance.runner.assertions import Mismatch, assert_result
from conformance.subjects.interface import Subject
from conformance.suite.helpers.markers import clause, each_family
from conformance.suite.helpers.same_name_udfs import evaluate_rows, expected_values
from conformance.suite.model.callables import declare, make_class, on_class
from conformance.suite.model.steps import CLAUSES, Finding, Result

JOB = Job("conformance.suite.model.run:run_here", (), deadline=100.0)
"""A run on a new subject; it takes some seconds, and more where a story has to be shortened."""


def _run_model() -> Result:
    """Return the result of the run."""
    found = result_of(JOB)
    if found.failure:
        raise Mismatch(found.kind, f"the model: {found.failure}", seen=found.output)
    result: Result = found.value
    return result


def _assert_unbroken(finding: Finding | None) -> None:
    """Assert that no story broke a clause. The message has the shortest one that did."""
    if finding is not None:
        violation = finding.violation
        message = f"{violation.message}\n{finding.text}"
        raise Mismatch(violation.kind, message, violation.expected, violation.seen)


@pytest.mark.deadline(120)
@pytest.mark.parametrize("broken", [pytest.param(one, marks=clause(one)) for one in CLAUSES])
def test_stories(subject: Subject, broken: str) -> None:
    """Sessions, UDFs, slots and threads are used in many random orders.

    No order of steps breaks the clause.
    """
    del subject  # the run has one of its own
    _assert_unbroken(_run_model().findings.get(broken))


@clause("MODEL-05")
@each_family
def test_older_message_changes_nothing(subject: Subject, family: Family) -> None:
    """A UDF on a class is encoded, the class gets another factor, and it is encoded again.

    The newer message is decoded, then the older one. The newer UDF keeps its result.
    """
    udf, class_ = declare(family, "times"), make_class(family, 2, subject.bases)
    function = subject.function(udf, on_class(family, class_))
    expr = subject.expr(Call(udf, (Col("a"),)), {udf: function})
    older = subject.to_bytes(expr)
    class_.factor = 3
    newer = subject.from_bytes(subject.to_bytes(expr), subject.session())
    subject.from_bytes(older, subject.session())
    assert_result(evaluate_rows(subject, family, newer), expected_values(family, 3), "times 3")
