"""Goldens of expressions: bytes that released engines wrote, decoded by the engine under test."""

from __future__ import annotations

from functools import partial

import pytest

from conformance.golden.cases import CASES
from conformance.runner.assertions import assert_names_versions, assert_raises
from conformance.subjects.interface import Subject
from conformance.suite.helpers import golden_cases
from conformance.suite.helpers.golden_cases import OTHER_PYTHONS, OWN, OWN_PYTHON, golden_params
from conformance.suite.helpers.markers import clause, each_receiver
from conformance.suite.helpers.samples import receiver, strict_session

KIND = "expressions"


@clause("GOLDEN-01")
@pytest.mark.parametrize("golden", golden_params([*golden_cases.goldens_of(KIND, OWN)]))
def test_reads(subject: Subject, golden: str) -> None:
    """A golden of this Python decodes with nothing registered and returns its result."""
    golden_cases.assert_golden_result(
        subject, golden_cases.require_goldens(KIND, OWN)[golden], subject.session()
    )


@clause("GOLDEN-02")
@OTHER_PYTHONS
@each_receiver
def test_refuses_other_pythons(subject: Subject, python: str, mode: str) -> None:
    """Every golden of another Python is refused; the error names both versions."""
    session = receiver(subject, mode)
    for label, golden in golden_cases.require_goldens(KIND, python).items():
        data = golden_cases.read_bytes(golden)
        error = assert_raises(partial(subject.from_bytes, data, session), label)
        assert_names_versions(error, [python, OWN], label)


@clause("GOLDEN-03")
@OWN_PYTHON
def test_strict_refuses(subject: Subject, python: str) -> None:
    """A strict session refuses every golden of this Python and names one of its UDFs."""
    session = strict_session(subject)
    for label, golden in golden_cases.require_goldens(KIND, python).items():
        data = golden_cases.read_bytes(golden)
        error = assert_raises(partial(subject.from_bytes, data, session), label)
        golden_cases.assert_names_a_udf(label, CASES[golden.case], error)
