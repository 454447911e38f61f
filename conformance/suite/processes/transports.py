"""The ways from a driver to a worker, each behind one call: ``call(work, *arguments)``."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any

from conformance.suite.processes import worker_functions

STARTS = ("fork", "forkserver", "spawn")
POOL = ("pool-apply", "pool-map", "pool-imap", "pool-starmap")
EXECUTOR = ("executor-submit", "executor-map")
CHANNELS = ("pipe", "simplequeue", "queue")
LOKY = "joblib-loky"

EXIT_TIMEOUT = 4.0
"""Seconds that workers have for it, which takes them some hundredths."""

Send = Callable[..., Any]
"""``send(work, *arguments)``: what ``work`` returns in a worker."""


def context(start: str) -> Any:
    """Return the start method's context; the fork server opens the subject for all its children."""
    found = multiprocessing.get_context(start)
    if start == "forkserver":
        found.set_forkserver_preload(["conformance.suite.processes.forkserver_preload"])
    return found


def run_task(task: tuple[Callable[..., Any], tuple[Any, ...]]) -> Any:
    """Return a task as the one argument that ``map`` allows."""
    return task[0](*task[1])


def open_pool(stack: ExitStack, start: str, *filling: Any, **options: Any) -> Mapping[str, Send]:
    """Return the calls of one ``Pool`` of one worker, whose initializer fills its worker slot."""
    made = context(start).Pool(
        1, worker_functions.init_slot if filling else None, filling, **options
    )
    stack.callback(_close_pool, made)
    return {
        "pool-apply": lambda work, *arguments: made.apply(work, arguments),
        "pool-map": lambda work, *arguments: made.map(run_task, [(work, arguments)])[0],
        "pool-imap": lambda work, *arguments: next(made.imap(run_task, [(work, arguments)])),
        "pool-starmap": lambda work, *arguments: made.starmap(work, [arguments])[0],
    }


def _close_pool(made: Any) -> None:
    """Let the workers of a ``Pool`` end by themselves; one that does not is left, and found."""
    made.close()
    ending = threading.Thread(target=made.join, daemon=True)
    ending.start()
    ending.join(EXIT_TIMEOUT)


def open_executor(stack: ExitStack, start: str, *filling: Any) -> Mapping[str, Send]:
    """Return the calls of one ``ProcessPoolExecutor`` of one worker."""
    begin = worker_functions.init_slot if filling else None
    made = ProcessPoolExecutor(1, context(start), begin, filling)
    stack.enter_context(made)
    return {
        "executor-submit": lambda work, *arguments: made.submit(work, *arguments).result(),
        "executor-map": lambda work, *arguments: next(made.map(run_task, [(work, arguments)])),
    }


def open_loky(stack: ExitStack, *filling: Any) -> Mapping[str, Send]:
    """``joblib.Parallel`` with two workers: with one it would start none."""
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    options = {"initializer": worker_functions.init_slot, "initargs": filling} if filling else {}
    made = Parallel(n_jobs=2, backend="loky", **options)
    stack.callback(lambda: get_reusable_executor().shutdown(wait=True))
    return {LOKY: lambda work, *arguments: made([delayed(work)(*arguments)])[0]}


class Channel:
    """Two ends of one kind, there and back."""

    def __init__(self, out: Any, back: Any) -> None:
        self.out, self.back = out, back

    def put(self, message: Any) -> None:
        """Send the message, in whatever thread this kind uses."""
        (self.out.send if hasattr(self.out, "send") else self.out.put)(message)

    def get(self) -> Any:
        """Wait for a message."""
        return (self.back.recv if hasattr(self.back, "recv") else self.back.get)()


def serve(control: Any, channels: Mapping[str, Channel], filling: tuple[Any, ...]) -> None:
    """Run a worker that answers by the channel that asked, and reports errors as text."""
    control.send(worker_functions.describe_slots())
    if filling:
        worker_functions.init_slot(*filling)
    while name := control.recv():
        channel = channels[name]
        try:
            work, arguments = channel.get()
            channel.put((True, work(*arguments)))
        except Exception as error:  # noqa: BLE001 - told to the driver
            channel.put((False, f"{type(error).__name__}: {error}"))


class WorkerError(Exception):
    """A worker's own report of what it could not decode or run."""


class Server:
    """One ``Process`` that answers on all channels."""

    def __init__(self, start: str, *filling: Any) -> None:
        method = context(start)
        self.control, control = method.Pipe()
        mine: dict[str, Channel] = {}
        its: dict[str, Channel] = {}
        near, far = method.Pipe()
        mine["pipe"], its["pipe"] = Channel(near, near), Channel(far, far)
        for name, kind in (("simplequeue", method.SimpleQueue), ("queue", method.Queue)):
            there, back = kind(), kind()
            mine[name], its[name] = Channel(there, back), Channel(back, there)
        self.process = method.Process(target=serve, args=(control, its, filling), daemon=True)
        self.process.start()
        control.close()
        far.close()
        self.began: dict[str, Any] = {}
        self.channels = mine
        self.calls: Mapping[str, Send] = {name: partial(self._call, name) for name in mine}

    def up(self) -> None:
        """Wait until the worker runs, and keeps what it found in its slots."""
        self.began = self.control.recv()

    def close(self) -> int | None:
        """Lets the worker end, and tells its exit code."""
        self.control.send("")
        self.process.join()
        code: int | None = self.process.exitcode
        return code

    def _call(self, name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        self.control.send(name)
        self.channels[name].put((work, arguments))
        answered, result = self.channels[name].get()
        if not answered:
            raise WorkerError(result)
        return result


def open_calls(stack: ExitStack, transport: str, start: str, *filling: Any) -> Mapping[str, Send]:
    """``transport`` by its name; a channel brings the other channels along."""
    if transport == LOKY:
        return open_loky(stack, *filling)
    if transport in CHANNELS:
        server = Server(start, *filling)
        server.up()
        stack.callback(server.close)
        return server.calls
    make = open_pool if transport in POOL else open_executor
    return {transport: make(stack, start, *filling)[transport]}
