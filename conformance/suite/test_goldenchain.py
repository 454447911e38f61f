"""Goldens of extension codecs: frames in envelopes, at every layer."""

from __future__ import annotations

from functools import partial

import pytest

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.golden.cases import CASES, CODEC_ID, GoldenCase
from conformance.golden.store import Golden
from conformance.runner.assertions import (
    assert_equal,
    assert_message_contains,
    assert_names_versions,
    assert_raises,
    assert_true,
)
from conformance.subjects.interface import Session, Subject
from conformance.suite.helpers import golden_cases
from conformance.suite.helpers.golden_cases import OTHER_PYTHONS, OWN, OWN_PYTHON, golden_params
from conformance.suite.helpers.markers import clause
from conformance.suite.helpers.samples import SAMPLES, make_functions

KIND = "chain"


def _layers(subject: Subject, python: str) -> dict[str, tuple[GoldenCase, Golden]]:
    """Return the goldens of expressions and, if the subject supports plans, those of plans."""
    return {
        label: (CASES[golden.case], golden)
        for label, golden in golden_cases.require_goldens(KIND, python).items()
        if CASES[golden.case].layer == "expression" or subject.plans is not None
    }


def _with_codec(subject: Subject, case: GoldenCase) -> Session:
    return case.session(subject, subject.session())


@clause("GOLDENCHAIN-01")
@pytest.mark.parametrize("family", golden_params([*SAMPLES]))
def test_reads(subject: Subject, family: Family) -> None:
    """A golden decodes on a session with its codec and returns its result."""
    for case, golden in _layers(subject, OWN).values():
        if case.of.families == {family}:
            golden_cases.assert_golden_result(subject, golden, _with_codec(subject, case))


@clause("GOLDENCHAIN-02")
@OWN_PYTHON
def test_refuses_without_the_codec(subject: Subject, python: str) -> None:
    """A session without the codec refuses the golden and names the codec's id."""
    for label, (case, golden) in _layers(subject, python).items():
        session = subject.session()
        call = partial(case.decode, subject, golden_cases.read_bytes(golden), session)
        assert_message_contains(assert_raises(call, label), [CODEC_ID], label)


@clause("GOLDENCHAIN-03")
@OWN_PYTHON
def test_no_other_codec_reads_it(subject: Subject, python: str) -> None:
    """A registered UDF of the frame's name does not replace the content of the envelope."""
    for label, (case, golden) in _layers(subject, python).items():
        session = subject.session()
        for function in make_functions(subject, case.of).values():
            subject.register(session, function)
        assert_raises(
            partial(case.decode, subject, golden_cases.read_bytes(golden), session), label
        )


@clause("GOLDENCHAIN-04")
@OTHER_PYTHONS
def test_refuses_other_pythons(subject: Subject, python: str) -> None:
    """A golden of another Python is refused by the codec; the error names both versions."""
    for label, (case, golden) in _layers(subject, python).items():
        session = _with_codec(subject, case)
        error = assert_raises(
            partial(case.decode, subject, golden_cases.read_bytes(golden), session), label
        )
        assert_names_versions(error, [python, OWN], label)


@clause("GOLDENCHAIN-05")
@pytest.mark.parametrize("python", sorted(golden_cases.PYTHONS))
def test_envelopes_hold_the_same_frames(subject: Subject, python: str) -> None:
    """Each case has a golden, whose envelopes contain the frames of a golden without envelopes."""
    del subject  # the goldens are checked, not the subject
    goldens = golden_cases.require_goldens(KIND, python)
    assert_equal(
        {golden.case for golden in goldens.values()},
        {*golden_cases.cases_of(KIND)},
        "cases with a golden",
    )
    bare_frames: dict[str, set[bytes]] = {}
    for kind in ("expressions", "plans"):
        for golden in golden_cases.require_goldens(kind, python).values():
            frames = {found.data for found in wire.find(golden_cases.read_bytes(golden))}
            bare_frames.setdefault(CASES[golden.case].frames_of, set()).update(frames)
    for label, golden in goldens.items():
        envelopes = [
            found.envelope() for found in wire.find_envelopes(golden_cases.read_bytes(golden))
        ]
        assert_equal(
            {envelope.codec_id for envelope in envelopes}, {CODEC_ID}, f"the ids in {label}"
        )
        frames = {envelope.blob for envelope in envelopes}
        assert_equal(len(frames), 1, f"the number of distinct frames in {label}")
        known = frames <= bare_frames[CASES[golden.case].frames_of]
        assert_true(known, f"{label}: no golden without envelopes has this frame")
