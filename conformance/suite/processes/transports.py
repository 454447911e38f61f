"""The transports from a driver to a worker, each as one function: ``send(work, *arguments)``."""

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

FORKSERVER_PRELOAD = "conformance.suite.processes.forkserver_preload"
"""The module that a process imports before it forks workers."""

EXIT_TIMEOUT = 4.0
"""Seconds to wait for workers to exit; normally they take about 0.01 s."""

Send = Callable[..., Any]
"""``send(work, *arguments)`` returns the result of ``work(*arguments)`` in a worker."""


def context(start: str) -> Any:
    """Return the start method's context; the fork server creates the subject for its children."""
    method = multiprocessing.get_context(start)
    if start == "forkserver":
        method.set_forkserver_preload([FORKSERVER_PRELOAD])
    return method


def run_task(task: tuple[Callable[..., Any], tuple[Any, ...]]) -> Any:
    """Run a task, which is one argument because ``map`` passes only one."""
    return task[0](*task[1])


def open_pool(stack: ExitStack, start: str, *initargs: Any, **options: Any) -> Mapping[str, Send]:
    """Open a ``Pool`` of one worker, whose initializer fills its worker slot; return its calls."""
    made = context(start).Pool(
        1, worker_functions.init_slot if initargs else None, initargs, **options
    )
    stack.callback(_close_pool, made)
    return {
        "pool-apply": lambda work, *arguments: made.apply(work, arguments),
        "pool-map": lambda work, *arguments: made.map(run_task, [(work, arguments)])[0],
        "pool-imap": lambda work, *arguments: next(made.imap(run_task, [(work, arguments)])),
        "pool-starmap": lambda work, *arguments: made.starmap(work, [arguments])[0],
    }


def _close_pool(pool: Any) -> None:
    """Wait for the workers of a ``Pool`` to exit; leave one running that exceeds the timeout."""
    pool.close()
    waiter = threading.Thread(target=pool.join, daemon=True)
    waiter.start()
    waiter.join(EXIT_TIMEOUT)


def open_executor(stack: ExitStack, start: str, *initargs: Any) -> Mapping[str, Send]:
    """Open a ``ProcessPoolExecutor`` of one worker; return its calls."""
    initializer = worker_functions.init_slot if initargs else None
    made = ProcessPoolExecutor(1, context(start), initializer, initargs)
    stack.enter_context(made)
    return {
        "executor-submit": lambda work, *arguments: made.submit(work, *arguments).result(),
        "executor-map": lambda work, *arguments: next(made.map(run_task, [(work, arguments)])),
    }


def open_loky(stack: ExitStack, *initargs: Any) -> Mapping[str, Send]:
    """Open ``joblib.Parallel`` with two workers: with one it would start none."""
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    options = {"initializer": worker_functions.init_slot, "initargs": initargs} if initargs else {}
    made = Parallel(n_jobs=2, backend="loky", **options)
    stack.callback(lambda: get_reusable_executor().shutdown(wait=True))
    return {LOKY: lambda work, *arguments: made([delayed(work)(*arguments)])[0]}


class Channel:
    """A pair of connections or queues of one kind, one for each direction."""

    def __init__(self, out: Any, back: Any) -> None:
        self.out, self.back = out, back

    def put(self, message: Any) -> None:
        """Send a message; a ``Queue`` does so in its feeder thread."""
        (self.out.send if hasattr(self.out, "send") else self.out.put)(message)

    def get(self) -> Any:
        """Wait for a message."""
        return (self.back.recv if hasattr(self.back, "recv") else self.back.get)()


def serve(control: Any, channels: Mapping[str, Channel], initargs: tuple[Any, ...]) -> None:
    """Run a worker: answer on the channel of each request, and send errors as text."""
    control.send(worker_functions.describe_slots())
    if initargs:
        worker_functions.init_slot(*initargs)
    while name := control.recv():
        channel = channels[name]
        try:
            work, arguments = channel.get()
            channel.put((True, work(*arguments)))
        except Exception as error:  # noqa: BLE001 - reported to the driver
            channel.put((False, f"{type(error).__name__}: {error}"))


class WorkerError(Exception):
    """The worker's report that it could not decode or run a task."""


class Server:
    """A ``Process`` that answers on all channels."""

    def __init__(self, start: str, *initargs: Any) -> None:
        method = context(start)
        self.control, control = method.Pipe()
        driver_ends: dict[str, Channel] = {}
        worker_ends: dict[str, Channel] = {}
        near, far = method.Pipe()
        driver_ends["pipe"], worker_ends["pipe"] = Channel(near, near), Channel(far, far)
        for name, kind in (("simplequeue", method.SimpleQueue), ("queue", method.Queue)):
            there, back = kind(), kind()
            driver_ends[name], worker_ends[name] = Channel(there, back), Channel(back, there)
        self.process = method.Process(
            target=serve, args=(control, worker_ends, initargs), daemon=True
        )
        self.process.start()
        control.close()
        far.close()
        self.initial_slots: dict[str, Any] = {}
        self.channels = driver_ends
        self.calls: Mapping[str, Send] = {name: partial(self._call, name) for name in driver_ends}

    def wait_until_up(self) -> None:
        """Wait until the worker runs, and store its description of its slots."""
        self.initial_slots = self.control.recv()

    def close(self) -> int | None:
        """Stop the worker and return its exit code."""
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


def open_calls(stack: ExitStack, transport: str, start: str, *initargs: Any) -> Mapping[str, Send]:
    """Open ``transport`` and return its calls; a channel comes with all other channels."""
    if transport == LOKY:
        return open_loky(stack, *initargs)
    if transport in CHANNELS:
        server = Server(start, *initargs)
        server.wait_until_up()
        stack.callback(server.close)
        return server.calls
    make = open_pool if transport in POOL else open_executor
    return {transport: make(stack, start, *initargs)[transport]}
