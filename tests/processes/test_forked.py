"""``Forked``: a child that starts at once, with its parent's modules and state."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from conformance.processes.child import Crashed, Hung
from conformance.processes.forked import Forked
from tests.conftest import gone
from tests.processes import targets

LONG = 30


@pytest.fixture
def child() -> Iterator[Forked]:
    """A fork of the test's own."""
    child = Forked(lambda: None)
    yield child
    child.close()


def test_has_what_its_parent_had(child: Forked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "add", lambda a, b: a * b)
    assert child.call("tests.processes.targets:add", 2, 3, deadline=LONG) == 6
    monkeypatch.undo()
    assert child.call("tests.processes.targets:add", 2, 3, deadline=LONG) == 6


def test_leads_a_process_group_of_its_own(child: Forked) -> None:
    assert child.call("tests.processes.targets:group", deadline=LONG) == child.pid != os.getpgrp()


def test_calls_what_comes_first(tmp_path_factory: pytest.TempPathFactory) -> None:
    marker = tmp_path_factory.mktemp("forked") / "marker"

    def mark() -> None:
        marker.write_text(str(os.getpid()))

    child = Forked(mark)
    result = child.call("tests.processes.targets:pid", deadline=LONG)
    child.close()
    assert int(marker.read_text()) == result != os.getpid()


def test_what_it_spawns_does_not_run_the_parents_main_module(child: Forked) -> None:
    seen = child.call("tests.processes.targets:spawned_main", deadline=LONG)
    assert seen == "conformance.processes.worker"


def test_a_death_is_reported(child: Forked) -> None:
    with pytest.raises(Crashed, match="died of SIGKILL"):
        child.call("os:kill", 0, signal.SIGKILL, deadline=LONG)


def test_a_hang_is_reported_with_its_stack(child: Forked) -> None:
    child.start()
    pid = child.pid
    assert pid is not None
    with pytest.raises(Hung) as caught:
        child.call("signal:pause", deadline=0.3)
    assert "worker.py" in caught.value.stacks
    assert gone(pid)


def test_is_gone_when_it_is_closed() -> None:
    child = Forked(lambda: None)
    pid = child.call("tests.processes.targets:pid", deadline=LONG)
    child.close()
    assert child.pid is None
    assert gone(pid)
