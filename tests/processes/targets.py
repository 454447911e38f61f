"""Functions that the tests call in a child."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def add(a: Any, b: Any) -> Any:
    return a + b


def echo(value: Any) -> Any:
    return value


def pid() -> Any:
    return os.getpid()


def group() -> Any:
    return os.getpgrp()


def core_limit() -> Any:
    return resource.getrlimit(resource.RLIMIT_CORE)[0]


def variable(name: str) -> Any:
    return os.environ[name]


def fail(text: str) -> None:
    raise LookupError(text)


def leave(code: Any) -> None:
    raise SystemExit(code)


def interrupt() -> None:
    raise KeyboardInterrupt


def unpicklable() -> Any:
    return lambda: None


def say(text: str) -> None:
    print(text)
    print(f"{text} on stderr", file=sys.stderr)


def sleep(seconds: float) -> None:
    print("sleeping")
    time.sleep(seconds)


def use_the_processor(seconds: float) -> None:
    while time.process_time() < seconds:
        pass


def hold_the_gil() -> None:
    re.match(r"(a+)+$", "a" * 40 + "b")


def sleep_in_c() -> None:
    ctypes.PyDLL(None).sleep(60)


def end(code: Any) -> None:
    print("last words")
    os._exit(code)


def abort() -> None:
    os.abort()


def segfault() -> None:
    ctypes.string_at(0)


def die_of(name: str) -> None:
    os.kill(os.getpid(), signal.Signals[name])


def hang_up_and_live_on() -> None:
    os.closerange(3, 64)
    time.sleep(60)


def stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def fork_and_come_back() -> Any:
    os.fork()
    return "came back"


def start(path: Path) -> Any:
    """A grandchild that would live for a minute."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(path).write_text(str(process.pid))
    return process.pid


def start_and_hang(path: Path) -> None:
    start(path)
    time.sleep(60)


def tell_pid_and_hang(path: Path, how: Any) -> None:
    Path(path).write_text(str(os.getpid()))
    {"sleep": lambda: time.sleep(60), "gil": hold_the_gil}[how]()


def escape(path: Path) -> None:
    """A grandchild in a session of its own that would live for a minute."""
    source = "import time; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", source], start_new_session=True)
    Path(path).write_text(str(process.pid))


def escape_and_hang(path: Path) -> None:
    escape(path)
    time.sleep(60)


def doze() -> None:
    time.sleep(60)


def hang_with_a_worker(start: str) -> None:
    """Waits for a worker that waits, too."""
    with multiprocessing.get_context(start).Pool(1) as pool:
        pool.apply(doze)


# Scenarios


def scenario(value: Any) -> Any:
    yield
    return value


def trial_that_yields_twice() -> Any:
    yield
    yield


def trial_that_gives_signs(times: Any) -> Any:
    """Takes longer than the quiet that is allowed."""
    from conformance.processes.scenarios import heartbeat

    yield
    for _ in range(times):
        time.sleep(0.5)
        heartbeat()
    return "at last"


def trial_that_raises(when: Any) -> Any:
    if when == "early":
        raise LookupError("early")
    yield
    print("printed before")
    raise LookupError("late")


def trial_that_dies(name: str) -> Any:
    yield
    os.kill(os.getpid(), signal.Signals[name])


def trial_that_hangs(path: Path) -> Any:
    process = multiprocessing.get_context("fork").Process(target=doze)
    process.start()
    Path(path).write_text(str(process.pid))
    yield
    process.join()


def trial_that_never_starts() -> Any:
    time.sleep(60)
    yield


def trial_that_leaves_a_fork() -> Any:
    """Its copy holds the pipe open; the answer counts all the same."""
    yield
    if not os.fork():
        time.sleep(60)
        os._exit(0)
    return "answer"


def trial_in_step(mine: Any, other: Any) -> Any:
    """Two that can end only if both run at the same time."""
    yield
    Path(mine).touch()
    while not Path(other).exists():
        time.sleep(0.01)
    return "met"


def hold(starting: Any, quiet: Any, scenarios: Any) -> Any:
    """The scenarios, with other times than those of the suite."""
    from unittest import mock

    from conformance.processes import scenarios as room

    with mock.patch.multiple(room, STARTUP_TIMEOUT=starting, IDLE_TIMEOUT=quiet):
        return room.run_all(scenarios)


def left_over(how: Any) -> Any:
    """Return the leftover processes that are found, twice: the second list must be empty."""
    from conformance.processes import tree

    tree.become_subreaper()
    reader, writer = os.pipe()
    if not (pid := os.fork()):
        pid = os.fork() if how == "orphan" else os.getpid()
        if not pid or how == "child":
            os.write(writer, b"!")
            time.sleep(60)
        os._exit(0)
    os.read(reader, 1)
    if how == "orphan":
        os.waitpid(pid, 0)
    found = [one.pid for one in tree.kill_leftovers()]
    return found, [one.pid for one in tree.kill_leftovers()]


def ended() -> Any:
    """Return the leftovers after a child became a zombie: none."""
    from conformance.processes import tree

    if not os.fork():
        os._exit(0)
    return tree.kill_leftovers()


def main_module() -> Any:
    spec = sys.modules["__main__"].__spec__
    return spec and spec.name


def spawned_main() -> Any:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(main_module)
