"""Both ends of a cluster: what drivers ship, what workers install, evaluate and answer.

The modules ``ray_driver`` and ``dask_driver`` run this in a driver process of
its own and on the cluster's workers; the cases only see what was told.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from conformance import check, harness
from conformance.catalogue.nodes import Binary, Builtin, Call, Col, Family, Lit
from conformance.peers.child import Child, ChildError
from conformance.subjects.interface import Expression, Session, Slot, Subject
from conformance.suite.namesakes import ROWS, function_of, times
from conformance.suite.tools import KIND, SAMPLES, receiver

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
    """What came back to the driver: values, or the class of an error and the text of its chain."""

    values: Any = None
    error: str = ""
    text: str = ""


def told(work: Callable[[], Any]) -> Told:
    """What ``work`` returned or raised."""
    try:
        return Told(work())
    except Exception as error:  # noqa: BLE001 - whatever a cluster raises is told to the case
        chain: list[BaseException] = []
        link: BaseException | None = error
        while link is not None and link not in chain:
            chain.append(link)
            link = link.__cause__ or link.__context__
        text = "\n".join(f"{type(one).__name__}: {one}" for one in chain)
        return Told(None, type(error).__name__, text)


# On every node


def subject() -> Subject:
    """The subject of this process: the driver's, or the one that its environment names."""
    if "subject" not in _own:
        spec = os.environ.get("CONFORMANCE_SUBJECT", "conformance.subjects:installed_engine")
        module, _, factory = spec.partition(":")
        _own["subject"] = getattr(importlib.import_module(module), factory)()
    found: Subject = _own["subject"]
    return found


def use(spec: str) -> str:
    """Has this process judge the subject ``spec``; tells what runs here."""
    os.environ["CONFORMANCE_SUBJECT"] = spec
    python = "{}.{}".format(*sys.version_info)
    return f"Python {python} with {subject().name} {subject().versions().get('engine', '')}".strip()


def session(mode: str, registered: str = "") -> Session:
    """A session, ``strict`` or ``inlining``, with the functions of a process registered."""
    made = receiver(subject(), mode)
    if registered:
        for family in SAMPLES:
            subject().register(made, function_of(subject(), times(family, FACTORS[registered])))
    return made


def install(slot: Slot, mode: str, registered: str = "") -> None:
    """Puts such a session into this thread's slot, or empties it where ``mode`` is ``none``."""
    if mode == "none":
        subject().clear_slot(slot)
    else:
        subject().set_slot(slot, session(mode, registered))


def forget() -> None:
    """Empties both slots of this thread."""
    install("sender", "none")
    install("worker", "none")


def expression(kind: Kind, factor: int = FACTORS["sender"]) -> Expression:
    """What is shipped: a call on the column ``a``."""
    if kind == "builtin":
        return subject().expr(Builtin("abs", (Binary("-", Col("a"), Lit(3)),)), {})
    udf = times(kind, factor)
    return subject().expr(Call(udf, (Col("a"),)), {udf: function_of(subject(), udf)})


def values(kind: Kind, expr: Expression) -> list[Any]:
    """What ``expr`` makes of 1, 2, 3."""
    result = subject().evaluate(subject().session(), expr, ROWS, aggregate=kind == "aggregate")
    return list(result.to_pylist())


def values_in(kind: Kind, nested: Sequence[dict[str, Expression]]) -> list[Any]:
    """The same of an expression that stands deeper in an argument."""
    return values(kind, nested[0]["expr"])


def values_of(kind: Kind, data: bytes, mode: str) -> list[Any]:
    """The same of bytes, which a session of this ``mode`` decodes, or without one the slot's."""
    decides = None if mode == "none" else session(mode, "worker")
    return values(kind, subject().from_bytes(data, decides))


def answer(kind: Kind) -> Expression:
    """The worker's own expression, to be shipped back."""
    return expression(kind, FACTORS["worker"])


class Deadly:
    """What ends a worker that unpickles it; a scheduler may pass it on."""

    def __reduce__(self) -> tuple[Callable[[], Deadly], tuple[()]]:
        """End the worker."""
        return die, ()


def mark_worker() -> None:
    """Lets ``Deadly`` know that this process is a worker."""
    _own["worker"] = True


def die() -> Deadly:
    """Ends this process at once, if it is a worker."""
    if "worker" in _own:
        os._exit(3)
    return Deadly()


# On the driver


def sent(kind: Kind, mode: str) -> bytes:
    """The bytes that the driver makes itself, with an explicit session."""
    return subject().to_bytes(expression(kind), session(mode))


def open_driver(spec: str, path: Sequence[str], marker: str) -> None:
    """Makes this process a driver; what it starts inherits the subject, the path and the marker."""
    harness.open_subject(spec, path)
    _own["subject"] = harness.subject()
    os.environ[MARKER] = marker
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))


def must_fit(nodes: Mapping[str, str]) -> None:
    """Raises ``RuntimeError`` where a node of a running cluster has other versions than this."""
    here = use(os.environ["CONFORMANCE_SUBJECT"])
    for node, seen in nodes.items():
        if seen != here:
            raise RuntimeError(f"{node} has {seen}, this driver {here}: name a cell that fits")


def hang() -> None:
    """Never comes back."""
    while True:
        time.sleep(60)


# In the cases


class Cluster:
    """A driver process with its cluster, both started for the first question."""

    def __init__(self, module: str) -> None:
        """``module`` has ``start()`` and ``stop()`` beside what is asked of it."""
        self.marker = f"{os.getpid()}-{os.urandom(8).hex()}"
        self._module = f"conformance.suite.{module}"
        self._child = Child()
        self._up = 0
        self._broken = ""

    def ask(self, question: str, *arguments: Any, deadline: float = 60) -> Any:
        """What the driver's function ``question`` returns; ``Mismatch`` where it does not."""
        if self._broken:
            raise check.Mismatch("the cluster does not start", seen=self._broken)
        try:
            if self._child.pid is None or self._child.pid != self._up:
                self._start()
            return self._child.call(f"{self._module}:{question}", *arguments, deadline=deadline)
        except ChildError as error:
            raise check.Mismatch(f"{question}: {error}", seen=error.stacks) from error

    def _start(self) -> None:
        spec = os.environ["CONFORMANCE_SUBJECT"]
        try:
            self._child.call(
                *("conformance.suite.clusters:open_driver", spec, sys.path, self.marker),
                deadline=60,
            )
            self._child.call(f"{self._module}:start", deadline=90)
        except ChildError as error:
            self._broken = f"{error}\n{error.stacks}"
            raise
        self._up = self._child.pid or 0

    def stop(self) -> None:
        """Has the driver stop its cluster, and ends it."""
        self.ask("stop")
        self._child.close()

    def kill(self) -> str:
        """Has the driver hang until a deadline kills its process group; tells how it ended."""
        try:
            self._child.call("conformance.suite.clusters:hang", deadline=1)
        except ChildError as error:
            return str(error)
        return "it came back"

    def left(self, within: float = 30) -> dict[int, str]:
        """The processes of the cluster, and what they are, that live on after ``within`` seconds.

        They are ended: nothing may outlive the run.
        """
        ends = time.monotonic() + within
        while (found := marked(self.marker)) and time.monotonic() < ends:
            time.sleep(0.1)
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return found


def marked(marker: str) -> dict[int, str]:
    """The running processes that inherited ``marker``, each with its command line."""
    found = {}
    wanted = f"{MARKER}={marker}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(folder.name)] = command.decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it ended meanwhile, or is another user's
    return found


def result(kind: Kind, whose: str = "sender") -> list[Any]:
    """What the expression gives for 1, 2, 3 where the function of this process ran."""
    if kind == "builtin":
        return [2, 1, 0]
    factor = FACTORS[whose]
    return [6 * factor] if kind == "aggregate" else [factor, 2 * factor, 3 * factor]


def gives(seen: Told, expected: list[Any], what: str) -> None:
    """The driver must have got these values."""
    if seen.error:
        raise check.Mismatch(f"{what}: an error", expected, seen.text)
    check.equal(seen.values, expected, what)


def fails(seen: Told, parts: Sequence[str], what: str) -> None:
    """The driver must have got an error whose chain says every one of ``parts``."""
    if not seen.error:
        raise check.Mismatch(f"{what}: no error", "an error", f"no error; {seen.values!r}")
    for part in parts:
        if check.plain(part) not in check.plain(seen.text):
            raise check.Mismatch(f"{what}: the error does not say {part!r}", part, seen.text)


def refusal(family: Family) -> tuple[str, ...]:
    """What a strict session's refusal says of the UDF that is shipped."""
    return (f"{KIND[family]} 'times'", "inlining is disabled on this session")


def ended(cluster: Cluster, how: str, question: Sequence[Any]) -> None:
    """No process may be left of a cluster that was used and then ``stopped``, or ``killed``."""
    cluster.ask(*question)
    check.true(bool(marked(cluster.marker)), "no process of a running cluster was found")
    if how == "stopped":
        cluster.stop()
    else:
        check.says(Exception(cluster.kill()), ["killed with its process group"], "a deadline")
    check.equal(cluster.left(), {}, "the processes that are left")
