"""Functions of workers and drivers: set sessions in slots, build and evaluate expressions.

Everything here takes and returns what any pool pickles. A spawned worker
imports this module: it must not import pytest.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pyarrow as pa

from conformance.catalogue.nodes import Builtin, Col
from conformance.runner.child import subject
from conformance.suite.helpers.same_name_udfs import (
    call_of,
    evaluate_rows,
    expected_values,
    function_of,
    times,
)

NAME = "conformance_times"
"""The one name under which every session has a function of its own."""

FAMILIES = ("scalar", "aggregate", "window")
SENDER, WORKER, GLOBAL, BACK, DRIVER = 7, 5, 11, 13, 3
"""The factors of the functions of that name: a result tells whose function ran.

``SENDER`` is in the expression that a driver sends, ``WORKER`` on the session
in the worker's slot, ``GLOBAL`` on a global session, ``BACK`` in the expression
that a worker sends back, ``DRIVER`` on the session in the driver's worker slot.
"""


def make_expression(family: str, factor: int = SENDER) -> Any:
    """Return a call on the column ``a``.

    The function is a UDF that multiplies, or a function of the engine.
    """
    if family == "builtin":
        return subject().expr(Builtin("abs", (Col("a"),)), {})
    return call_of(subject(), times(family, factor, NAME))  # type: ignore[arg-type]


def expected_result(family: str, factor: int) -> list[int]:
    """Return what that expression gives for 1, 2, 3."""
    return [1, 2, 3] if family == "builtin" else expected_values(family, factor)


def register(session: Any, factor: int) -> Any:
    """``session``, with the functions of all families registered."""
    for family in FAMILIES:
        udf = times(family, factor, NAME)  # type: ignore[arg-type]
        subject().register(session, function_of(subject(), udf))
    return session


def _strict() -> Any:
    return subject().with_inlining(subject().session(), False)


def init_slot(slot: Any, mode: str, factor: int = 0) -> int:
    """Put a fresh session into a slot: strict or inlining, with the functions of that factor."""
    session = subject().session()
    if factor:
        register(session, factor)
    if mode == "strict":
        session = subject().with_inlining(session, False)
    subject().set_slot(slot, session)
    return os.getpid()


def evaluate(expr: Any, family: str) -> list[int]:
    """Return what ``expr`` gives for 1, 2, 3."""
    return evaluate_rows(subject(), family, expr)


def evaluate_all(exprs: list[tuple[Any, str]]) -> list[list[int]]:
    """Return what each of them gives."""
    return [evaluate(expr, family) for expr, family in exprs]


def make_answer(family: str, mode: str = "") -> Any:
    """Return an expression for the library to carry back.

    If ``mode`` is given, such a session is in the sender slot.
    """
    if mode:
        init_slot("sender", mode)
    else:
        subject().clear_slot("sender")
    return make_expression(family, BACK)


class ActsOnUnpickling:
    """A value in a closure that makes the worker do something while it decodes the closure."""

    def __init__(self, act: str) -> None:
        self.act = act

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        """Act where it is unpickled."""
        return act, (self.act,)


def act(what: str) -> None:
    """Dies, or raises what is no ``Exception``."""
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    raise KeyboardInterrupt


def make_booby_trapped(what: str) -> Any:
    """Return a call of a UDF that acts while it is decoded."""
    trap = ActsOnUnpickling(what)
    udf = times("scalar", SENDER, NAME)
    function = subject().function(udf, lambda a: (trap, a)[1])
    return call_of(subject(), udf, function)


def small_query() -> list[int]:
    """Return a query of one partition, which the engine runs in the thread that asks."""
    return evaluate(make_expression("scalar"), "scalar")


def big_query() -> list[int]:
    """Return a query of many partitions: the sums of two groups."""
    batches = [pa.RecordBatch.from_pydict({"a": [1, 2], "k": [0, 1]})] * 8
    groups = subject().evaluate(
        subject().session(), make_expression("aggregate"), batches, aggregate=True, group_by=("k",)
    )
    return [list(group.values())[-1] for group in groups.to_pylist()]


QUERIES: Mapping[str, Callable[[], list[int]]] = {"small": small_query, "big": big_query}


class Failing(Exception):
    """An exception that carries an expression."""


def fail(family: str) -> None:
    """Raise an expression for the library to carry back."""
    subject().clear_slot("sender")
    raise Failing(make_expression(family, BACK))


def nest(start: str, expr: Any, family: str) -> list[int]:
    """Let a worker's own worker evaluate ``expr``."""
    with ProcessPoolExecutor(1, multiprocessing.get_context(start)) as inner:
        return inner.submit(evaluate, expr, family).result()


def echo(value: Any) -> Any:
    """Send back what came."""
    return value


def do_nothing(*arguments: Any) -> None:
    """Return what is left to do of a process whose arguments are all that counts."""


def ready() -> int:
    """Return the worker is up."""
    return os.getpid()


def encode_by_name(family: str) -> bytes:
    """Return a call by name, whatever stands in the slots."""
    return subject().to_bytes(make_expression(family), _strict())


def decode(data: bytes) -> Any:
    """Return ``data`` by the slots of the thread that unpickles."""
    return subject().from_bytes(data)


class PreEncoded:
    """Bytes of the driver's own making: what carries them has no say in how they are encoded."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __reduce__(self) -> tuple[Callable[[bytes], Any], tuple[bytes]]:
        """Decode where this is unpickled."""
        return decode, (self.data,)


class SlotInitializer:
    """Fills the worker slot where it is unpickled: before the arguments that follow it."""

    def __init__(self, *filling: Any) -> None:
        self.filling = filling

    def __reduce__(self) -> tuple[Callable[..., int], tuple[Any, ...]]:
        """Fill the slot of the thread that unpickles."""
        return init_slot, self.filling


def make_answer_by_name(family: str) -> PreEncoded:
    """Return the same by name, whatever the library and the slots say."""
    return PreEncoded(encode_by_name(family))


def describe_slots() -> dict[str, Any]:
    """Which of this thread's slots are filled, and what the worker slot and the global session do.

    Of the last two, what a name gives that is resolved there, or the error.
    """
    data = encode_by_name("scalar")
    session = subject().global_session()
    return {
        "sender": subject().get_slot("sender") is not None,
        "worker": subject().get_slot("worker") is not None,
        "resolves": attempt(lambda: evaluate(decode(data), "scalar")),
        "global": attempt(lambda: evaluate(subject().from_bytes(data, session), "scalar")),
    }


def attempt(call: Callable[[], Any]) -> Any:
    """Return what ``call`` returns; an exception, and those that it came of, as a text."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - told as data
        told: list[str] = []
        cause: BaseException | None = error
        while cause is not None:
            told.append(f"{type(cause).__name__}: {cause}")
            cause = cause.__cause__
        return "\nbecause of ".join(told)
