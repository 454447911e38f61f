"""Goldens of plans: what released engines wrote at both layers, read by the one at hand."""

from __future__ import annotations

from functools import partial

import pytest

from conformance import wire
from conformance.golden.cases import CASES
from conformance.runner.assertions import (
    Mismatch,
    assert_control,
    assert_equal,
    assert_message_contains,
    assert_raises,
    assert_true,
)
from conformance.spec.kinds import PROGRAMMING_ERRORS
from conformance.subjects.interface import Subject
from conformance.suite.helpers import golden_cases
from conformance.suite.helpers.golden_cases import OTHER_PYTHONS, OWN, OWN_PYTHON, golden_params
from conformance.suite.helpers.markers import clause, each_receiver
from conformance.suite.helpers.samples import receiver, strict_session

KIND = "plans"
EARLIEST = min(
    (golden_cases.oldest_writer(golden) for golden in golden_cases.goldens_of(KIND, OWN).values()),
    default=None,
)
LATER = [
    label
    for label, golden in golden_cases.goldens_of(KIND, OWN).items()
    if golden_cases.oldest_writer(golden) != EARLIEST
]


def _frames(data: bytes) -> set[bytes]:
    return {found.data for found in wire.find(data)}


@clause("GOLDENPLAN-01")
@pytest.mark.parametrize("case", golden_params([*golden_cases.cases_of(KIND)]))
def test_reads(subject: Subject, case: str) -> None:
    """What this release and older ones wrote decodes, with nothing registered, and runs."""
    goldens = [
        golden for golden in golden_cases.require_goldens(KIND, OWN).values() if golden.case == case
    ]
    due = [golden for golden in goldens if not golden_cases.is_newer(subject, golden)]
    assert_control(bool(due), f"no golden of {case} that this engine or an older one wrote")
    for golden in due:
        golden_cases.assert_golden_result(subject, golden, subject.session())


@clause("GOLDENPLAN-02")
@pytest.mark.parametrize("golden", golden_params(LATER))
def test_never_reads_wrong(subject: Subject, golden: str) -> None:
    """What not every release wrote so gives its result, or some clean error on the way there."""
    one, session = golden_cases.require_goldens(KIND, OWN)[golden], subject.session()
    try:
        golden_cases.assert_golden_result(subject, one, session)
    except Mismatch:
        raise
    except Exception as error:  # noqa: BLE001 - of what class, is what is looked at
        bug = isinstance(error, PROGRAMMING_ERRORS)
        assert_true(
            not bug,
            f"{golden}: a bug, no clean error",
            f"{type(error).__name__}: {error}",
            kind="programming-error",
        )


@clause("GOLDENPLAN-03")
@OWN_PYTHON
def test_strict_refuses(subject: Subject, python: str) -> None:
    """Every one of this Python is refused by a strict session, with a UDF of it named."""
    session = strict_session(subject)
    for label, golden in golden_cases.require_goldens(KIND, python).items():
        case = CASES[golden.case]
        error = assert_raises(
            partial(case.read, subject, golden_cases.read_bytes(golden), session), label
        )
        if golden_cases.is_newer(subject, golden):
            continue
        assert_message_contains(error, ["inlining is disabled on this session"], label)
        golden_cases.assert_names_a_udf(label, case, error)


@clause("GOLDENPLAN-04")
@OTHER_PYTHONS
@each_receiver
def test_refuses_other_pythons(subject: Subject, python: str, mode: str) -> None:
    """Every one of another Python is refused, with that version and this one named."""
    session = receiver(subject, mode)
    for label, golden in golden_cases.require_goldens(KIND, python).items():
        call = partial(CASES[golden.case].read, subject, golden_cases.read_bytes(golden), session)
        error = assert_raises(call, label)
        if not golden_cases.is_newer(subject, golden):
            assert_message_contains(error, [f"Python {python} ", f"Python {OWN}."], label)


@clause("GOLDENPLAN-05")
@pytest.mark.parametrize("python", sorted(golden_cases.PYTHONS))
def test_layers_hold_the_same_frames(subject: Subject, python: str) -> None:
    """Of one query, every release's goldens hold the same frames, at both layers."""
    del subject  # what released engines wrote is judged
    first: dict[str, tuple[str, set[bytes]]] = {}
    for label, golden in golden_cases.require_goldens(KIND, python).items():
        frames = _frames(golden_cases.read_bytes(golden))
        where, known = first.setdefault(CASES[golden.case].frames_of, (label, frames))
        assert_equal(len(frames - known), 0, f"frames in {label} that are not in {where}")
        assert_equal(len(known - frames), 0, f"frames in {where} that are not in {label}")


@clause("GOLDENPLAN-06")
@pytest.mark.parametrize("python", sorted(golden_cases.PYTHONS))
def test_every_query_has_goldens(subject: Subject, python: str) -> None:
    """Each query of the catalogue has goldens at each layer that has bytes of its own."""
    del subject  # the store itself is judged
    cases = {golden.case for golden in golden_cases.require_goldens(KIND, python).values()}
    assert_equal(
        sorted(golden_cases.cases_of(KIND).keys() - cases), [], f"without a golden of {python}"
    )
