"""Trials of what may hang: refusals, deaths, forks of drivers that have run queries, threads."""

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
"""What a strict worker's initializer does; its session has the functions of the name."""

MESSAGES: Mapping[str, tuple[Callable[[], Any], tuple[Any, ...]]] = {
    "refused": (lambda: make_expression("scalar"), STRICT_INITARGS),
    "both-strict": (lambda: make_expression("scalar"), STRICT_INITARGS),
    "unregistered": (lambda: PreEncoded(encode_by_name("scalar")), ("worker", "inlining")),
    "killed": (lambda: make_booby_trapped("die"), INITARGS),
    "interrupted": (lambda: make_booby_trapped("interrupt"), INITARGS),
}
"""What is sent, and what the worker's initializer does before."""


def single_message(message: str, transport: str, start: str) -> ScenarioGenerator:
    """One expression to a worker that may die of it: its result, or the driver's error."""
    make, filling = MESSAGES[message]
    stack = ExitStack()  # not closed: closing may hang where the answer does not
    send = transports.open_calls(stack, transport, start, *filling)[transport]
    send(worker_functions.ready)
    yield
    if message == "both-strict":
        init_slot("sender", "strict")
    return attempt(partial(send, evaluate, make(), "scalar"))


def exit_codes(start: str) -> ScenarioGenerator:
    """Yield the exit code of a ``Process`` that fills its worker slot.

    The process then decodes an argument.
    """
    method = transports.context(start)
    yield
    codes = {}
    for message in ("refused", "killed"):
        make, filling = MESSAGES[message]
        process = method.Process(
            target=worker_functions.do_nothing,
            args=(worker_functions.SlotInitializer(*filling), make()),
        )
        process.start()
        process.join()
        codes[message] = process.exitcode
    return codes


def after_queries(start: str, kind: str) -> ScenarioGenerator:
    """Yield a query in a worker that was started after its driver had run the same."""
    work = worker_functions.QUERIES[kind]
    before = work()
    stack = ExitStack()
    send = transports.open_calls(stack, "pool-apply", start)["pool-apply"]
    send(worker_functions.ready)
    yield
    return before, attempt(partial(send, work))


def decoding_after_queries(start: str) -> ScenarioGenerator:
    """Yield a worker that only decodes and encodes.

    It starts after its driver has run a big query.
    """
    worker_functions.big_query()
    stack = ExitStack()
    send = transports.open_calls(stack, "pool-apply", start, *INITARGS)["pool-apply"]
    send(worker_functions.ready)
    yield
    sent = {family: make_expression(family) for family in worker_functions.FAMILIES}
    return {
        family: str(send(worker_functions.echo, expr)) == str(expr) for family, expr in sent.items()
    }


def threads_with_slots(start: str) -> ScenarioGenerator:
    """Two threads, each with a sender slot and a worker of its own, that send at the same time."""
    servers: dict[str, Server] = {}
    seen: dict[str, Any] = {}
    barrier, starting = threading.Barrier(3), threading.Lock()

    def work(mode: str) -> None:
        with starting:  # a fork while the other thread is in the engine is another question
            init_slot("sender", mode)
            init_slot(
                "worker",
                "inlining",
                worker_functions.DRIVER if mode == "strict" else worker_functions.BACK,
            )
            servers[mode] = Server(start, *INITARGS)
            servers[mode].up()
        barrier.wait()
        barrier.wait()
        send = servers[mode].calls["pipe"]
        results = [
            attempt(partial(send, evaluate, make_expression("scalar"), "scalar")) for _ in range(20)
        ]
        seen[mode] = {"began": servers[mode].began, "results": results}

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
    """Four threads that send through one pool at the same time; each gets what it asked for."""
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


def inherited_by_replaced() -> ScenarioGenerator:
    """Two forked workers without an initializer, the second in the place of the first."""
    init_slot("worker", "inlining", worker_functions.DRIVER)
    init_slot("sender", "strict")
    with ExitStack() as stack:
        send = transports.open_pool(stack, "fork", maxtasksperchild=1)["pool-apply"]
        yield
        return [send(worker_functions.describe_slots) for _ in range(2)]


def nested(start: str) -> ScenarioGenerator:
    """Yield an expression that a worker hands to a worker of its own."""
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
