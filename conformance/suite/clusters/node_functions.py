"""Functions of drivers and nodes: fill slots, make, ship and evaluate expressions.

``ray_driver`` and ``dask_driver`` call them in a driver process and on the cluster's
workers. Cases get only a ``RemoteResult``.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformance.catalogue.nodes import Binary, Builtin, Col, Lit
from conformance.subjects.current import create, subject
from conformance.subjects.interface import Expression, Session, Slot
from conformance.suite.helpers.same_name_udfs import call_of, evaluate_rows, function_of, times
from conformance.suite.helpers.samples import SAMPLES, receiver

Kind = Literal["builtin", "scalar", "aggregate", "window"]
KINDS: tuple[Kind, ...] = ("builtin", *SAMPLES)

FACTORS = {"sender": 2, "scheduler": 5, "worker": 7, "driver": 11}
"""The factors of each process's UDF ``times``: a result shows whose UDF ran."""

ANSWER_TIMEOUT = 10.0
"""Seconds to wait for an answer of a worker that is up."""

STARTUP_TIMEOUT = 60.0
"""Seconds to wait for a worker process to start."""

MARKER = "CONFORMANCE_CLUSTER"
"""The environment variable that all processes of a cluster inherit from its driver."""

_own: dict[str, Any] = {}


@dataclass(frozen=True)
class RemoteResult:
    """The driver's result: values, or the class name of an error and the text of its chain."""

    values: Any = None
    error: str = ""
    text: str = ""


def capture_result(work: Callable[[], Any]) -> RemoteResult:
    """Call ``work``; return its result or its error."""
    try:
        return RemoteResult(work())
    except Exception as error:  # noqa: BLE001 - any error of a cluster is returned to the case
        chain: list[BaseException] = []
        link: BaseException | None = error
        while link is not None and link not in chain:
            chain.append(link)
            link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
        text = "\n".join(f"{type(link).__name__}: {link}" for link in chain)
        return RemoteResult(None, type(error).__name__, text)


# On every node


def use_subject(spec: str) -> str:
    """Make this process use the subject ``spec``; return the versions that run here."""
    os.environ["CONFORMANCE_SUBJECT"] = spec
    python = "{}.{}".format(*sys.version_info)
    return f"Python {python} with {subject().name} {subject().versions().get('engine', '')}".strip()


def make_session(mode: str, registered: str = "") -> Session:
    """Return a new session, ``strict`` or ``inlining``.

    ``registered`` names the process whose UDFs are registered on it, if any.
    """
    made = receiver(subject(), mode)
    if registered:
        for family in SAMPLES:
            subject().register(made, function_of(subject(), times(family, FACTORS[registered])))
    return made


def fill_slot(slot: Slot, mode: str, registered: str = "") -> None:
    """Put such a session into this thread's slot, or empty the slot if ``mode`` is ``none``."""
    if mode == "none":
        subject().clear_slot(slot)
    else:
        subject().set_slot(slot, make_session(mode, registered))


def clear_slots() -> None:
    """Empty both slots of this thread."""
    fill_slot("sender", "none")
    fill_slot("worker", "none")


def make_expression(kind: Kind, factor: int = FACTORS["sender"]) -> Expression:
    """Return the expression to ship: a call on column ``a``."""
    if kind == "builtin":
        return subject().expr(Builtin("abs", (Binary("-", Col("a"), Lit(3)),)), {})
    return call_of(subject(), times(kind, factor))


def evaluate(kind: Kind, expr: Expression) -> list[Any]:
    """Return the result of ``expr`` for 1, 2, 3."""
    return evaluate_rows(subject(), kind, expr)


def evaluate_nested(kind: Kind, nested: Sequence[dict[str, Expression]]) -> list[Any]:
    """Return the result of an expression nested in an argument."""
    return evaluate(kind, nested[0]["expr"])


def decode_and_evaluate(kind: Kind, data: bytes, mode: str) -> list[Any]:
    """Decode ``data`` and return the result.

    A session of this ``mode`` decodes it; if ``mode`` is ``none``, the worker slot decides.
    """
    decides = None if mode == "none" else make_session(mode, "worker")
    return evaluate(kind, subject().from_bytes(data, decides))


def make_answer(kind: Kind) -> Expression:
    """Return the worker's own expression, to ship it back."""
    return make_expression(kind, FACTORS["worker"])


class KillsWorker:
    """An object whose unpickling kills a worker; a scheduler can unpickle it safely."""

    def __reduce__(self) -> tuple[Callable[[], KillsWorker], tuple[()]]:
        """Pickle as a call of ``die``."""
        return die, ()


def mark_worker() -> None:
    """Mark this process as a worker, which ``KillsWorker`` may kill."""
    _own["worker"] = True


def die() -> KillsWorker:
    """Exit at once if this process is a worker."""
    if "worker" in _own:
        os._exit(3)
    return KillsWorker()


def make_deadly_expression() -> Expression:
    """Return a call of a UDF whose decoding kills a worker."""
    trap, udf = KillsWorker(), times("scalar", FACTORS["sender"])
    return call_of(subject(), udf, subject().function(udf, lambda a: (trap, a)[1]))


# On the driver


def encode(kind: Kind, mode: str) -> bytes:
    """Encode the expression with an explicit session."""
    return subject().to_bytes(make_expression(kind), make_session(mode))


def open_driver(spec: str, path: Sequence[str], marker: str) -> None:
    """Make this process a driver; its children inherit the subject, the path and the marker."""
    os.environ[MARKER] = marker
    create(spec, path)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))


def check_versions(nodes: Mapping[str, str]) -> None:
    """Raise ``RuntimeError`` if a node of the cluster has other versions than this driver."""
    here = use_subject(os.environ["CONFORMANCE_SUBJECT"])
    for node, seen in nodes.items():
        if seen != here:
            raise RuntimeError(f"{node} runs {seen}, this driver {here}: choose a cell that fits")


def hang() -> None:
    """Sleep forever."""
    while True:
        time.sleep(60)
