"""Call a subject, and compare what it shows with what it must."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_args

import pyarrow as pa

from conformance.catalogue.nodes import Family, Udf
from conformance.subjects.interface import Slot, Subject
from conformance.suite.model import unpickling
from conformance.suite.model.steps import REFUSAL, SLOTS, Expected
from conformance.suite.model.threads import Worker
from conformance.suite.model.trees import ROWS
from conformance.util.kinds import Kind, indicates_bug

T = TypeVar("T")

_BATCHES = [pa.RecordBatch.from_pydict({"a": list(ROWS)})]
_SLOTS: tuple[Slot, ...] = get_args(Slot)


class Wrong(Exception):
    """Raised for what a step shows and must not: clause, kind, message, expected and seen."""

    def __init__(self, clause: str, kind: Kind, message: str, expected: object, seen: object):
        super().__init__(message)
        self.clause, self.message = clause, message
        self.kind: Kind = kind
        self.expected, self.seen = (
            one if isinstance(one, str) else repr(one) for one in (expected, seen)
        )


class Observer:
    """One subject in one story: its sessions, functions, expressions, bytes and threads."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.sessions: dict[int, Any] = {0: subject.global_session()}
        self.ids = {id(self.sessions[0]): 0}
        self.kept: list[Any] = []
        self.classes: dict[int, tuple[Family, Any]] = {}
        self.functions: dict[int, tuple[Udf, Any]] = {}
        self.expressions: dict[int, Any] = {}
        self.aggregates: set[int] = set()
        self.texts: dict[int, str] = {}
        self.messages: dict[int, tuple[Any, int]] = {}
        self.threads: dict[int, Worker] = {}

    def run(self, thread: int, call: Callable[[], T]) -> T:
        """Call a function in a thread of the story; 0 is the main thread."""
        return call() if thread == 0 else self.threads[thread].run(call)

    def expect(self, expected: Expected, thread: int, call: Callable[[], T]) -> T | None:
        """Return the result of a call that must have one of the expected outcomes."""
        result: T | None = None
        with unpickling.recorded() as events:
            try:
                result = self.run(thread, call)
                outcome, seen = "ok", "no error"
            except Exception as error:  # noqa: BLE001 - any error of the subject is an outcome
                outcome, seen = self.outcome(error, expected), f"{type(error).__name__}: {error}"
        if expected.quiet and events:
            raise Wrong(
                REFUSAL, "unpickled", "a payload was unpickled", "no pickle activity", events
            )
        if "error" in expected.outcomes and outcome != "ok":
            return None  # whatever the pickler raises
        if outcome not in expected.outcomes:
            refusal = "refused" in {outcome, *expected.outcomes}
            kind: Kind = "no-error" if outcome == "ok" else "unexpected-error"
            wanted = " or ".join(sorted(expected.outcomes))
            raise Wrong(
                REFUSAL if refusal else expected.clause,
                kind,
                f"{outcome}, not {wanted}",
                wanted,
                seen,
            )
        return result

    def outcome(self, error: Exception, expected: Expected) -> str:
        """Return what an error means."""
        text = str(error)
        if indicates_bug(error):
            return f"a {type(error).__name__}"
        named = any(name in text for name in expected.names)
        must_refuse = "refused" in expected.outcomes and not named
        if must_refuse or "inlining is disabled" in text:
            kind = self.subject.error_kind(error)
            return "refused" if kind in expected.kinds else f"a refusal of the kind {kind!r}"
        return "unresolved" if named else "error"

    def compare_slots(self, expected: Expected) -> None:
        """Compare what each slot of each thread holds."""
        seen = {}
        for thread in (0, *self.threads):
            for slot in _SLOTS:
                held = self.run(thread, lambda slot=slot: self.subject.get_slot(slot))  # type: ignore[misc]
                seen[thread, slot] = None if held is None else self.ids.get(id(held), -1)
        if seen != expected.slots:
            raise Wrong(SLOTS, "wrong-value", "the slots hold other sessions", expected.slots, seen)

    def take(
        self, expected: Expected, thread: int, new: int, expr: Any, *, aggregate: bool
    ) -> None:
        self.aggregates |= {new} if aggregate else set()
        self.compare(expected, thread, expr, aggregate)
        self.expressions[new], self.texts[new] = expr, self.subject.display(expr)

    def compare(self, expected: Expected, thread: int, expr: Any, aggregate: bool) -> None:
        call = _evaluate(self.subject, expr, aggregate)
        self.value(expected, thread, call, expected.value)

    def value(
        self,
        expected: Expected,
        thread: int,
        call: Callable[[], Sequence[int]],
        wanted: Sequence[int] | None,
    ) -> None:
        """Compare the result of an expression."""
        try:
            seen = self.run(thread, call)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            message = "no result"
            raise Wrong(expected.clause, "unexpected-error", message, repr(wanted), text) from error
        if list(seen) != list(wanted or ()):
            raise Wrong(expected.clause, "wrong-result", "another result", wanted, seen)


def _evaluate(subject: Subject, expr: Any, aggregate: bool) -> Callable[[], Sequence[int]]:
    def evaluate() -> Sequence[int]:
        found = subject.evaluate(subject.session(), expr, _BATCHES, aggregate=aggregate)
        values: list[int] = found.to_pylist()
        return values

    return evaluate
