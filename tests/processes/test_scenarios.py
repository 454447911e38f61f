"""``scenarios``: they run at the same time, always end, and each has its own result."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.processes.child import Child
from conformance.processes.scenarios import Scenario, ScenarioResult
from tests.conftest import gone, pid_in
from tests.processes.test_child import ENV, LONG, call

IDLE_TIMEOUT = 1.0


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    child = Child(env=ENV)
    yield child
    child.close()


def hold(
    child: Child, starting: float = LONG, **scenarios: tuple[object, ...]
) -> dict[str, ScenarioResult]:
    held = {
        name: Scenario(f"tests.processes.targets:{target}", tuple(a))
        for name, (target, *a) in scenarios.items()
    }
    result = call(child, "hold", starting, IDLE_TIMEOUT, held)
    assert isinstance(result, dict)
    return result


def test_values(child: Child) -> None:
    result = hold(child, a=("scenario", 1), b=("scenario", b"=" * 100_000))
    assert {name: one.value for name, one in result.items()} == {"a": 1, "b": b"=" * 100_000}
    assert {one.failure for one in result.values()} == {""}


def test_kinds_of_failures_are_distinct(child: Child, tmp_path: Path) -> None:
    result = hold(
        child,
        early=("trial_that_raises", "early"),
        late=("trial_that_raises", "late"),
        dies=("trial_that_dies", "SIGKILL"),
        hangs=("trial_that_hangs", str(tmp_path / "pid")),
        missing=("nothing",),
        twice=("trial_that_yields_twice",),
        well=("scenario", 1),
    )
    assert {name: one.failure for name, one in result.items()} == {
        "early": "the driver raised",
        "late": "the driver raised",
        "dies": "driver: the process died of SIGKILL",
        "hangs": "no answer, and no sign from any scenario for 1 s or longer; killed",
        "missing": "the driver raised",
        "twice": "the driver raised",
        "well": "",
    }
    assert "LookupError: early" in result["early"].output
    assert "LookupError: late" in result["late"].output
    assert "printed before" in result["late"].output
    assert "no attribute 'nothing'" in result["missing"].output
    stacks = result["hangs"].output
    assert stacks.index("in trial_that_hangs") < stacks.rindex("--- process")
    assert stacks.index("in doze") > stacks.rindex("--- process")
    assert gone(pid_in(tmp_path / "pid"))


def test_one_that_gives_signs_is_waited_for(child: Child) -> None:
    assert hold(child, slow=("trial_that_gives_signs", 5))["slow"].value == "at last"


def test_many_that_hang_cost_one_deadline(child: Child, tmp_path: Path) -> None:
    began = time.monotonic()
    result = hold(
        child, LONG, **{f"n{n}": ("trial_that_hangs", str(tmp_path / str(n))) for n in range(5)}
    )
    assert all(one.failure for one in result.values())
    assert time.monotonic() - began < 5 * IDLE_TIMEOUT


def test_one_that_does_not_start(child: Child) -> None:
    result = hold(child, 1, never=("trial_that_never_starts",), well=("scenario", 1))
    assert result["never"].failure == "not started; killed"
    assert result["well"].value == 1


def test_all_run_at_the_same_time(child: Child, tmp_path: Path) -> None:
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    result = hold(child, a=("trial_in_step", a, b), b=("trial_in_step", b, a))
    assert [one.value for one in result.values()] == ["met", "met"]


def test_a_fork_that_outlives_its_trial_does_not_hide_the_answer() -> None:
    child = Child(env=ENV)
    result = hold(child, leaves=("trial_that_leaves_a_fork",))
    child.close()
    assert result["leaves"].value == "answer"
