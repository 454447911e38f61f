"""Whether what was decoded gives the result that a person wrote down."""

from __future__ import annotations

from conformance import check
from conformance.catalogue.entry import Entry
from conformance.catalogue.query import Query
from conformance.golden.cases import Case
from conformance.golden.trackers import forget
from conformance.subjects.interface import Expression, Session, Subject


def holds(subject: Subject, expr: Expression, entry: Entry, session: Session | None = None) -> None:
    """``expr`` must give the entry's hand-written result."""
    values = subject.evaluate(
        subject.session() if session is None else session,
        expr,
        entry.tables(),
        aggregate=entry.aggregates,
        group_by=entry.group_by,
    )
    seen = values.to_pylist()
    if entry.group_by:
        seen = [list(group.values()) for group in seen]
    check.result(seen, entry.result, f"the result of {entry.id}")
    if entry.result_type is not None and not entry.group_by:
        check.result(values.type, entry.result_type, f"the type of the result of {entry.id}")


def case_holds(case: Case, subject: Subject, data: bytes, session: Session) -> None:
    """``data`` must decode on ``session``, run, and give the result of ``case``."""
    forget()  # else a class of other bytes of this case may stand in
    read = case.read(subject, data, session)
    if not isinstance(case.of, Query):
        holds(subject, read, case.of, session)
        return
    assert subject.plans is not None
    table = subject.plans.execute(session, read)
    check.result(case.of.read(table), case.of.result, f"the result of {case.id}")
