"""What a case says when it holds its subject to a clause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn
from unittest.mock import Mock

from conformance.fuzz.canary import FULL_TRACE
from conformance.spec.kinds import Kind
from conformance.subjects.interface import Subject


class Mismatch(AssertionError):
    """The subject broke the clause: the kind of failure, what was expected, what was seen."""

    def __init__(self, kind: Kind, message: str, expected: object = "", seen: object = "") -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.expected = expected if isinstance(expected, str) else repr(expected)
        self.seen = seen if isinstance(seen, str) else repr(seen)


def equal(seen: object, expected: object, what: str, *, kind: Kind = "wrong-value") -> None:
    """Assert that ``seen`` equals ``expected``, which a person wrote down."""
    if seen != expected:
        raise Mismatch(kind, f"{what}: not the expected value", expected, seen)


def result(seen: object, expected: object, what: str) -> None:
    """Assert that a function or query gave the result that a person wrote down."""
    equal(seen, expected, what, kind="wrong-result")


def true(holds: bool, message: str, seen: object = "", *, kind: Kind = "wrong-value") -> None:
    """Assert that ``holds`` is true; ``message`` describes the failure."""
    if not holds:
        raise Mismatch(kind, message, seen=seen)


def control(holds: bool, message: str, seen: object = "") -> None:
    """Assert that the control arm ``holds``: without it the case shows nothing."""
    true(holds, message, seen, kind="inconclusive")


def nothing_unpickled(events: Sequence[str], what: str) -> None:
    """Assert that a canary or a guard recorded no event."""
    if events:
        raise Mismatch(
            "unpickled",
            f"{what}: the payload was unpickled",
            "no pickle activity",
            ", ".join(events),
        )


def not_called(loads: Mock, what: str) -> None:
    """Assert that a spy on ``cloudpickle.loads`` saw no call."""
    calls = [f"cloudpickle.loads, {loads.call_count} times"] if loads.call_count else []
    nothing_unpickled(calls, what)


def unpickled(events: Sequence[str], what: str) -> None:
    """Assert, as the control arm of a case, that a canary recorded all of its events."""
    if list(events) != FULL_TRACE:
        raise Mismatch(
            "inconclusive",
            f"{what}: the payload was not unpickled, so that nothing is shown",
            ", ".join(FULL_TRACE),
            ", ".join(events) or "no pickle activity",
        )


def same_bytes(seen: bytes, expected: bytes, what: str) -> None:
    """The bytes must be the same; the message names the place where they first differ."""
    if seen != expected:
        from conformance.wire import difference, hexdump

        message = f"{what}: {difference(expected, seen)}"
        raise Mismatch("bytes-differ", message, hexdump(expected), hexdump(seen))


BUGS = (AttributeError, TypeError, NameError, AssertionError, ImportError)
"""What a typo in the subject raises; a subject that refuses raises something else."""


def raises(call: Callable[[], Any], what: str, *, any_error: bool = False) -> Exception:
    """``call`` must raise an ``Exception``; what is no ``Exception`` (a panic) passes through.

    One of ``BUGS`` counts for ``any_error`` only.
    """
    try:
        result = call()
    except Exception as error:
        if isinstance(error, BUGS) and not any_error:
            seen = f"{type(error).__name__}: {error}"
            raise Mismatch(
                "programming-error",
                f"{what}: raised {type(error).__name__}, which indicates a bug and not a refusal",
                "a refusal",
                seen,
            ) from error
        return error
    raise Mismatch("no-error", f"{what}: no error", "an error", f"the result {result!r}")


def succeeds(call: Callable[[], Any], what: str) -> Any:
    """``call`` must raise nothing; its result is handed on."""
    try:
        return call()
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
        raise Mismatch("unexpected-error", f"{what}: an error", "no error", seen) from error


def is_kind(subject: Subject, error: Exception, kind: str, what: str) -> None:
    """``error`` must be of the engine's ``kind``, such as ``Execution``."""
    seen = f"{type(error).__name__}: {error}"
    if subject.error_kind(error) != kind:
        raise Mismatch("wrong-error-kind", f"{what}: not an {kind} error", f"an {kind} error", seen)


def says(error: Exception, parts: Iterable[str], what: str) -> None:
    """The text of ``error`` must hold every one of ``parts``."""
    for part in parts:
        if part not in str(error):
            seen = f"{type(error).__name__}: {error}"
            lacks(part, what, seen)


def refused(
    subject: Subject, call: Callable[[], Any], *, kind: str, parts: Iterable[str], what: str
) -> None:
    """``call`` must raise an error of ``kind`` whose text holds every one of ``parts``."""
    error = raises(call, what)
    is_kind(subject, error, kind, what)
    says(error, parts, what)


def unresolved(call: Callable[[], Any], name: str, what: str) -> None:
    """``call`` must raise an error that says ``name``, in whatever quotes and escapes."""
    error = raises(call, what)
    if plain(name) not in plain(str(error)):
        seen = f"{type(error).__name__}: {error}"
        lacks(name, what, seen)


def lacks(part: str, what: str, seen: str) -> NoReturn:
    """Raise the failure of an error whose text ``seen`` lacks ``part``."""
    message = f"{what}: the error message does not contain {part!r}"
    raise Mismatch("message-lacks", message, f"... {part} ...", seen)


def plain(text: str) -> str:
    """``text`` without quotes and backslashes, with which errors escape a name."""
    return re.sub(r"[\\\"]", "", text)
