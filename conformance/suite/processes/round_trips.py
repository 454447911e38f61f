"""Trials of round trips: every family and message through every transport, in bulk."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from conformance.processes import tree
from conformance.processes.scenarios import alive
from conformance.runner.child import subject
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
"""What initializers do: an inlining session, which has the functions of the name."""


class Observations:
    """The driver's observation: results (or an error's text) and the forms of UDFs in the bytes."""

    def __init__(self) -> None:
        self.record = Recorder()
        self.seen: dict[Key, Any] = {}
        self.answers: dict[Key, Any] = {}

    def send(self, key: Key, call: Callable[[], Any]) -> None:
        """Note what ``call`` returned and what it sent."""
        self.record.clear()
        result = attempt(call)
        self.seen[key] = {"result": result, "forms": udf_forms(self.record.sent)}
        alive()

    def fetch(self, key: Key, call: Callable[[], Any]) -> None:
        """Note the expression that ``call`` brought, and the bytes that brought it."""
        self.record.clear()
        self.answers[key] = attempt(call)
        self.seen[key] = {"forms": udf_forms(self.record.received)}
        alive()

    def close(self) -> dict[Key, Any]:
        """All that was seen; answers are run now, when nothing will be forked any more."""
        for (transport, message, family), found in self.answers.items():
            # An error that was told is no expression.
            told = isinstance(found, str)
            run = partial(evaluate, found, family)
            self.seen[transport, message, family]["result"] = found if told else attempt(run)
            alive()
        return self.seen


@contextmanager
def sender_slot(mode: str) -> Any:
    """Yield the sender slot of this thread holds such a session."""
    init_slot("sender", mode)
    try:
        yield
    finally:
        subject().clear_slot("sender")


def round_trips(start: str) -> ScenarioGenerator:
    """Everything that a worker takes without dying of it, by one start method (or by loky)."""
    book = Observations()
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
            server.up()
        for call in calls.values():
            call(worker_functions.ready)
        yield
        for name, call in calls.items():
            _send_messages(book, name, call)
            _fetch_answers(book, name, call)
        if start == "loky":
            _use_drivers_slot(book, LOKY, calls[LOKY])
            _send_fatal_messages(book, calls[LOKY])
        else:
            _send_to_strict_workers(book, calls)
            _send_arguments(book, start)
            book.seen["began",] = server.began
            book.seen["exit code",] = server.close()
    if start in ("fork", "forkserver"):
        book.seen["replaced",] = _run_replaced_workers(start)
    seen = book.close()
    seen["left",] = [str(one) for one in tree.kin(os.getpid()) if one.parent == os.getpid()]
    return seen


def _start_inheriting_server(start: str) -> Server:
    """Return a server that is started while both slots are filled; they are empty afterwards."""
    init_slot("worker", "strict", DRIVER)
    with sender_slot("strict"):
        server = Server(start, *INITARGS)
    subject().clear_slot("worker")
    return server


def _send_messages(book: Observations, name: str, call: Send) -> None:
    """Return what is sent to a worker whose slot holds an inlining session."""
    for family in (*FAMILIES, "builtin"):
        book.send(
            (name, "inline", family),
            lambda family=family: call(evaluate, make_expression(family), family),  # type: ignore[misc]
        )
    for family in FAMILIES:
        carried = PreEncoded(encode_by_name(family))
        book.send((name, "carried", family), partial(call, evaluate, carried, family))
        with sender_slot("strict"):
            book.send(
                (name, "strict", family), partial(call, evaluate, make_expression(family), family)
            )
    book.send(
        (name, "partial", "scalar"),
        partial(call, partial(evaluate, make_expression("scalar"), "scalar")),
    )
    with sender_slot("strict"):
        book.send(
            (name, "strict-partial", "scalar"),
            partial(call, partial(evaluate, make_expression("scalar"), "scalar")),
        )


def _fetch_answers(book: Observations, name: str, call: Send) -> None:
    """Return what workers send back."""
    for family in FAMILIES:
        book.fetch((name, "answer", family), partial(call, worker_functions.make_answer, family))
        book.fetch(
            (name, "strict-answer", family),
            partial(call, worker_functions.make_answer, family, "strict"),
        )
    book.fetch((name, "error", "scalar"), partial(_catch_expression, call))


def _catch_expression(call: Send) -> Any:
    """Return the expression in the exception that a worker raised."""
    try:
        return call(worker_functions.fail, "scalar")
    except worker_functions.Failing as error:
        return error.args[0]


def _send_to_strict_workers(book: Observations, calls: Mapping[str, Send]) -> None:
    """Bytes by name for strict workers; frames and leaks only to those that live through them."""
    for call in calls.values():
        call(init_slot, "worker", "strict", WORKER)
    for name, call in calls.items():
        for family in FAMILIES:
            carried = PreEncoded(encode_by_name(family))
            book.send((name, "carried-strict", family), partial(call, evaluate, carried, family))
            if name in transports.CHANNELS:
                expr = make_expression(family)
                book.send((name, "refused", family), partial(call, evaluate, expr, family))
                with sender_slot("strict"):
                    book.send((name, "both-strict", family), partial(call, evaluate, expr, family))


def _send_arguments(book: Observations, start: str) -> None:
    """Expressions as the arguments of a ``Process``; under fork nothing is pickled."""
    exprs = [(make_expression(family), family) for family in (*FAMILIES, "builtin")]
    _run_process(book, start, "inline", exprs)
    if start != "fork":
        with sender_slot("strict"):
            _run_process(book, start, "strict", exprs[:-1])


def _run_process(
    book: Observations, start: str, message: str, exprs: list[tuple[Any, str]]
) -> None:
    method = transports.context(start)
    mine, its = method.Pipe()
    book.record.clear()
    process = method.Process(target=_report_results, args=(SlotInitializer(*INITARGS), exprs, its))
    process.start()
    its.close()
    results = attempt(mine.recv)
    process.join()
    found = udf_forms(book.record.sent)
    for number, (_, family) in enumerate(exprs):
        result = results if isinstance(results, str) else results[number]
        book.seen["process", message, family] = {"result": result, "forms": found}


def _report_results(filled: Any, exprs: list[tuple[Any, str]], control: Any) -> None:
    """Do the work of the process itself."""
    del filled
    control.send([attempt(partial(evaluate, expr, family)) for expr, family in exprs])


def _send_fatal_messages(book: Observations, call: Send) -> None:
    """Return the error that loky's workers may die of.

    loky then starts new workers, and the live ones are initialized again.
    """
    strict, inlining = (
        SlotInitializer("worker", "strict", WORKER),
        SlotInitializer(*INITARGS),
    )  # unpickled first
    book.send(
        (LOKY, "refused", "scalar"),
        partial(call, _evaluate_second, strict, make_expression("scalar")),
    )
    with sender_slot("strict"):
        expr = make_expression("scalar")
        book.send((LOKY, "both-strict", "scalar"), partial(call, _evaluate_second, strict, expr))
    book.send(
        (LOKY, "killed", "scalar"),
        partial(call, _evaluate_second, inlining, make_booby_trapped("die")),
    )


def _evaluate_second(first: Any, expr: Any) -> list[int]:
    """Evaluate what came after something else."""
    del first
    return evaluate(expr, "scalar")


def _run_replaced_workers(start: str) -> list[Any]:
    """Three workers, one after the other: what each resolves by the slot its initializer filled."""
    with ExitStack() as stack:
        send = transports.open_pool(stack, start, *INITARGS, maxtasksperchild=1)["pool-apply"]
        carried = PreEncoded(encode_by_name("scalar"))
        seen = []
        for _ in range(3):
            seen.append(attempt(partial(send, evaluate, carried, "scalar")))
            alive()
        return seen


def answers(transport: str, start: str) -> ScenarioGenerator:
    """Yield whose session decides about what comes back."""
    book = Observations()
    worker_functions.register(subject().global_session(), GLOBAL)
    with ExitStack() as stack:
        calls = transports.open_calls(stack, transport, start, *INITARGS)
        for call in calls.values():
            call(worker_functions.ready)
        yield
        for name, call in calls.items():
            _use_drivers_slot(book, name, call)
    return book.close()


def _use_drivers_slot(book: Observations, name: str, call: Send) -> None:
    """Answers to a driver whose worker slot is filled; its global session has other functions."""
    init_slot("worker", "inlining", DRIVER)
    book.fetch(
        (name, "resolved", "scalar"), partial(call, worker_functions.make_answer_by_name, "scalar")
    )
    init_slot("worker", "strict", DRIVER)
    book.fetch(
        (name, "not-refused", "scalar"), partial(call, worker_functions.make_answer, "scalar")
    )
    subject().clear_slot("worker")
