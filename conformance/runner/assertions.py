"""Assertions for conformance cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn
from unittest.mock import Mock

from conformance.catalogue.entry import Entry
from conformance.catalogue.query import Query
from conformance.golden.cases import GoldenCase
from conformance.golden.cloudpickle_state import clear_class_tracker
from conformance.hostile.canary import FULL_TRACE
from conformance.spec.kinds import PROGRAMMING_ERRORS, Kind
from conformance.subjects.interface import Expression, Session, Subject


class Mismatch(AssertionError):
    """The subject broke the clause: the kind of failure, what was expected, what was seen."""

    def __init__(self, kind: Kind, message: str, expected: object = "", seen: object = "") -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.expected = expected if isinstance(expected, str) else repr(expected)
        self.seen = seen if isinstance(seen, str) else repr(seen)


def assert_equal(seen: object, expected: object, what: str, *, kind: Kind = "wrong-value") -> None:
    """Assert that ``seen`` equals ``expected``, which a person wrote down."""
    if seen != expected:
        raise Mismatch(kind, f"{what}: not the expected value", expected, seen)


def assert_result(seen: object, expected: object, what: str) -> None:
    """Assert that a function or query gave the result that a person wrote down."""
    assert_equal(seen, expected, what, kind="wrong-result")


def assert_true(
    holds: bool, message: str, seen: object = "", *, kind: Kind = "wrong-value"
) -> None:
    """Assert that ``holds`` is true; ``message`` describes the failure."""
    if not holds:
        raise Mismatch(kind, message, seen=seen)


def assert_control(holds: bool, message: str, seen: object = "") -> None:
    """Assert that the control arm ``holds``: without it the case shows nothing."""
    assert_true(holds, message, seen, kind="inconclusive")


def assert_nothing_unpickled(events: Sequence[str], what: str) -> None:
    """Assert that a canary or a guard recorded no event."""
    if events:
        raise Mismatch(
            "unpickled",
            f"{what}: the payload was unpickled",
            "no pickle activity",
            ", ".join(events),
        )


def assert_not_called(loads: Mock, what: str) -> None:
    """Assert that a spy on ``cloudpickle.loads`` saw no call."""
    calls = [f"cloudpickle.loads, {loads.call_count} times"] if loads.call_count else []
    assert_nothing_unpickled(calls, what)


def assert_unpickled(events: Sequence[str], what: str) -> None:
    """Assert, as the control arm of a case, that a canary recorded all of its events."""
    if list(events) != FULL_TRACE:
        raise Mismatch(
            "inconclusive",
            f"{what}: the payload was not unpickled, so that nothing is shown",
            ", ".join(FULL_TRACE),
            ", ".join(events) or "no pickle activity",
        )


def assert_same_bytes(seen: bytes, expected: bytes, what: str) -> None:
    """Assert that the bytes are the same; the message names the place where they first differ."""
    if seen != expected:
        from conformance.wire import difference, hexdump

        message = f"{what}: {difference(expected, seen)}"
        raise Mismatch("bytes-differ", message, hexdump(expected), hexdump(seen))


def assert_raises(call: Callable[[], Any], what: str, *, any_error: bool = False) -> Exception:
    """``call`` must raise an ``Exception``; what is no ``Exception`` (a panic) passes through.

    One of ``PROGRAMMING_ERRORS`` counts for ``any_error`` only.
    """
    try:
        result = call()
    except Exception as error:
        if isinstance(error, PROGRAMMING_ERRORS) and not any_error:
            seen = f"{type(error).__name__}: {error}"
            raise Mismatch(
                "programming-error",
                f"{what}: raised {type(error).__name__}, which indicates a bug and not a refusal",
                "a refusal",
                seen,
            ) from error
        return error
    raise Mismatch("no-error", f"{what}: no error", "an error", f"the result {result!r}")


def assert_succeeds(call: Callable[[], Any], what: str) -> Any:
    """``call`` must raise nothing; its result is handed on."""
    try:
        return call()
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
        raise Mismatch("unexpected-error", f"{what}: an error", "no error", seen) from error


def assert_error_kind(subject: Subject, error: Exception, kind: str, what: str) -> None:
    """``error`` must be of the engine's ``kind``, such as ``Execution``."""
    seen = f"{type(error).__name__}: {error}"
    if subject.error_kind(error) != kind:
        raise Mismatch("wrong-error-kind", f"{what}: not an {kind} error", f"an {kind} error", seen)


def assert_message_contains(error: Exception, parts: Iterable[str], what: str) -> None:
    """Assert that the text of ``error`` contains every one of ``parts``."""
    for part in parts:
        if part not in str(error):
            seen = f"{type(error).__name__}: {error}"
            fail_message_lacks(part, what, seen)


def assert_refused(
    subject: Subject, call: Callable[[], Any], *, kind: str, parts: Iterable[str], what: str
) -> None:
    """``call`` must raise an error of ``kind`` whose text holds every one of ``parts``."""
    error = assert_raises(call, what)
    assert_error_kind(subject, error, kind, what)
    assert_message_contains(error, parts, what)


def assert_unresolved(call: Callable[[], Any], name: str, what: str) -> None:
    """``call`` must raise an error that says ``name``, in whatever quotes and escapes."""
    error = assert_raises(call, what)
    if without_escapes(name) not in without_escapes(str(error)):
        seen = f"{type(error).__name__}: {error}"
        fail_message_lacks(name, what, seen)


def fail_message_lacks(part: str, what: str, seen: str) -> NoReturn:
    """Raise the failure of an error whose text ``seen`` lacks ``part``."""
    message = f"{what}: the error message does not contain {part!r}"
    raise Mismatch("message-lacks", message, f"... {part} ...", seen)


def without_escapes(text: str) -> str:
    """``text`` without quotes and backslashes, with which errors escape a name."""
    return re.sub(r"[\\\"]", "", text)


def assert_entry_result(
    subject: Subject, expr: Expression, entry: Entry, session: Session | None = None
) -> None:
    """``expr`` must give the entry's hand-written result."""
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
    """Assert that ``data`` decodes on ``session``, runs, and gives the result of ``case``."""
    clear_class_tracker()  # otherwise a class from other bytes of this case may be reused
    read = case.decode(subject, data, session)
    if not isinstance(case.of, Query):
        assert_entry_result(subject, read, case.of, session)
        return
    assert subject.plans is not None
    table = subject.plans.execute(session, read)
    assert_result(case.of.result_rows(table), case.of.result, f"the result of {case.id}")
