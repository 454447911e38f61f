"""Expressions: a tree and the subject that it belongs to, and how they are pickled."""

from __future__ import annotations

import pickletools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Protocol

from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.libraries import Libraries
from conformance.subjects.reference.sessions import Session
from conformance.subjects.reference.tree import Tree


class Owner(Protocol):
    """The subject of expressions: ``subject.Reference``."""

    @property
    def libraries(self) -> Libraries:
        """The libraries that pickle in threads of their own."""

    @classmethod
    def newest(cls) -> Owner:
        """Return the newest subject of this very class in this process."""

    def display(self, expr: Expression) -> str:
        """Return a text of the expression."""

    def decode_tree(self, data: bytes, session: Session) -> Tree:
        """Return the tree in ``data``."""

    def to_pickle_bytes(self, expr: Expression) -> bytes:
        """Return the bytes that a pickle of an expression holds."""

    def from_pickle_bytes(self, data: bytes) -> Expression:
        """Return the expression in the bytes that a pickle holds."""


class Expression:
    """An expression. ``pickle`` and ``copy`` go through the codec of its own subject."""

    def __init__(self, subject: Owner, tree: Tree) -> None:
        self.subject = subject
        self.tree = tree

    def __reduce__(self) -> Any:
        """Return what restores the expression: the class of its subject, and its bytes."""
        return restore, (type(self.subject), self.subject.to_pickle_bytes(self))

    def __repr__(self) -> str:
        return f"<{self.subject.display(self)}>"


class LazyExpression(Expression):
    """An expression that is decoded when it is first asked for: an error is then the asker's."""

    def __init__(self, subject: Owner, data: bytes, session: Session, pooled: bool) -> None:
        self.subject = subject
        self.data = data
        self.session = session
        self.pooled = pooled

    @cached_property
    def tree(self) -> Tree:  # type: ignore[override]
        """The tree in the bytes. Whatever stops the decoding is an error."""
        if self.pooled:
            self.subject.libraries.try_in_fork(self.decode)
        with interrupts_as_errors():
            return self.decode()

    def decode(self) -> Tree:
        """Return the tree in the bytes."""
        return self.subject.decode_tree(self.data, self.session)


@contextmanager
def interrupts_as_errors() -> Iterator[None]:
    """Raise an ``Exception`` that names any other exception."""
    try:
        yield
    except Exception:
        raise
    except BaseException as stopped:  # noqa: BLE001 - reported to the driver
        raise ExecutionError(f"{type(stopped).__name__} while an expression was decoded") from None


def restore(kind: type[Owner], data: bytes) -> Any:
    """Return the expression in a pickle, decoded by this process's subject of this class."""
    subject = kind.newest()
    if not subject.libraries.classify_read():
        return subject.from_pickle_bytes(data)
    with interrupts_as_errors():
        return subject.from_pickle_bytes(data)


def is_pickle(data: bytes) -> bool:
    """Return whether these bytes begin as a pickle; no expression does."""
    return data[:1] in (b"\x80", b"c")


def extract_bytes(data: bytes) -> bytes:
    """Return the bytes of the expression that a pickle holds, which is read and not run."""
    try:
        arguments = [arg for _, arg, _ in pickletools.genops(data)]
    except Exception as error:  # noqa: BLE001 - it raises whatever it stumbles over
        raise ExecutionError(f"these bytes hold no pickle: {error}") from None
    module, name = restore.__module__, restore.__qualname__
    if f"{module} {name}" not in arguments and not {module, name} <= set(
        filter(_is_text, arguments)
    ):
        raise ExecutionError("these bytes hold another pickle than that of an expression")
    whole = [arg for arg in arguments if isinstance(arg, bytes)]
    if whole:
        return whole[-1]
    if "latin1" in arguments[1:]:  # how protocols write bytes that have none
        text = arguments[: arguments.index("latin1")]
        return str(next(filter(_is_text, reversed(text)), "")).encode("latin1", "replace")
    raise ExecutionError("these bytes hold the pickle of an expression without its bytes")


def _is_text(arg: object) -> bool:
    return isinstance(arg, str)
