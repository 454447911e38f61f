"""Sequences of steps that hypothesis draws, each predicted by a model."""

from __future__ import annotations

import pytest

from conformance.catalogue.nodes import Call, Col, Family
from conformance.runner.assertions import assert_result
from conformance.subjects.interface import Subject
from conformance.suite.helpers.lockstep import JOB, assert_unbroken, run_model
from conformance.suite.helpers.markers import clause, each_family
from conformance.suite.helpers.same_name_udfs import evaluate_rows, expected_values
from conformance.suite.model.callables import declare, make_class, on_class
from conformance.suite.model.steps import CLAUSES

__all__ = ["JOB"]


@pytest.mark.deadline(120)
@pytest.mark.parametrize("broken", [pytest.param(one, marks=clause(one)) for one in CLAUSES])
def test_stories(subject: Subject, broken: str) -> None:
    """Sessions, UDFs, slots and threads are used in many random orders.

    No order of steps breaks the clause.
    """
    del subject  # the run has one of its own
    assert_unbroken(run_model().findings.get(broken))


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
