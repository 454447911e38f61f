"""Goldens of plans at both layers, written by released engines and decoded by the subject."""

from __future__ import annotations

from functools import partial

import pytest

from conformance import wire
from conformance.golden.cases import CASES
from conformance.runner.assertions import (
    Mismatch,
    assert_control,
    assert_equal,
    assert_names_versions,
    assert_raises,
    assert_true,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers import golden_cases
from conformance.suite.helpers.golden_cases import OTHER_PYTHONS, OWN, OWN_PYTHON, golden_params
from conformance.suite.helpers.markers import clause, each_receiver
from conformance.suite.helpers.samples import receiver, strict_session
from conformance.util.kinds import indicates_bug

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
    """A golden that this release or an older one wrote decodes with nothing registered and runs."""
    goldens = [
        golden for golden in golden_cases.require_goldens(KIND, OWN).values() if golden.case == case
    ]
    required = [golden for golden in goldens if not golden_cases.is_newer(subject, golden)]
    assert_control(bool(required), f"no golden of {case} that this engine or an older one wrote")
    for golden in required:
        golden_cases.assert_golden_result(subject, golden, subject.session())


@clause("GOLDENPLAN-02")
@pytest.mark.parametrize("golden", golden_params(LATER))
def test_never_reads_wrong(subject: Subject, golden: str) -> None:
    """A golden that only some releases wrote returns its result or raises a clean error."""
    stored, session = golden_cases.require_goldens(KIND, OWN)[golden], subject.session()
    try:
        golden_cases.assert_golden_result(subject, stored, session)
    except Mismatch:
        raise
    except Exception as error:  # noqa: BLE001 - the class of the error is checked
        assert_true(
            not indicates_bug(error),
            f"{golden}: the error indicates a bug rather than a refusal",
            f"{type(error).__name__}: {error}",
            kind="programming-error",
        )


@clause("GOLDENPLAN-03")
@OWN_PYTHON
def test_strict_refuses(subject: Subject, python: str) -> None:
    """A strict session refuses every golden of this Python and names one of its UDFs."""
    session = strict_session(subject)
    for label, golden in golden_cases.require_goldens(KIND, python).items():
        case = CASES[golden.case]
        error = assert_raises(
            partial(case.decode, subject, golden_cases.read_bytes(golden), session), label
        )
        if golden_cases.is_newer(subject, golden):
            continue
        golden_cases.assert_names_a_udf(label, case, error)


@clause("GOLDENPLAN-04")
@OTHER_PYTHONS
@each_receiver
def test_refuses_other_pythons(subject: Subject, python: str, mode: str) -> None:
    """Every golden of another Python is refused; the error names both versions."""
    session = receiver(subject, mode)
    for label, golden in golden_cases.require_goldens(KIND, python).items():
        call = partial(CASES[golden.case].decode, subject, golden_cases.read_bytes(golden), session)
        error = assert_raises(call, label)
        if not golden_cases.is_newer(subject, golden):
            assert_names_versions(error, [python, OWN], label)


@clause("GOLDENPLAN-05")
@pytest.mark.parametrize("python", sorted(golden_cases.PYTHONS))
def test_layers_hold_the_same_frames(subject: Subject, python: str) -> None:
    """All goldens of one query contain the same frames, in every release and at both layers."""
    del subject  # the goldens are checked, not the subject
    first_seen: dict[str, tuple[str, set[bytes]]] = {}
    for label, golden in golden_cases.require_goldens(KIND, python).items():
        frames = _frames(golden_cases.read_bytes(golden))
        where, known = first_seen.setdefault(CASES[golden.case].frames_of, (label, frames))
        assert_equal(len(frames - known), 0, f"frames in {label} that are not in {where}")
        assert_equal(len(known - frames), 0, f"frames in {where} that are not in {label}")


@clause("GOLDENPLAN-06")
@pytest.mark.parametrize("python", sorted(golden_cases.PYTHONS))
def test_every_query_has_goldens(subject: Subject, python: str) -> None:
    """Each query of the catalogue has goldens at each layer that can encode it."""
    del subject  # the store is checked, not the subject
    cases = {golden.case for golden in golden_cases.require_goldens(KIND, python).values()}
    assert_equal(
        sorted(golden_cases.cases_of(KIND).keys() - cases),
        [],
        f"queries without a golden of {python}",
    )
