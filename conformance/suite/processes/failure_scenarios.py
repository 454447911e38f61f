"""Scenarios that may hang or crash: refusals, killed workers, queries, threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from conformance.suite.processes import transports, worker_functions
from conformance.suite.processes.round_trips import INITARGS, ScenarioGenerator
from conformance.suite.processes.transports import Server
from conformance.suite.processes.worker_functions import (
    WORKER,
    PreEncoded,
    attempt,
    encode_by_name,
    evaluate,
    init_slot,
    make_booby_trapped,
    make_expression,
)

STRICT_INITARGS = ("worker", "strict", WORKER)
"""The arguments of a strict worker's initializer; its session has the UDFs registered."""

MESSAGES: Mapping[str, tuple[Callable[[], Any], tuple[Any, ...]]] = {
    "refused": (lambda: make_expression("scalar"), STRICT_INITARGS),
    "both-strict": (lambda: make_expression("scalar"), STRICT_INITARGS),
    "unregistered": (lambda: PreEncoded(encode_by_name("scalar")), ("worker", "inlining")),
    "killed": (lambda: make_booby_trapped("die"), INITARGS),
    "interrupted": (lambda: make_booby_trapped("interrupt"), INITARGS),
}
"""The object that is sent and the arguments of the worker's initializer, by message."""


def single_message(message: str, transport: str, start: str) -> ScenarioGenerator:
    """Send one expression to a worker that it may kill; return its result or the driver's error."""
    make, initargs = MESSAGES[message]
    stack = ExitStack()  # never closed: closing may hang even if the call returns
    send = transports.open_calls(stack, transport, start, *initargs)[transport]
    send(worker_functions.ready)
    yield
    if message == "both-strict":
        init_slot("sender", "strict")
    return attempt(partial(send, evaluate, make(), "scalar"))


def exit_codes(start: str) -> ScenarioGenerator:
    """Return the exit code of a ``Process`` by message.

    The process fills its worker slot, then decodes an argument.
    """
    method = transports.context(start)
    yield
    codes = {}
    for message in ("refused", "killed"):
        make, initargs = MESSAGES[message]
        process = method.Process(
            target=worker_functions.do_nothing,
            args=(worker_functions.SlotInitializer(*initargs), make()),
        )
        process.start()
        process.join()
        codes[message] = process.exitcode
    return codes


def after_queries(start: str, kind: str) -> ScenarioGenerator:
    """Run a query in the driver, then in a worker started afterwards; return both results."""
    work = worker_functions.QUERIES[kind]
    before = work()
    stack = ExitStack()
    send = transports.open_calls(stack, "pool-apply", start)["pool-apply"]
    send(worker_functions.ready)
    yield
    return before, attempt(partial(send, work))


def threads_with_slots(start: str) -> ScenarioGenerator:
    """Send from two threads at the same time, each with its own sender slot and its own worker."""
    servers: dict[str, Server] = {}
    seen: dict[str, Any] = {}
    barrier, starting = threading.Barrier(3), threading.Lock()

    def work(mode: str) -> None:
        with starting:  # a fork while the other thread is inside the engine is another scenario
            init_slot("sender", mode)
            init_slot(
                "worker",
                "inlining",
                worker_functions.DRIVER if mode == "strict" else worker_functions.BACK,
            )
            servers[mode] = Server(start, *INITARGS)
            servers[mode].wait_until_up()
        barrier.wait()
        barrier.wait()
        send = servers[mode].calls["pipe"]
        results = [
            attempt(partial(send, evaluate, make_expression("scalar"), "scalar")) for _ in range(20)
        ]
        seen[mode] = {"initial slots": servers[mode].initial_slots, "results": results}

    threads = [threading.Thread(target=work, args=(mode,)) for mode in ("strict", "inlining")]
    for thread in threads:
        thread.start()
    barrier.wait()
    yield
    barrier.wait()
    for thread in threads:
        thread.join()
    return seen


def threads_of_one_pool(start: str, transport: str) -> ScenarioGenerator:
    """Send from four threads through one pool at the same time; return the results by thread."""
    with ExitStack() as stack:
        send = transports.open_calls(stack, transport, start, *INITARGS)[transport]
        send(worker_functions.ready)
        yield
        seen: dict[int, list[Any]] = {}

        def work(factor: int) -> None:
            call = partial(send, evaluate, make_expression("scalar", factor), "scalar")
            seen[factor] = [attempt(call) for _ in range(10)]

        threads = [threading.Thread(target=work, args=(factor,)) for factor in range(2, 6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return seen


def nested(start: str) -> ScenarioGenerator:
    """Send expressions to a worker that sends them to a worker of its own; return the results."""
    with ExitStack() as stack:
        send = transports.open_calls(stack, "executor-submit", start, *INITARGS)["executor-submit"]
        send(worker_functions.ready)
        yield
        return {
            family: attempt(
                partial(send, worker_functions.nest, start, make_expression(family), family)
            )
            for family in worker_functions.FAMILIES
        }
