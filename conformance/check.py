"""What a case says when it holds its subject to a clause."""

from __future__ import annotations

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

        raise Mismatch(
            f"{what}: {difference(expected, seen)}", hexdump(expected), hexdump(seen)
        )


def raises(call: Callable[[], Any], what: str) -> Exception:
    """``call`` must raise an ``Exception``; what is no ``Exception`` (a panic) passes through."""
    try:
        result = call()
    except Exception as error:  # noqa: BLE001 - the caller judges the error by kind and text
        return error
    raise Mismatch(f"{what}: no error", "an error", f"no error; the result is {result!r}")


def refused(
    subject: Subject, call: Callable[[], Any], *, kind: str, says: Iterable[str], what: str
) -> Exception:
    """``call`` must raise an error of the engine's ``kind`` whose text holds every part of ``says``."""
    error = raises(call, what)
    seen = f"{type(error).__name__}: {error}"
    if subject.error_kind(error) != kind:
        raise Mismatch(f"{what}: not an {kind} error", f"an {kind} error", seen)
    for part in says:
        if part not in str(error):
            raise Mismatch(f"{what}: the error does not say {part!r}", f"... {part} ...", seen)
    return error
