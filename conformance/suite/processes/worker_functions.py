"""Functions that run in workers and drivers: fill slots, build and evaluate expressions.

All arguments and results can be pickled by any pool. A spawned worker imports this
module, so it must not import pytest.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pyarrow as pa

from conformance.catalogue.nodes import Builtin, Col
from conformance.subjects.current import subject
from conformance.suite.helpers.same_name_udfs import (
    call_of,
    evaluate_rows,
    expected_values,
    function_of,
    times,
)

NAME = "conformance_times"
"""The name under which every session has a different UDF registered."""

FAMILIES = ("scalar", "aggregate", "window")
SENDER, WORKER, GLOBAL, BACK, DRIVER = 7, 5, 11, 13, 3
"""The factors of the UDFs of that name: a result shows which UDF ran.

``SENDER`` is in the expression that a driver sends, ``WORKER`` on the session in the
worker's slot, ``GLOBAL`` on a global session, ``BACK`` in the expression that a worker
returns, ``DRIVER`` on the session in the driver's worker slot.
"""


def make_expression(family: str, factor: int = SENDER) -> Any:
    """Return a call on column ``a`` of a UDF that multiplies, or of a built-in function."""
    if family == "builtin":
        return subject().expr(Builtin("abs", (Col("a"),)), {})
    return call_of(subject(), times(family, factor, NAME))  # type: ignore[arg-type]


def expected_result(family: str, factor: int) -> list[int]:
    """Return the result of that expression for the rows 1, 2, 3."""
    return [1, 2, 3] if family == "builtin" else expected_values(family, factor)


def register(session: Any, factor: int) -> Any:
    """Register the UDFs of all families on ``session`` and return it."""
    for family in FAMILIES:
        udf = times(family, factor, NAME)  # type: ignore[arg-type]
        subject().register(session, function_of(subject(), udf))
    return session


def _strict() -> Any:
    return subject().with_inlining(subject().session(), False)


def init_slot(slot: Any, mode: str, factor: int = 0) -> int:
    """Put a new session into a slot: ``strict`` or ``inlining``, with the UDFs of ``factor``."""
    session = subject().session()
    if factor:
        register(session, factor)
    if mode == "strict":
        session = subject().with_inlining(session, False)
    subject().set_slot(slot, session)
    return os.getpid()


def evaluate(expr: Any, family: str) -> list[int]:
    """Return the result of ``expr`` for the rows 1, 2, 3."""
    return evaluate_rows(subject(), family, expr)


def evaluate_all(exprs: list[tuple[Any, str]]) -> list[list[int]]:
    """Return the result of each expression."""
    return [evaluate(expr, family) for expr, family in exprs]


def make_answer(family: str, mode: str = "") -> Any:
    """Return an expression, pickled with a session of ``mode`` in the sender slot if given."""
    if mode:
        init_slot("sender", mode)
    else:
        subject().clear_slot("sender")
    return make_expression(family, BACK)


class ActsOnUnpickling:
    """A closed-over value that makes the worker act while it decodes the closure."""

    def __init__(self, act: str) -> None:
        self.act = act

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        """Pickle as a call of ``act``."""
        return act, (self.act,)


DECODING, FORKED = threading.Event(), threading.Event()
"""Set by a thread that decodes and waits, and by its driver when it may go on."""


def act(what: str) -> None:
    """Wait for a fork, kill this process, or raise an exception that is no ``Exception``."""
    if what == "wait":
        DECODING.set()
        FORKED.wait()
        return
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
    """Run a query of one partition, which the engine runs in the calling thread."""
    return evaluate(make_expression("scalar"), "scalar")


def big_query() -> list[int]:
    """Run a query of many partitions; return the sums of two groups."""
    batches = [pa.RecordBatch.from_pydict({"a": [1, 2], "k": [0, 1]})] * 8
    groups = subject().evaluate(
        subject().session(), make_expression("aggregate"), batches, aggregate=True, group_by=("k",)
    )
    return [list(group.values())[-1] for group in groups.to_pylist()]


QUERIES: Mapping[str, Callable[[], list[int]]] = {"small": small_query, "big": big_query}


class Failing(Exception):
    """An exception that holds an expression."""


def fail(family: str) -> None:
    """Raise an exception that holds an expression."""
    subject().clear_slot("sender")
    raise Failing(make_expression(family, BACK))


def nest(start: str, expr: Any, family: str) -> list[int]:
    """Evaluate ``expr`` in a worker of this worker."""
    with ProcessPoolExecutor(1, multiprocessing.get_context(start)) as inner:
        return inner.submit(evaluate, expr, family).result()


def echo(value: Any) -> Any:
    """Return ``value``."""
    return value


def do_nothing(*arguments: Any) -> None:
    """Do nothing: the target of a process that exists only to unpickle its arguments."""


def ready() -> int:
    """Return the process id, which shows that the worker is up."""
    return os.getpid()


def encode_by_name(family: str) -> bytes:
    """Encode a call with a strict session, so that the slots have no effect."""
    return subject().to_bytes(make_expression(family), _strict())


def decode(data: bytes) -> Any:
    """Decode ``data`` by the slots of the calling thread."""
    return subject().from_bytes(data)


class PreEncoded:
    """Bytes that the driver encoded itself; the shipping library cannot change their form."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __reduce__(self) -> tuple[Callable[[bytes], Any], tuple[bytes]]:
        """Pickle as a call of ``decode``."""
        return decode, (self.data,)


class SlotInitializer:
    """An argument that fills the worker slot before the arguments after it are unpickled."""

    def __init__(self, *initargs: Any) -> None:
        self.initargs = initargs

    def __reduce__(self) -> tuple[Callable[..., int], tuple[Any, ...]]:
        """Pickle as a call of ``init_slot``."""
        return init_slot, self.initargs


def make_answer_by_name(family: str) -> PreEncoded:
    """Return a pre-encoded expression by name; the library and the slots have no effect."""
    return PreEncoded(encode_by_name(family))


def describe_slots() -> dict[str, Any]:
    """Return which of this thread's slots are filled, and how a name is resolved.

    ``resolves`` is the result with the worker slot, ``global`` that with the global session;
    either may be an error's text.
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
    """Return the result of ``call``; return an exception and its causes as text."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - returned as data
        chain: list[str] = []
        cause: BaseException | None = error
        while cause is not None:
            chain.append(f"{type(cause).__name__}: {cause}")
            cause = cause.__cause__
        return "\nbecause of ".join(chain)
