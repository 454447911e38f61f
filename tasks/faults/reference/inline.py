"""Faults of INLINE: round trips that change an expression."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, definitions, encoder, expressions
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.expressions import Expression
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.sessions import Session
from conformance.subjects.reference.tree import Literal, Tree
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("INLINE-11")
class RegisteredStandsIn(Parts):
    """Use a registered UDF of the same name and kind instead of the inline one."""

    class Definitions(definitions.Definitions):
        def inline(
            self, family: Family, name: str, data: bytes, session: Session
        ) -> Function | None:
            registered = session.shared.registry.functions.get((family, name))
            return registered or super().inline(family, name, data, session)


@breaks("INLINE-12")
class UnpicklableLeavesByName(Parts):
    """Write a UDF by name if its callable cannot be pickled."""

    class Codec(codec.Codec):
        def write(self, function: Function, session: Session) -> bytes | None:
            try:
                return super().write(function, session)
            except ExecutionError:
                return None


@breaks("INLINE-12")
class RegisteredUdfsLeaveByName(Parts):
    """Write a UDF by name if it cannot be pickled and its sender has registered it."""

    class Codec(codec.Codec):
        def write(self, function: Function, session: Session) -> bytes | None:
            try:
                return super().write(function, session)
            except ExecutionError:
                known = session.shared.registry.functions
                if known.get((function.family, function.name)) is not function:
                    raise
                return None


@breaks("INLINE-13", "STRICT-07")
class PicklesGoByTheSlots(Parts):
    """Unpickle a pickle in ``from_bytes``, with the session in the slot."""

    def from_bytes(self, data: bytes, session: Session | None = None) -> Expression:
        given = None if expressions.is_pickle(data) else session
        return super().from_bytes(data, given)


@breaks("INLINE-18")
class UdfsAnswerForBuiltins(Parts):
    """Resolve a built-in function to a registered UDF of the same name."""

    class Definitions(definitions.Definitions):
        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            registry = session.shared.registry
            if mark == self.builtin:
                return registry.any(family, name)
            return super().by_name(family, name, mark, session)


@breaks("INLINE-23")
class HalfFloatsWiden(Parts):
    """Write a 16-bit float literal as a 32-bit one."""

    class Encoder(encoder.Encoder):
        def node(self, tree: Tree) -> bytes:
            if isinstance(tree, Literal) and tree.value.type == pa.float16():
                tree = replace(tree, value=tree.value.cast(pa.float32()))
            return super().node(tree)
