"""``Child``: its results, its kinds of errors, and that it leaves no process behind."""

from __future__ import annotations

import os
import pickle
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.processes.child import Child, ChildError, Crashed, Hung, Raised
from tests.conftest import ROOT, gone, pid_in

ENV = {**os.environ, "PYTHONPATH": str(ROOT)}
SOON = 0.3
LONG = 30


@pytest.fixture(scope="module")
def shared() -> Iterator[Child]:
    """A child for calls that do not end it."""
    child = Child(env=ENV)
    yield child
    child.close()


@pytest.fixture
def child() -> Iterator[Child]:
    """A child of the test's own."""
    child = Child(env=ENV)
    yield child
    child.close()


def call(child: Child, name: str, *arguments: object, deadline: float = LONG) -> Any:
    return child.call(f"tests.processes.targets:{name}", *arguments, deadline=deadline)


def test_result(shared: Child) -> None:
    assert call(shared, "add", 2, 3) == 5


@given(st.recursive(st.none() | st.integers() | st.text() | st.binary(), st.lists, max_leaves=5))
def test_whatever_pickles_comes_back(shared: Child, value: object) -> None:
    assert call(shared, "echo", value) == value


def test_one_process_answers_all_calls(shared: Child) -> None:
    assert call(shared, "pid") == call(shared, "pid") == shared.pid


def test_leads_a_process_group_of_its_own(shared: Child) -> None:
    assert call(shared, "group") == shared.pid != os.getpgrp()


def test_ten_megabytes_both_ways(shared: Child) -> None:
    data = os.urandom(10_000_000)
    assert call(shared, "echo", data) == data


def test_a_child_that_works_too_long_is_a_hang(child: Child) -> None:
    call(child, "pid")
    work = child.submit("tests.processes.targets:hold_the_gil")
    with pytest.raises(Hung, match=rf"no answer within {SOON:g} s of processor time"):
        child.result(work, deadline=LONG, cpu=SOON)


def test_a_child_that_waits_takes_no_processor_time(child: Child) -> None:
    call(child, "use_the_processor", 2 * SOON)  # for an earlier call
    wait = child.submit("tests.processes.targets:sleep", 3 * SOON)
    assert child.result(wait, deadline=LONG, cpu=SOON) is None


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("fail", ["no such thing"], "LookupError: no such thing"),
        ("leave", [3], "SystemExit: 3"),
        ("interrupt", [], "KeyboardInterrupt"),
        ("unpicklable", [], "pickle|local object"),  # Python 3.13 has another message
        ("missing", [], "missing"),
    ],
)
def test_an_exception_is_reported_and_the_process_lives_on(
    shared: Child, name: str, arguments: list[object], says: str
) -> None:
    before = call(shared, "pid")
    with pytest.raises(Raised, match=says) as caught:
        call(shared, name, *arguments)
    assert "Traceback" in caught.value.stacks
    assert call(shared, "pid") == before


def test_a_module_that_is_missing(shared: Child) -> None:
    with pytest.raises(Raised, match=r"No module named 'tests\.processes\.nowhere'"):
        shared.call("tests.processes.nowhere:f", deadline=LONG)


def test_arguments_that_do_not_pickle_leave_the_child_as_it_was(shared: Child) -> None:
    # Python 3.14 and later raise PicklingError.
    with pytest.raises((AttributeError, pickle.PicklingError), match="pickle"):
        call(shared, "echo", lambda: None)
    assert call(shared, "add", 1, 1) == 2


def test_output_is_that_of_the_last_call(shared: Child) -> None:
    call(shared, "say", "first")
    call(shared, "say", "second")
    assert shared.output == "second\nsecond on stderr\n"


def test_submitted_calls_are_done_in_turn(shared: Child) -> None:
    request_ids = [shared.submit("tests.processes.targets:add", n, n) for n in range(5)]
    assert [shared.result(request_id, deadline=LONG) for request_id in request_ids[:2]] == [0, 2]
    assert shared.result(request_ids[4], deadline=LONG) == 8  # those between are dropped
    assert call(shared, "add", 1, 1) == 2


def test_submitted_calls_keep_their_output(child: Child) -> None:
    """The second call ended its process before the first one's result is taken."""
    first = child.submit("tests.processes.targets:say", "first")
    second = child.submit("tests.processes.targets:end", 3)
    assert child.pid is not None
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    child.result(first, deadline=LONG)
    assert child.output == "first\nfirst on stderr\n"
    with pytest.raises(Crashed, match="exit code 3") as caught:
        child.result(second, deadline=LONG)
    assert caught.value.stacks == "last words\n"
    assert call(child, "add", 1, 1) == 2


def test_a_big_message_waits_for_its_turn(child: Child) -> None:
    data = os.urandom(10_000_000)
    request_ids = [child.submit("tests.processes.targets:echo", data) for _ in range(2)]
    assert [child.result(request_id, deadline=LONG) for request_id in request_ids] == [data, data]


def test_a_copy_that_a_fork_left_does_not_answer(shared: Child) -> None:
    assert call(shared, "fork_and_come_back") == "came back"
    assert [call(shared, "add", n, n) for n in range(5)] == [0, 2, 4, 6, 8]


@pytest.mark.parametrize(
    ("name", "arguments", "frame"),
    [("sleep", [60], "in sleep"), ("hold_the_gil", [], "in hold_the_gil"), ("sleep_in_c", [], "")],
)
def test_hang(child: Child, name: str, arguments: list[object], frame: str) -> None:
    pid = call(child, "pid")
    call(child, "say", "long ago")
    began = time.monotonic()
    with pytest.raises(Hung, match=rf"no answer within {SOON:g} s") as caught:
        call(child, name, *arguments, deadline=SOON)
    assert SOON <= time.monotonic() - began < SOON + 3
    assert frame in caught.value.stacks
    assert "most recent call first" in caught.value.stacks
    assert "long ago" not in caught.value.stacks
    assert gone(pid)
    assert call(child, "pid") != pid


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("end", [3], "ended with exit code 3"),
        ("end", [0], "ended with exit code 0"),
        ("abort", [], "died of SIGABRT"),
        ("segfault", [], "died of SIGSEGV"),
        ("die_of", ["SIGKILL"], "died of SIGKILL"),
        ("die_of", ["SIGTERM"], "died of SIGTERM"),
    ],
)
def test_crash(child: Child, name: str, arguments: list[object], says: str) -> None:
    pid = call(child, "pid")
    with pytest.raises(Crashed, match=f"the process {says}") as caught:
        call(child, name, *arguments)
    if name in ("abort", "segfault"):
        assert f"in {name}" in caught.value.stacks
        assert "C stack" not in caught.value.stacks
    if name == "end":
        assert caught.value.stacks == "last words\n"
    assert call(child, "pid") != pid


def test_a_crash_ends_alike_on_all_machines() -> None:
    """No core dump is written, and Rust prints no backtrace, whatever the user's settings are."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    child = Child(env={**ENV, "RUST_BACKTRACE": "full"})
    try:
        assert call(child, "core_limit") == (1 if hard else 0)
        assert call(child, "variable", "RUST_BACKTRACE") == "0"
    finally:
        child.close()


def test_hanging_up_and_living_on_is_a_hang(child: Child) -> None:
    pid = call(child, "pid")
    with pytest.raises(Hung):
        call(child, "hang_up_and_live_on", deadline=SOON)
    assert gone(pid)


def test_a_stopped_process_is_a_hang(child: Child) -> None:
    pid = call(child, "pid")
    with pytest.raises(Hung):
        call(child, "stop", deadline=SOON)
    assert gone(pid)


@pytest.mark.parametrize("size", [0, 10_000_000])
def test_the_deadline_counts_while_the_child_does_not_listen(size: int) -> None:
    child = Child(env=ENV, preload=["tests.processes.sleepy"])
    began = time.monotonic()
    with pytest.raises(Hung):
        call(child, "echo", bytes(size), deadline=SOON)
    assert time.monotonic() - began < SOON + 3


def test_a_module_that_cannot_be_preloaded_does_not_end_the_child(child: Child) -> None:
    child = Child(env=ENV, preload=["tests.processes.nowhere"])
    assert call(child, "add", 1, 1) == 2
    child.close()


def test_grandchildren_die_with_a_hang(child: Child, tmp_path: Path) -> None:
    with pytest.raises(Hung):
        call(child, "start_and_hang", str(tmp_path / "pid"), deadline=1)
    assert gone(pid_in(tmp_path / "pid"))


def test_grandchildren_die_with_close(child: Child, tmp_path: Path) -> None:
    call(child, "start", str(tmp_path / "pid"))
    child.close()
    assert gone(pid_in(tmp_path / "pid"))


@pytest.mark.parametrize("name", ["escape", "escape_and_hang"])
def test_no_session_of_its_own_saves_a_grandchild(child: Child, tmp_path: Path, name: str) -> None:
    path = tmp_path / "pid"
    if name == "escape":
        call(child, name, str(path))
        child.close()
    else:
        with pytest.raises(Hung):
            call(child, name, str(path), deadline=2)
    assert gone(pid_in(path))


@pytest.mark.parametrize("start", ["fork", "forkserver", "spawn"])
def test_a_hang_dumps_the_stacks_of_the_workers(child: Child, start: str) -> None:
    """Each has a heading of its own; a fork server dumps none, and the output says so."""
    with pytest.raises(Hung) as caught:
        call(child, "hang_with_a_worker", start, deadline=4)
    result = re.split(r"^--- process (?=\d+: )", caught.value.stacks, flags=re.MULTILINE)
    stacks = [one for one in result if "most recent call first" in one]
    assert len(stacks) == 2, caught.value.stacks
    assert "in hang_with_a_worker" in stacks[0]
    assert "in doze" not in stacks[0]
    assert "in doze" in stacks[1]
    silent = {"fork": 0, "spawn": 1, "forkserver": 2}[start]
    assert sum("It dumps no stacks." in one for one in result) == silent


def test_close(child: Child) -> None:
    child.close()  # before any start
    assert child.pid is None
    pid = call(child, "pid")
    child.close()
    child.close()
    assert child.pid is None
    assert child.output == ""
    assert gone(pid)
    assert call(child, "pid") != pid  # after close, the next call starts a process


def test_no_descriptors_are_left(child: Child) -> None:
    def count() -> int:
        return len(os.listdir("/dev/fd"))

    before = count()
    call(child, "pid")
    with pytest.raises(Crashed):
        call(child, "end", 1)
    with pytest.raises(Hung):
        call(child, "sleep", 60, deadline=SOON)
    child.close()
    assert count() == before


PARENT = """
import sys
from conformance.processes.child import Child
Child().call("tests.processes.targets:tell_pid_and_hang", sys.argv[1], sys.argv[2], deadline=60)
"""


@pytest.mark.parametrize("how", ["sleep", "gil"])
def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path, how: str) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "pid"), how], env=env)
    pid = pid_in(tmp_path / "pid")
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert gone(pid)


def test_errors_are_one_kind() -> None:
    assert issubclass(Hung, ChildError)
    assert issubclass(Crashed, ChildError)
    assert issubclass(Raised, ChildError)
