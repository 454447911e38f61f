"""Assertions for conformance cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from conformance.runner.differences import first_difference
from conformance.subjects.external.errors import ProgramError
from conformance.subjects.interface import Subject
from conformance.util.kinds import Kind, indicates_bug

if TYPE_CHECKING:
    from unittest.mock import Mock  # workers import this module: it must stay quick


class Mismatch(AssertionError):
    """A violation of the clause: the kind of failure, the expected and the observed value.

    ``given`` is what the case gave to the subject, as texts by name.
    """

    def __init__(self, kind: Kind, message: str, expected: object = "", seen: object = "") -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.expected = expected if isinstance(expected, str) else repr(expected)
        self.seen = seen if isinstance(seen, str) else repr(seen)
        self.given: Mapping[str, str] = {}


@contextmanager
def given(texts: Callable[[], Mapping[str, str]]) -> Iterator[None]:
    """Add what the subject was given to a failure: ``done``, ``session`` and ``bytes``."""
    try:
        yield
    except (Mismatch, ProgramError) as error:
        error.given = texts()
        raise


def assert_equal(seen: object, expected: object, what: str, *, kind: Kind = "wrong-value") -> None:
    """Assert that ``seen`` equals ``expected``, a value written by hand."""
    if (difference := first_difference(seen, expected)) is not None:
        place = difference and f": {difference}"
        raise Mismatch(kind, f"{what}: not the expected value{place}", expected, seen)


def assert_result(seen: object, expected: object, what: str) -> None:
    """Assert that a function or query returned the result that was written by hand."""
    assert_equal(seen, expected, what, kind="wrong-result")


def assert_true(
    holds: bool, message: str, seen: object = "", *, kind: Kind = "wrong-value"
) -> None:
    """Assert that ``holds`` is true, and not just anything that counts as true, as an ``Expr``.

    ``message`` describes the failure.
    """
    if holds is not True:
        raise Mismatch(kind, message, seen=seen)


def assert_control(holds: bool, message: str, seen: object = "") -> None:
    """Assert that the control arm ``holds``; otherwise the case shows nothing."""
    assert_true(holds, message, seen, kind="inconclusive")


def assert_nothing_unpickled(events: Sequence[str], what: str) -> None:
    """Assert that a canary or an unpickle guard recorded no event."""
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
    """Assert, as a control arm, that a canary was called, by whichever unpickler."""
    from conformance.hostile.canary import CALLED, FULL_TRACE

    if CALLED not in events:
        raise Mismatch(
            "inconclusive",
            f"{what}: the payload was not unpickled, so that the case shows nothing",
            ", ".join(FULL_TRACE),
            ", ".join(events) or "no pickle activity",
        )


def assert_same_bytes(seen: bytes, expected: bytes, what: str) -> None:
    """Assert that the bytes are equal. The message names the first difference."""
    if seen != expected:
        from conformance.wire import difference, hexdump

        message = f"{what}: {difference(expected, seen)}"
        raise Mismatch("bytes-differ", message, hexdump(expected), hexdump(seen))


def assert_raises(call: Callable[[], Any], what: str, *, any_error: bool = False) -> Exception:
    """Assert that ``call`` raises an ``Exception``, and return it; a panic is not caught.

    An error that indicates a bug is accepted only with ``any_error``.
    """
    try:
        result = call()
    except Exception as error:
        if indicates_bug(error) and not any_error:
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
    """Assert that ``call`` raises no ``Exception``, and return its result."""
    try:
        return call()
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
        raise Mismatch("unexpected-error", f"{what}: an error", "no error", seen) from error


def assert_error_kind(subject: Subject, error: Exception, kind: str, what: str) -> None:
    """Assert that ``error`` is of the engine's ``kind``, such as ``Execution``."""
    seen = f"{type(error).__name__}: {error}"
    if subject.error_kind(error) != kind:
        raise Mismatch("wrong-error-kind", f"{what}: not an {kind} error", f"an {kind} error", seen)


def assert_message_contains(error: Exception, parts: Iterable[str], what: str) -> None:
    """Assert that the text of ``error`` contains all ``parts``."""
    for part in parts:
        if part not in str(error):
            seen = f"{type(error).__name__}: {error}"
            fail_message_lacks(part, what, seen)


def assert_refused(
    subject: Subject, call: Callable[[], Any], *, kind: str, parts: Iterable[str], what: str
) -> None:
    """Assert that ``call`` raises an error of ``kind`` whose text contains all ``parts``."""
    error = assert_raises(call, what)
    assert_error_kind(subject, error, kind, what)
    assert_message_contains(error, parts, what)


def assert_unresolved(call: Callable[[], Any], name: str, what: str) -> None:
    """Assert that ``call`` raises an error that names ``name``, in any quotes and escapes."""
    assert_names(assert_raises(call, what), name, what)


def assert_names(error: Exception, name: str, what: str) -> None:
    """Assert that the text of ``error`` contains ``name``, in any quotes and escapes."""
    if not is_named(error, name):
        fail_message_lacks(name, what, f"{type(error).__name__}: {error}")


def is_named(error: Exception, name: str) -> bool:
    """Return whether the text of ``error`` contains ``name`` as a whole, not as part of a word."""
    pattern = re.escape(without_escapes(name))
    start, end = (
        (r"(?<!\w)" if name[:1].isalnum() else ""),
        (r"(?!\w)" if name[-1:].isalnum() else ""),
    )
    return re.search(f"{start}{pattern}{end}", without_escapes(str(error))) is not None


def assert_names_versions(error: Exception, versions: Iterable[str], what: str) -> None:
    """Assert that the text of ``error`` contains all ``versions``, such as 3.12, in any words."""
    for version in versions:
        if not re.search(rf"(?<![\d.]){re.escape(version)}(?!\d)", str(error)):
            fail_message_lacks(version, what, f"{type(error).__name__}: {error}")


def fail_message_lacks(part: str, what: str, seen: str) -> NoReturn:
    """Raise the ``Mismatch`` for an error whose text ``seen`` lacks ``part``."""
    message = f"{what}: the error message does not contain {part!r}"
    raise Mismatch("message-lacks", message, f"... {part} ...", seen)


def without_escapes(text: str) -> str:
    """Return ``text`` without quotes and backslashes, with which errors escape a name."""
    return re.sub(r"[\\\"]", "", text)
