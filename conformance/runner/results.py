"""Assertions about the results of catalogue entries and golden cases."""

from __future__ import annotations

from conformance.catalogue.entry import Entry
from conformance.catalogue.query import Query
from conformance.golden.cases import GoldenCase
from conformance.golden.cloudpickle_state import clear_class_tracker
from conformance.runner.assertions import assert_result
from conformance.subjects.interface import Expression, Session, Subject


def assert_entry_result(
    subject: Subject, expr: Expression, entry: Entry, session: Session | None = None
) -> None:
    """Assert that ``expr`` evaluates to the entry's hand-written result."""
    values = subject.evaluate(
        subject.session() if session is None else session,
        expr,
        entry.record_batches(),
        aggregate=entry.is_aggregate,
        group_by=entry.group_by,
    )
    seen = values.to_pylist()
    if entry.group_by:
        seen = [list(group.values()) for group in seen]
    assert_result(seen, entry.result, f"the result of {entry.id}")
    if entry.result_type is not None and not entry.group_by:
        assert_result(values.type, entry.result_type, f"the type of the result of {entry.id}")


def assert_case_result(case: GoldenCase, subject: Subject, data: bytes, session: Session) -> None:
    """Assert that ``data`` decodes on ``session`` and evaluates to the result of ``case``."""
    clear_class_tracker()  # cloudpickle would reuse classes from other bytes of this case
    read = case.decode(subject, data, session)
    if not isinstance(case.of, Query):
        assert_entry_result(subject, read, case.of, session)
        return
    assert subject.plans is not None
    table = subject.plans.execute(session, read)
    assert_result(case.of.result_rows(table), case.of.result, f"the result of {case.id}")
