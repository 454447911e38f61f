"""Scenarios of round trips: every family and message through every transport, in bulk."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from conformance.processes import tree
from conformance.processes.scenarios import heartbeat
from conformance.subjects.current import subject
from conformance.suite.processes import transports, worker_functions
from conformance.suite.processes.recorder import Recorder, udf_forms
from conformance.suite.processes.transports import LOKY, Send, Server
from conformance.suite.processes.worker_functions import (
    DRIVER,
    FAMILIES,
    GLOBAL,
    WORKER,
    PreEncoded,
    SlotInitializer,
    attempt,
    encode_by_name,
    evaluate,
    init_slot,
    make_booby_trapped,
    make_expression,
)

ScenarioGenerator = Generator[None, None, Any]
Key = tuple[str, ...]

INITARGS = ("worker", "inlining", WORKER)
"""The arguments of the initializer: an inlining session with the UDFs registered."""


class Observations:
    """The driver's observations: results, or texts of errors, and forms of UDFs in the bytes."""

    def __init__(self) -> None:
        self.record = Recorder()
        self.seen: dict[Key, Any] = {}
        self.answers: dict[Key, Any] = {}

    def send(self, key: Key, call: Callable[[], Any]) -> None:
        """Record the result of ``call`` and the forms of the UDFs that it sent."""
        self.record.clear()
        result = attempt(call)
        self.seen[key] = {"result": result, "forms": udf_forms(self.record.sent)}
        heartbeat()

    def fetch(self, key: Key, call: Callable[[], Any]) -> None:
        """Record the expression that ``call`` returned and the forms of UDFs that it received."""
        self.record.clear()
        self.answers[key] = attempt(call)
        self.seen[key] = {"forms": udf_forms(self.record.received)}
        heartbeat()

    def close(self) -> dict[Key, Any]:
        """Evaluate the answers, which is safe after the last fork; return all observations."""
        for (transport, message, family), found in self.answers.items():
            # A string is the text of an error, not an expression.
            is_error = isinstance(found, str)
            run = partial(evaluate, found, family)
            self.seen[transport, message, family]["result"] = found if is_error else attempt(run)
            heartbeat()
        return self.seen


@contextmanager
def sender_slot(mode: str) -> Any:
    """Hold a session of this mode in this thread's sender slot inside the block."""
    init_slot("sender", mode)
    try:
        yield
    finally:
        subject().clear_slot("sender")


def round_trips(start: str) -> ScenarioGenerator:
    """Send everything that does not kill a worker, by one start method (or by loky)."""
    observations = Observations()
    worker_functions.register(subject().global_session(), GLOBAL)
    with ExitStack() as stack:
        calls: dict[str, Send] = {}
        if start == "loky":
            calls |= transports.open_loky(stack, *INITARGS)
        else:
            server = _start_inheriting_server(start)
            calls |= server.calls
            calls |= transports.open_executor(stack, start, *INITARGS)
            calls |= transports.open_pool(stack, start, *INITARGS)
            server.wait_until_up()
        for call in calls.values():
            call(worker_functions.ready)
        yield
        for name, call in calls.items():
            _send_messages(observations, name, call)
            _fetch_answers(observations, name, call)
        if start == "loky":
            _use_drivers_slot(observations, LOKY, calls[LOKY])
            _send_fatal_messages(observations, calls[LOKY])
        else:
            _send_to_strict_workers(observations, calls)
            _send_arguments(observations, start)
            observations.seen["initial slots",] = server.initial_slots
            observations.seen["exit code",] = server.close()
    if start in ("fork", "forkserver"):
        observations.seen["replaced",] = _run_replaced_workers(start)
    seen = observations.close()
    seen["left",] = [
        str(process) for process in tree.descendants(os.getpid()) if process.parent == os.getpid()
    ]
    return seen


def _start_inheriting_server(start: str) -> Server:
    """Start a server while both slots are filled, then empty the slots."""
    init_slot("worker", "strict", DRIVER)
    with sender_slot("strict"):
        server = Server(start, *INITARGS)
    subject().clear_slot("worker")
    return server


def _send_messages(observations: Observations, name: str, call: Send) -> None:
    """Send expressions to a worker whose slot holds an inlining session."""
    for family in (*FAMILIES, "builtin"):
        observations.send(
            (name, "inline", family),
            lambda family=family: call(evaluate, make_expression(family), family),  # type: ignore[misc]
        )
    for family in FAMILIES:
        pre_encoded = PreEncoded(encode_by_name(family))
        observations.send((name, "carried", family), partial(call, evaluate, pre_encoded, family))
        with sender_slot("strict"):
            observations.send(
                (name, "strict", family), partial(call, evaluate, make_expression(family), family)
            )
    observations.send(
        (name, "partial", "scalar"),
        partial(call, partial(evaluate, make_expression("scalar"), "scalar")),
    )
    with sender_slot("strict"):
        observations.send(
            (name, "strict-partial", "scalar"),
            partial(call, partial(evaluate, make_expression("scalar"), "scalar")),
        )


def _fetch_answers(observations: Observations, name: str, call: Send) -> None:
    """Fetch expressions that workers return or raise."""
    for family in FAMILIES:
        observations.fetch(
            (name, "answer", family), partial(call, worker_functions.make_answer, family)
        )
        observations.fetch(
            (name, "strict-answer", family),
            partial(call, worker_functions.make_answer, family, "strict"),
        )
    observations.fetch((name, "error", "scalar"), partial(_catch_expression, call))


def _catch_expression(call: Send) -> Any:
    """Return the expression in the exception that a worker raised."""
    try:
        return call(worker_functions.fail, "scalar")
    except worker_functions.Failing as error:
        return error.args[0]


def _send_to_strict_workers(observations: Observations, calls: Mapping[str, Send]) -> None:
    """Send names to all strict workers, and frames to those that survive a refusal."""
    for call in calls.values():
        call(init_slot, "worker", "strict", WORKER)
    for name, call in calls.items():
        for family in FAMILIES:
            pre_encoded = PreEncoded(encode_by_name(family))
            observations.send(
                (name, "carried-strict", family), partial(call, evaluate, pre_encoded, family)
            )
            if name in transports.CHANNELS:
                expr = make_expression(family)
                observations.send((name, "refused", family), partial(call, evaluate, expr, family))
                with sender_slot("strict"):
                    observations.send(
                        (name, "both-strict", family), partial(call, evaluate, expr, family)
                    )


def _send_arguments(observations: Observations, start: str) -> None:
    """Pass expressions as arguments of a ``Process``; under fork nothing is pickled."""
    exprs = [(make_expression(family), family) for family in (*FAMILIES, "builtin")]
    _run_process(observations, start, "inline", exprs)
    if start != "fork":
        with sender_slot("strict"):
            _run_process(observations, start, "strict", exprs[:-1])


def _run_process(
    observations: Observations, start: str, message: str, exprs: list[tuple[Any, str]]
) -> None:
    method = transports.context(start)
    driver_end, worker_end = method.Pipe()
    observations.record.clear()
    process = method.Process(
        target=_report_results, args=(SlotInitializer(*INITARGS), exprs, worker_end)
    )
    process.start()
    worker_end.close()
    results = attempt(driver_end.recv)
    process.join()
    found = udf_forms(observations.record.sent)
    for number, (_, family) in enumerate(exprs):
        result = results if isinstance(results, str) else results[number]
        observations.seen["process", message, family] = {"result": result, "forms": found}


def _report_results(filled: Any, exprs: list[tuple[Any, str]], control: Any) -> None:
    """Evaluate the expressions in the process and send back the results."""
    del filled
    control.send([attempt(partial(evaluate, expr, family)) for expr, family in exprs])


def _send_fatal_messages(observations: Observations, call: Send) -> None:
    """Send expressions that may kill loky's workers.

    loky then starts new workers, and those that survive are initialized again.
    """
    # As the first argument, the initializer is unpickled before the expression.
    strict, inlining = (
        SlotInitializer("worker", "strict", WORKER),
        SlotInitializer(*INITARGS),
    )
    observations.send(
        (LOKY, "refused", "scalar"),
        partial(call, _evaluate_second, strict, make_expression("scalar")),
    )
    with sender_slot("strict"):
        expr = make_expression("scalar")
        observations.send(
            (LOKY, "both-strict", "scalar"), partial(call, _evaluate_second, strict, expr)
        )
    observations.send(
        (LOKY, "killed", "scalar"),
        partial(call, _evaluate_second, inlining, make_booby_trapped("die")),
    )


def _evaluate_second(first: Any, expr: Any) -> list[int]:
    """Evaluate an expression that is unpickled after another argument."""
    del first
    return evaluate(expr, "scalar")


def _run_replaced_workers(start: str) -> list[Any]:
    """Return the results of three workers, each of which replaces the one before."""
    with ExitStack() as stack:
        send = transports.open_pool(stack, start, *INITARGS, maxtasksperchild=1)["pool-apply"]
        pre_encoded = PreEncoded(encode_by_name("scalar"))
        seen = []
        for _ in range(3):
            seen.append(attempt(partial(send, evaluate, pre_encoded, "scalar")))
            heartbeat()
        return seen


def answers(transport: str, start: str) -> ScenarioGenerator:
    """Fetch expressions to a driver whose worker slot is filled."""
    observations = Observations()
    worker_functions.register(subject().global_session(), GLOBAL)
    with ExitStack() as stack:
        calls = transports.open_calls(stack, transport, start, *INITARGS)
        for call in calls.values():
            call(worker_functions.ready)
        yield
        for name, call in calls.items():
            _use_drivers_slot(observations, name, call)
    return observations.close()


def _use_drivers_slot(observations: Observations, name: str, call: Send) -> None:
    """Fetch expressions while the driver's worker slot is filled.

    The global session has other UDFs.
    """
    init_slot("worker", "inlining", DRIVER)
    observations.fetch(
        (name, "resolved", "scalar"), partial(call, worker_functions.make_answer_by_name, "scalar")
    )
    init_slot("worker", "strict", DRIVER)
    observations.fetch(
        (name, "not-refused", "scalar"), partial(call, worker_functions.make_answer, "scalar")
    )
    subject().clear_slot("worker")
