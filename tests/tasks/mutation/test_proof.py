"""Runs in forks: their reports, and how these are summarized."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.spec import Divergence
from tasks.faults import Fault, FaultError, breaks
from tasks.faults.fault import in_module
from tasks.mutation.forks import Run, hold
from tasks.mutation.kills import Killed, kill
from tasks.mutation.soak import soak
from tasks.mutation.table import complaints, document, unproven
from tests.tasks.mutation import subjects
from tests.tasks.mutation.subjects import case

SPEC = "tests.tasks.mutation.subjects:"
FAULTS = {fault.name.rpartition("/")[2]: fault for fault in in_module("test", subjects)}
CASES = [case("FRAME-01", n=1), case("FRAME-01", n=2), case("FRAME-02"), case("STRICT-01")]


def ends(run: Run) -> list[tuple[str, str]]:
    return [(end.case.id, end.outcome) for end in run.ends]


def killed(name: str, *, whole: bool = False) -> Killed:
    (result,) = kill([FAULTS[name]], CASES, whole=whole)
    return result


def test_a_case_that_dies_or_hangs_costs_itself_alone() -> None:
    cases = [case("FRAME-01", "dies"), case("FRAME-01", "sleeps"), case("FRAME-02")]
    (run,) = hold([Run("x", SPEC + "Plain", cases, deadline=1)])
    assert ends(run) == [
        ("frame-01/dies", "crash"),
        ("frame-01/sleeps", "hang"),
        ("frame-02/asks", "pass"),
    ]
    assert run.ends[0].failure is not None
    assert run.ends[0].failure.message == "the process died of SIGKILL"


def test_cases_whose_part_is_missing_do_not_run() -> None:
    cases = [replace(case("FRAME-01"), needs=frozenset({"plans"})), case("FRAME-02")]
    (run,) = hold([Run("x", SPEC + "Plain", cases)])
    assert ends(run) == [("frame-02/asks", "pass")]


def test_a_subject_that_cannot_be_made() -> None:
    runs = [Run("a", SPEC + "broken", CASES), Run("b", SPEC + "Plain", CASES)]
    result = {run.name: run for run in hold(runs)}
    assert result["a"].broken == "ValueError: no subject today"
    assert len(result["b"].ends) == len(CASES)


def test_a_fault_is_noticed_once_a_clause() -> None:
    result = killed("BreaksBoth")
    assert {clause: end.case.id for clause, end in result.by.items()} == {
        "FRAME-01": "frame-01/asks[1]",
        "FRAME-02": "frame-02/asks",
    }
    assert result.ok


@pytest.mark.parametrize(
    ("name", "whole", "says"),
    [
        ("BreaksNothing", False, ["survived FRAME-01"]),
        ("BreaksMore", False, []),
        ("BreaksMore", True, ["noticed for FRAME-02, too, which it does not say"]),
        ("BreaksTheControlArm", False, ["survived FRAME-01"]),
        ("BreaksTheCase", False, ["survived FRAME-01"]),
        ("Crashes", False, []),
        ("Hangs", False, []),
        ("FailsAndShouldHang", False, ["survived FRAME-01"]),
    ],
)
def test_the_report_of_a_fault(
    name: str, whole: bool, says: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.mutation.kills.HANG", 0.5)
    result = killed(name, whole=whole)
    assert complaints(result) == says
    assert document([result], [])["ok"] is (not says)


def test_an_unexpected_pass_of_a_divergence_is_no_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Divergence("known", "FRAME-01", ("frame-01/*",), ">=54.0.0", "wrong-value", "", "")
    monkeypatch.setattr("tasks.mutation.kills.DIVERGENCES", {"known": known})
    assert complaints(killed("MendsADivergence")) == ["survived FRAME-01"]


def test_a_survivor_must_fail_in_its_own_chapter() -> None:
    """The report names the cases that failed instead."""
    fault = replace(FAULTS["BreaksBoth"], breaks=("FRAME-03",))
    (result,) = kill([fault], [*CASES, case("FRAME-03", "passes")])
    assert complaints(result) == ["survived FRAME-03; noticed only for FRAME-01, FRAME-02"]


def test_clauses_without_a_fault_are_named() -> None:
    missing = unproven([*FAULTS.values()])
    assert "FRAME-03" in missing
    assert "FRAME-01" not in missing


def test_marks_that_are_wrong() -> None:
    with pytest.raises(FaultError, match="no clause 'FRAME-99'"):
        breaks("FRAME-99")
    with pytest.raises(FaultError, match="breaks a clause"):
        breaks()


def test_soaking_finds_what_fails_by_its_place_in_the_order() -> None:
    soaked = list(soak(SPEC + "Counts", CASES, runs=6, seed=7))
    assert sorted(one.seed for one in soaked) == [*range(7, 13)]
    assert {len(one.red) for one in soaked} == {1}
    assert len({one.red[0].case.id for one in soaked}) > 1


def test_soaking_a_subject_without_a_fault() -> None:
    assert [one.red for one in soak(SPEC + "Plain", CASES, runs=2, seed=1)] == [[], []]


def test_a_fault_is_found_by_its_module() -> None:
    assert FAULTS["Hangs"] == Fault(
        "test/subjects/Hangs",
        "tests.tasks.mutation.subjects:Hangs",
        ("FRAME-01",),
        "hang",
        False,
        "",
    )
