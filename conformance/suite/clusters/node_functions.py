"""Both ends of a cluster: what drivers ship, what workers install, evaluate and answer.

The modules ``ray_driver`` and ``dask_driver`` run this in a driver process of
its own and on the cluster's workers; the cases only see what was told.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformance.catalogue.nodes import Binary, Builtin, Col, Lit
from conformance.runner.child import open_subject, subject
from conformance.subjects.interface import Expression, Session, Slot
from conformance.suite.helpers.same_name_udfs import call_of, evaluated, function_of, times
from conformance.suite.helpers.samples import SAMPLES, receiver

Kind = Literal["builtin", "scalar", "aggregate", "window"]
KINDS: tuple[Kind, ...] = ("builtin", *SAMPLES)

FACTORS = {"sender": 2, "scheduler": 5, "worker": 7, "driver": 11}
"""Each process's own function of the one name ``times``: the result tells whose ran."""

PATIENCE = 10.0
"""Seconds in which a worker that is up has answered, or never will."""

STARTING = 60.0
"""Seconds in which a worker process is up."""

MARKER = "CONFORMANCE_CLUSTER"
"""The environment variable that every process of a cluster inherits from its driver."""

_own: dict[str, Any] = {}


@dataclass(frozen=True)
class Told:
    """The driver's result: values, or the class of an error and the text of its chain."""

    values: Any = None
    error: str = ""
    text: str = ""


def told(work: Callable[[], Any]) -> Told:
    """Return what ``work`` returned or raised."""
    try:
        return Told(work())
    except Exception as error:  # noqa: BLE001 - whatever a cluster raises is told to the case
        chain: list[BaseException] = []
        link: BaseException | None = error
        while link is not None and link not in chain:
            chain.append(link)
            link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
        text = "\n".join(f"{type(one).__name__}: {one}" for one in chain)
        return Told(None, type(error).__name__, text)


# On every node


def use(spec: str) -> str:
    """Make this process judge the subject ``spec``; return the versions that run here."""
    os.environ["CONFORMANCE_SUBJECT"] = spec
    python = "{}.{}".format(*sys.version_info)
    return f"Python {python} with {subject().name} {subject().versions().get('engine', '')}".strip()


def session(mode: str, registered: str = "") -> Session:
    """Return a session, ``strict`` or ``inlining``, with the functions of a process registered."""
    made = receiver(subject(), mode)
    if registered:
        for family in SAMPLES:
            subject().register(made, function_of(subject(), times(family, FACTORS[registered])))
    return made


def install(slot: Slot, mode: str, registered: str = "") -> None:
    """Put such a session into this thread's slot, or empties it where ``mode`` is ``none``."""
    if mode == "none":
        subject().clear_slot(slot)
    else:
        subject().set_slot(slot, session(mode, registered))


def forget() -> None:
    """Empty both slots of this thread."""
    install("sender", "none")
    install("worker", "none")


def expression(kind: Kind, factor: int = FACTORS["sender"]) -> Expression:
    """Return what is shipped: a call on the column ``a``."""
    if kind == "builtin":
        return subject().expr(Builtin("abs", (Binary("-", Col("a"), Lit(3)),)), {})
    return call_of(subject(), times(kind, factor))


def values(kind: Kind, expr: Expression) -> list[Any]:
    """Return what ``expr`` makes of 1, 2, 3."""
    return evaluated(subject(), kind, expr)


def values_in(kind: Kind, nested: Sequence[dict[str, Expression]]) -> list[Any]:
    """Return the same of an expression that stands deeper in an argument."""
    return values(kind, nested[0]["expr"])


def values_of(kind: Kind, data: bytes, mode: str) -> list[Any]:
    """Return the same of bytes, which a session of this ``mode`` decodes.

    Without a mode, the slot's session decodes them.
    """
    decides = None if mode == "none" else session(mode, "worker")
    return values(kind, subject().from_bytes(data, decides))


def answer(kind: Kind) -> Expression:
    """Return the worker's own expression, to be shipped back."""
    return expression(kind, FACTORS["worker"])


class Deadly:
    """An object that ends a worker that unpickles it; a scheduler may pass it on."""

    def __reduce__(self) -> tuple[Callable[[], Deadly], tuple[()]]:
        """End the worker."""
        return die, ()


def mark_worker() -> None:
    """Lets ``Deadly`` know that this process is a worker."""
    _own["worker"] = True


def die() -> Deadly:
    """End this process at once, if it is a worker."""
    if "worker" in _own:
        os._exit(3)
    return Deadly()


def deadly() -> Expression:
    """Return a call of a function that ends a worker which decodes it."""
    trap, udf = Deadly(), times("scalar", FACTORS["sender"])
    return call_of(subject(), udf, subject().function(udf, lambda a: (trap, a)[1]))


# On the driver


def sent(kind: Kind, mode: str) -> bytes:
    """Return the bytes that the driver makes itself, with an explicit session."""
    return subject().to_bytes(expression(kind), session(mode))


def open_driver(spec: str, path: Sequence[str], marker: str) -> None:
    """Make this process a driver; what it starts inherits the subject, the path and the marker."""
    os.environ[MARKER] = marker
    open_subject(spec, path)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))


def must_fit(nodes: Mapping[str, str]) -> None:
    """Raise ``RuntimeError`` where a node of a running cluster has other versions than this."""
    here = use(os.environ["CONFORMANCE_SUBJECT"])
    for node, seen in nodes.items():
        if seen != here:
            raise RuntimeError(f"{node} has {seen}, this driver {here}: name a cell that fits")


def hang() -> None:
    """Never comes back."""
    while True:
        time.sleep(60)
