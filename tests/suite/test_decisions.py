"""Decisions of a subject, by its codec or by its sessions, and the cases that judge them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.negative import STORED, build
from conformance.negative.artifacts import hold
from conformance.negative.frames import canary, frame
from conformance.runner.assertions import Mismatch
from conformance.subjects.codec import Conditions, Decision
from conformance.subjects.reference import Reference
from conformance.suite.helpers.codec import PYTHON
from conformance.suite.helpers.decisions import decide
from conformance.suite.vectors.test_negative import test_demand as demand_case

OWN = "{}.{}".format(*PYTHON)


class Decides:
    """A codec that decides by ``answer``, and keeps what it was asked."""

    operations = ("decide",)

    def __init__(self, answer: Callable[[bytes], Decision]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Conditions]] = []

    def decide(self, artifact: str, data: bytes, conditions: Conditions) -> Decision:
        self.asked.append((artifact, conditions))
        return self.answer(data)


def _subject(decision: Decision) -> tuple[Any, Decides]:
    subject: Any = Reference()
    subject.wire_codec = Decides(lambda _: decision)
    return subject, subject.wire_codec


def _number(vector: str, clause: str) -> int:
    (found,) = (one for one in build(STORED) if one.id == vector)
    return next(n for n, demand in enumerate(found.demands) if demand.clause == clause)


REFUSED = Decision(False, "Execution", "wire-format version v2; ...")


def test_a_codec_gets_the_stored_vector() -> None:
    """For the receiver of the store, whatever the Python is that runs the suite."""
    subject, codec = _subject(REFUSED)
    demand_case(subject, "wrong-version-2/scalar/strict", 0)
    assert codec.asked == [("expression", Conditions("3.12", inlining=False))]


@pytest.mark.parametrize(
    ("decision", "clause", "kind"),
    [
        (Decision(True, message="x"), "FRAME-07", "no-error"),
        (Decision(False, "Plan", "x"), "FRAME-07", "wrong-error-kind"),
        (Decision(False, "Execution", "x"), "FRAME-08", "message-lacks"),
        (Decision(False, "Execution", "x", unpickled=True), "FRAME-11", "unpickled"),
        (Decision(True, message="x", unpickled=True), "FRAME-11", "unpickled"),
    ],
)
def test_a_wrong_decision_fails_the_demand(decision: Decision, clause: str, kind: str) -> None:
    vector = "wrong-version-2/scalar/strict"
    with pytest.raises(Mismatch) as failure:
        demand_case(_subject(decision)[0], vector, _number(vector, clause))
    assert failure.value.kind == kind


@pytest.mark.parametrize(
    ("decision", "clause"),
    [
        (REFUSED, "FRAME-07"),
        (REFUSED, "FRAME-08"),
        (Decision(False, "Plan", "wire-format version v2;"), "FRAME-08"),
        (Decision(False, "Plan", "x"), "FRAME-11"),
        (Decision(True, message="x"), "FRAME-11"),
    ],
)
def test_a_demand_asks_for_nothing_else(decision: Decision, clause: str) -> None:
    vector = "wrong-version-2/scalar/strict"
    demand_case(_subject(decision)[0], vector, _number(vector, clause))


def test_a_refused_control_fails() -> None:
    with pytest.raises(Mismatch) as failure:
        demand_case(_subject(REFUSED)[0], "valid/scalar", 0)
    assert failure.value.kind == "unexpected-error"
    demand_case(_subject(Decision(True))[0], "valid/scalar", 0)


def test_sessions_decide_where_no_codec_does() -> None:
    subject: Any = Reference()
    data = hold("expression", "scalar", frame("scalar", PYTHON).to_bytes())
    assert decide(subject, "expression", data, Conditions(OWN)).accepted
    found = decide(subject, "expression", data, Conditions(OWN, inlining=False))
    assert (found.accepted, found.kind, found.unpickled) == (False, "Execution", False)


def test_a_session_that_unpickles_is_seen() -> None:
    data = hold("expression", "scalar", canary("scalar", PYTHON).to_bytes())
    found = decide(Reference(), "expression", data, Conditions(OWN))
    assert (found.accepted, found.unpickled) == (True, True)


def test_a_bug_is_no_refusal() -> None:
    class Buggy(Reference):
        def from_bytes(self, data: bytes, session: Any = None) -> Any:
            raise TypeError(f"{len(data)} bytes, {session}")

    with pytest.raises(Mismatch) as failure:
        decide(Buggy(), "expression", b"", Conditions(OWN))
    assert failure.value.kind == "programming-error"
