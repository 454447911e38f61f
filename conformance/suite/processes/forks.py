"""Scenarios of forks: what a forked process has of its driver, and what a fork leaves there."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from conformance.subjects import current
from conformance.subjects.interface import Slot
from conformance.subjects.plans import Layer
from conformance.suite.helpers.same_name_udfs import function_of, query_of, times
from conformance.suite.processes import transports, worker_functions
from conformance.suite.processes.round_trips import INITARGS, ScenarioGenerator
from conformance.suite.processes.transports import Send, Server
from conformance.suite.processes.worker_functions import (
    NAME,
    SENDER,
    WORKER,
    attempt,
    encode_by_name,
    evaluate,
    init_slot,
    make_booby_trapped,
    make_expression,
    register,
)

LAYERS: tuple[Layer, ...] = ("logical", "physical")


def inherited_by_replaced() -> ScenarioGenerator:
    """Describe the slots of a forked worker without an initializer and of its replacement."""
    init_slot("worker", "inlining", worker_functions.DRIVER)
    init_slot("sender", "strict")
    with ExitStack() as stack:
        send = transports.open_pool(stack, "fork", maxtasksperchild=1)["pool-apply"]
        yield
        return [send(worker_functions.describe_slots) for _ in range(2)]


def sessions_in_a_fork() -> ScenarioGenerator:
    """Use a strict session of the driver in a forked process, with both slots filled.

    Return what it did there, and whether each slot of the driver kept its session.
    """
    slots: tuple[Slot, ...] = ("sender", "worker")
    for slot in slots:
        init_slot(slot, "strict")
    held = {slot: current.subject().get_slot(slot) for slot in slots}
    inline, method = _encode_inline(), transports.context("fork")
    driver_end, worker_end = method.Pipe()
    yield
    process = method.Process(target=_use_session, args=(held["worker"], inline, worker_end))
    process.start()
    worker_end.close()
    used = attempt(driver_end.recv)
    process.join()
    return used, {slot: current.subject().get_slot(slot) is held[slot] for slot in slots}


def _encode_inline() -> dict[str, bytes]:
    """Encode a call with a frame, in an expression and in the plans that the subject has."""
    subject, udf = current.subject(), times("scalar", SENDER, NAME)
    session = subject.session()
    data = {"expression": subject.to_bytes(make_expression("scalar"), session)}
    if subject.plans is not None:
        functions = {udf: function_of(subject, udf)}
        for layer in LAYERS:
            plan = subject.plans.plan(session, layer, query_of(udf), functions, Path())
            data[layer] = subject.plans.to_bytes(plan, session)
    return data


def _use_session(session: Any, inline: Mapping[str, bytes], control: Any) -> None:
    """Decode frames on ``session``, register UDFs on it, and send the outcome of each."""
    subject = current.subject()
    decode: dict[str, Any] = {"expression": lambda data: subject.from_bytes(data, session)}
    if subject.plans is not None:
        decode |= {layer: partial(subject.plans.from_bytes, layer, session) for layer in LAYERS}
    seen = {name: attempt(partial(_decode, decode[name], inline[name])) for name in inline}
    data = encode_by_name("scalar")
    register(session, WORKER)
    seen["registered"] = attempt(lambda: evaluate(subject.from_bytes(data, session), "scalar"))
    control.send(seen)


def _decode(decode: Any, data: bytes) -> str:
    decode(data)
    return "decoded"


def forked_in_a_decode() -> ScenarioGenerator:
    """Fork a worker while another thread decodes.

    Return, by family, whether an expression came back from it unchanged.
    """
    data = current.subject().to_bytes(make_booby_trapped("wait"))
    thread = threading.Thread(target=attempt, args=(partial(current.subject().from_bytes, data),))
    yield
    thread.start()
    worker_functions.DECODING.wait()
    server = Server("fork", *INITARGS)
    worker_functions.FORKED.set()
    thread.join()
    server.wait_until_up()
    return _echoes(server.calls["pipe"])


def decoding_after_queries(start: str) -> ScenarioGenerator:
    """Decode and encode in a worker that is started after its driver ran a big query.

    Return, by family, whether the expression came back unchanged.
    """
    worker_functions.big_query()
    stack = ExitStack()
    send = transports.open_calls(stack, "pool-apply", start, *INITARGS)["pool-apply"]
    send(worker_functions.ready)
    yield
    return _echoes(send)


def _echoes(send: Send) -> dict[str, bool]:
    """Return, by family, whether an expression comes back from a worker unchanged."""
    sent = {family: make_expression(family) for family in worker_functions.FAMILIES}
    display = current.subject().display
    return {
        family: display(send(worker_functions.echo, expr)) == display(expr)
        for family, expr in sent.items()
    }
