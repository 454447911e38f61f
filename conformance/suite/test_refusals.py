"""Refusals and diagnostics: class and text of each error, as the golden store holds them."""

from __future__ import annotations

import pytest

from conformance.subjects.interface import Subject
from conformance.suite.helpers.markers import clause, since
from conformance.suite.helpers.refusals import assert_as_recorded
from conformance.suite.helpers.refused_inputs import NEED_IDS, ROWS

each_reason = pytest.mark.parametrize(
    "reason",
    [pytest.param(reason, marks=since("55.0.0") if reason in NEED_IDS else ()) for reason in ROWS],
)


@clause("REFUSAL-01")
@each_reason
def test_released(subject: Subject, reason: str) -> None:
    """Inputs are refused for one reason, twice each, for each family and on each route.

    Each error has the class and the text that the store holds of this release.
    """
    assert_as_recorded(subject, reason)


@clause("REFUSAL-02")
@each_reason
def test_candidate(subject: Subject, reason: str) -> None:
    """Inputs are refused for one reason, twice each, for each family and on each route.

    Each error has the class and the text that the store holds of the newest older release.
    """
    assert_as_recorded(subject, reason)
