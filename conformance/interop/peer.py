"""Write and read items with the installed engine.

This runs in the peer's environment. Writing and reading use different processes, so that the
reader has never seen the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from conformance.catalogue.source import compile_udf
from conformance.golden.cases import CASES, GoldenCase, has_ids
from conformance.interop.rules import Corpus, Form, Item
from conformance.runner.assertions import (
    Mismatch,
)
from conformance.runner.results import assert_case_result
from conformance.subjects import Subject, installed_engine
from conformance.subjects.interface import Session
from conformance.util.kinds import indicates_bug
from conformance.util.versions import is_free_threaded, with_platform


def write() -> tuple[Mapping[str, str], Corpus]:
    """Return the versions, and the catalogue encoded in every form that the engine supports."""
    subject = installed_engine()
    strict = subject.with_inlining(subject.session(), False)
    items: dict[Item, bytes | str] = {}
    for case in CASES.values():
        for form, sender in _forms(case, strict):
            data = _written(case, subject, sender)
            if data is not None:
                items[(form, case.layer), case.id] = data
    return _versions(subject), items


def _versions(subject: Subject) -> dict[str, str]:
    """Return what is installed; a Python without the GIL is another build of its version."""
    found = with_platform(subject.versions())
    if is_free_threaded():
        found["python"] += "+freethreaded"
    return found


def _written(case: GoldenCase, subject: Subject, sender: Session | None) -> bytes | str | None:
    try:
        return case.encode(subject, sender)
    except Exception as error:  # noqa: BLE001 - any error is an outcome
        return f"not written: {type(error).__name__}: {error}"


def _forms(case: GoldenCase, strict: Session) -> Iterator[tuple[Form, Session | None]]:
    yield ("chain" if case.codec_id else "inline"), None
    # By name, each name must identify one function.
    names = {(udf.family, udf.name) for udf in case.of.udfs}
    if case.codec_id is None and len(names) == len(case.of.udfs):
        yield "by name", strict


@cache
def _subject() -> Subject:
    return installed_engine()


def read(items: Sequence[tuple[Item, bytes]]) -> list[tuple[str, str]]:
    """Return the outcome of each item.

    The outcome is ``works``, ``wrong result``, ``error`` or ``bug``, with a text.
    """
    return [_read(_subject(), form, CASES[id_], data) for ((form, _), id_), data in items]


def receiving_session(subject: Subject, session: Session, form: Form, case: GoldenCase) -> Session:
    """Return ``session`` with the UDFs or the codec that it needs to read ``case``."""
    if form == "by name":
        for udf in case.of.udfs:
            function = subject.function(udf, compile_udf(udf, subject.bases))
            subject.register(session, function)
    elif has_ids(subject):
        return case.session(subject, session)
    return session


def _read(subject: Subject, form: Form, case: GoldenCase, data: bytes) -> tuple[str, str]:
    session = subject.session()
    try:
        assert_case_result(case, subject, data, receiving_session(subject, session, form, case))
    except Mismatch as error:
        return "wrong result", f"{error}: {error.seen}"
    except Exception as error:  # noqa: BLE001 - any error is an outcome
        return "bug" if indicates_bug(error) else "error", f"{type(error).__name__}: {error}"
    return "works", ""
