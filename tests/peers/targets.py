"""What the tests call in a child."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path


def add(a, b):
    return a + b


def echo(value):
    return value


def pid():
    return os.getpid()


def group():
    return os.getpgrp()


def fail(text):
    raise LookupError(text)


def leave(code):
    raise SystemExit(code)


def interrupt():
    raise KeyboardInterrupt


def unpicklable():
    return lambda: None


def say(text):
    print(text)
    print(f"{text} on stderr", file=sys.stderr)


def sleep(seconds):
    print("sleeping")
    time.sleep(seconds)


def hold_the_gil():
    re.match(r"(a+)+$", "a" * 40 + "b")


def sleep_in_c():
    ctypes.PyDLL(None).sleep(60)


def end(code):
    print("last words")
    os._exit(code)


def abort():
    os.abort()


def segfault():
    ctypes.string_at(0)


def die_of(name):
    os.kill(os.getpid(), signal.Signals[name])


def hang_up_and_live_on():
    os.closerange(3, 64)
    time.sleep(60)


def stop():
    os.kill(os.getpid(), signal.SIGSTOP)


def fork_and_come_back():
    os.fork()
    return "came back"


def start(path):
    """A grandchild that would live for a minute."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(path).write_text(str(process.pid))
    return process.pid


def start_and_hang(path):
    start(path)
    time.sleep(60)


def tell_pid_and_hang(path, how):
    Path(path).write_text(str(os.getpid()))
    {"sleep": lambda: time.sleep(60), "gil": hold_the_gil}[how]()
