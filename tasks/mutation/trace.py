"""The trace of each clause: the cases that show it, the faults that break it, its goldens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.golden.cases import CASES
from conformance.golden.store import Store
from conformance.runner import child
from conformance.spec import CLAUSES
from conformance.subjects import current
from conformance.subjects.engine import Engine
from tasks.faults import Fault
from tasks.mutation.cases import Case

GOLDEN = "GOLDEN"
"""What the chapters of the goldens begin with."""


@dataclass(frozen=True)
class Trace:
    """A clause with the ids of its cases, its faults and the goldens that its cases decode."""

    clause: str
    cases: Sequence[str]
    faults: Sequence[str]
    goldens: Sequence[str]


class Recorder(Engine):
    """The released engine, which remembers what bytes it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: set[bytes] = set()
        if self.plans is not None:
            decode = self.plans.from_bytes
            self.plans.from_bytes = self._noting(decode)  # type: ignore[method-assign]

    def _noting(self, decode: Callable[..., Any]) -> Callable[..., Any]:
        def noting(layer: Any, session: Any, data: bytes) -> Any:
            self.given.add(data)
            return decode(layer, session, data)

        return noting

    def from_bytes(self, data: bytes, session: Any | None = None) -> Any:
        self.given.add(data)
        return super().from_bytes(data, session)


def trace(cases: Sequence[Case], faults: Sequence[Fault], store: Store) -> list[Trace]:
    """One a clause, in the order of the spec; runs the cases of the goldens in this process."""
    read = _read(cases, store)
    return [
        Trace(
            clause,
            [case.id for case in cases if case.clause == clause],
            [fault.name for fault in faults if clause in fault.breaks],
            sorted(read.get(clause, ())),
        )
        for clause in CLAUSES
    ]


def _read(cases: Sequence[Case], store: Store) -> Mapping[str, set[str]]:
    """Return the goldens that the cases of each clause have decoded."""
    child.open_subject("tasks.mutation.trace:Recorder", ())
    subject: Any = current.subject()
    files = {store.data(golden): golden.file for golden in store.manifest.goldens}
    found: dict[str, set[str]] = {}
    for case in cases:
        if CLAUSES[case.clause].chapter.startswith(GOLDEN):
            subject.given.clear()
            child.run(case.module, case.function, case.arguments)
            read = subject.given & files.keys()
            found.setdefault(case.clause, set()).update(files[data] for data in read)
    return found


def gaps(traces: Sequence[Trace], store: Store) -> Iterator[str]:
    """Yield what is missing, in either direction, a sentence each."""
    for one in traces:
        if not one.cases:
            yield f"{one.clause}: no case shows it"
        if not one.faults:
            yield f"{one.clause}: no fault breaks it"
    read = {golden for one in traces for golden in one.goldens}
    for golden in store.manifest.goldens:
        if golden.file not in read:
            yield f"{golden.file}: no case decodes it"
    kept = {golden.case for golden in store.manifest.goldens}
    for case in CASES.keys() - kept:
        yield f"{case}: has no golden"
