"""``tree``: the descendants of a process, and the processes that they leave behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from conformance.processes import tree
from conformance.processes.child import Child
from tests.conftest import gone
from tests.processes.test_child import ENV, call


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    child = Child(env=ENV)
    yield child
    child.close()


def test_the_process_and_its_descendants() -> None:
    sleeping = [sys.executable, "-c", "print(flush=True); import time; time.sleep(60)"]
    with subprocess.Popen(sleeping, start_new_session=True, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()  # before it runs the program, the system may list no command
        found = {one.pid: one for one in tree.descendants(os.getpid())}
        process.kill()
    assert os.getpid() in found
    assert (found[process.pid].parent, found[process.pid].group) == (os.getpid(), process.pid)
    assert found[process.pid].command.endswith("import time; time.sleep(60)")
    assert str(found[process.pid]).startswith(f"process {process.pid}: ")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows the environment")
def test_processes_with_a_variable_are_found() -> None:
    waiting = [sys.executable, "-c", "print(flush=True); input()"]
    name = f"TESTS_{os.getpid()}"
    with subprocess.Popen(
        waiting,
        env={**os.environ, name: "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        assert [one.pid for one in tree.processes_with_env(f"{name}=1")] == [process.pid]
        assert tree.processes_with_env(f"{name}=2") == []
        process.kill()


def test_a_process_that_has_ended_is_not_found() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert process.pid not in {one.pid for one in tree.descendants(os.getpid())}
    process.wait()


@pytest.mark.parametrize("how", ["child", "orphan"])
def test_leftovers_are_found_and_killed(child: Child, how: str) -> None:
    if how == "orphan" and sys.platform != "linux":
        return  # nobody but the first process adopts orphans there
    found, again = call(child, "left_over", how)
    assert len(found) == 1
    assert again == []
    assert gone(found[0])


def test_a_child_that_has_ended_is_not_left(child: Child) -> None:
    assert call(child, "ended") == []


def test_a_child_that_is_kept_is_not_left() -> None:
    keeper = Child(env=ENV)
    pid = call(keeper, "pid")
    assert tree.kill_leftovers() == []
    assert call(keeper, "pid") == pid
    assert pid in tree.MANAGED_PIDS
    keeper.close()
    assert pid not in tree.MANAGED_PIDS
