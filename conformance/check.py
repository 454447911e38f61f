"""What a case says when it holds its subject to a clause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from conformance.subjects.interface import Subject


class Mismatch(AssertionError):
    """The subject broke the clause: what was expected, and what was seen."""

    def __init__(self, message: str, expected: object = "", seen: object = "") -> None:
        super().__init__(message)
        self.expected = expected if isinstance(expected, str) else repr(expected)
        self.seen = seen if isinstance(seen, str) else repr(seen)


def equal(seen: object, expected: object, what: str) -> None:
    """``seen`` must equal ``expected``, which a person wrote down."""
    if seen != expected:
        raise Mismatch(f"{what}: not what is expected", expected, seen)


def true(holds: bool, message: str, seen: object = "") -> None:
    """``holds`` must be true; ``message`` says what went wrong where it is not."""
    if not holds:
        raise Mismatch(message, seen=seen)


def same_bytes(seen: bytes, expected: bytes, what: str) -> None:
    """The bytes must be the same; the message names the place where they first differ."""
    if seen != expected:
        from conformance.wire import difference, hexdump

        raise Mismatch(f"{what}: {difference(expected, seen)}", hexdump(expected), hexdump(seen))


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
            raise Mismatch(f"{what}: a bug, no refusal", "a refusal", seen) from error
        return error
    raise Mismatch(f"{what}: no error", "an error", f"no error; the result is {result!r}")


def succeeds(call: Callable[[], Any], what: str) -> Any:
    """``call`` must raise nothing; its result is handed on."""
    try:
        return call()
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
        raise Mismatch(f"{what}: an error", "no error", seen) from error


def is_kind(subject: Subject, error: Exception, kind: str, what: str) -> None:
    """``error`` must be of the engine's ``kind``, such as ``Execution``."""
    seen = f"{type(error).__name__}: {error}"
    if subject.error_kind(error) != kind:
        raise Mismatch(f"{what}: not an {kind} error", f"an {kind} error", seen)


def says(error: Exception, parts: Iterable[str], what: str) -> None:
    """The text of ``error`` must hold every one of ``parts``."""
    for part in parts:
        if part not in str(error):
            seen = f"{type(error).__name__}: {error}"
            raise Mismatch(f"{what}: the error does not say {part!r}", f"... {part} ...", seen)


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
        raise Mismatch(f"{what}: the error does not say {name!r}", f"... {name} ...", seen)


def plain(text: str) -> str:
    """``text`` without quotes and backslashes, with which errors escape a name."""
    return re.sub(r"[\\\"]", "", text)
