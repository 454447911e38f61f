"""Writers and readers of the definition of a called function."""

from __future__ import annotations

from conformance.catalogue.nodes import Family
from conformance.subjects.reference.components import Components
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.sessions import Session


class Definitions:
    """A session's own codec first, then its chain, then its registry."""

    python = 1
    builtin = 2
    """The marks of a call: that it is of a UDF, or of a built-in function. The engine has none."""

    def __init__(self, subject: Components) -> None:
        self.subject = subject

    def write(self, function: Function | Builtin, session: Session) -> bytes | None:
        """Return the definition of a function, ``None`` where it is sent by name."""
        if isinstance(function, Builtin):
            return None
        own = self.subject.codec.write(function, session)
        return self.subject.chain.write(function, session) if own is None else own

    def mark(self, function: Function | Builtin) -> int:
        """Return the mark of a call."""
        return self.builtin if isinstance(function, Builtin) else self.python

    def read(
        self, family: Family, name: str, data: bytes | None, mark: int, session: Session
    ) -> Function | Builtin:
        """Return the function that a call names or defines."""
        found = None if data is None else self.inline(family, name, data, session)
        return self.by_name(family, name, mark, session) if found is None else found

    def inline(self, family: Family, name: str, data: bytes, session: Session) -> Function | None:
        """Return the UDF in a definition, ``None`` where no codec knows it."""
        if self.subject.codec.owns(family, data):
            return self.subject.codec.read(family, name, data, session)
        if self.subject.chain.owns(data):
            return self.subject.chain.read(family, name, data, session)
        return None

    def by_name(self, family: Family, name: str, mark: int, session: Session) -> Function | Builtin:
        """Return the function of this kind and name. Without a mark.

        A UDF has precedence over a built-in function.
        """
        registry = session.shared.registry
        if mark == self.python:
            return registry.python(family, name)
        if mark == self.builtin:
            return registry.builtin(family, name)
        return registry.any(family, name)
