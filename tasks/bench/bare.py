"""Decode and evaluate items in a peer's process, and do nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from conformance.catalogue.entry import Entry
from conformance.golden.cases import CASES, GoldenCase
from conformance.golden.cloudpickle_state import clear_class_tracker
from conformance.interop.peer import receiving_session
from conformance.interop.rules import Form, Item
from conformance.subjects import Subject, installed_engine

Reader = Callable[[bytes], object]


def ready() -> None:
    """Do nothing; the answer shows that the process has started and imported everything."""


def run(items: Sequence[tuple[Item, bytes]]) -> tuple[float, int]:
    """Return the seconds to decode and evaluate all items, and how many did not fail.

    Sessions, registrations and tables are made before, once per case.
    """
    subject = installed_engine()
    readers: dict[tuple[Form, str], Reader] = {}
    seconds, worked = 0.0, 0
    for ((form, _), id_), data in items:
        if (form, id_) not in readers:
            readers[form, id_] = _reader(subject, form, CASES[id_])
        read = readers[form, id_]
        clear_class_tracker()
        start = time.perf_counter()
        try:
            read(data)
            worked += 1
        except Exception:  # noqa: BLE001 - refusals take time as well
            pass
        seconds += time.perf_counter() - start
    return seconds, worked


def _reader(subject: Subject, form: Form, case: GoldenCase) -> Reader:
    session, of = receiving_session(subject, subject.session(), form, case), case.of
    if isinstance(of, Entry):
        tables, aggregate, group_by = of.record_batches(), of.is_aggregate, of.group_by

        def expression(data: bytes) -> Any:
            expr = subject.from_bytes(data, session)
            return subject.evaluate(session, expr, tables, aggregate=aggregate, group_by=group_by)

        return expression

    plans = subject.plans
    assert plans is not None
    return lambda data: plans.execute(session, case.decode(subject, data, session))
