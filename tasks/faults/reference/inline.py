"""Faults of INLINE: round trips that change an expression."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pyarrow as pa

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import decoder, definitions, encoder, expressions
from conformance.subjects.reference.expressions import Expression
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.sessions import Session
from conformance.subjects.reference.tree import Cast, Literal, Tree
from tasks.faults.fault import breaks
from tasks.faults.reference.encoding import Drops
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

    Codec = Drops


@breaks("INLINE-12")
class RegisteredUdfsLeaveByName(Parts):
    """Write a UDF by name if it cannot be pickled and its sender has registered it."""

    class Codec(Drops):
        def drops(self, function: Function, session: Session, reason: str) -> bool:
            del reason
            known = session.shared.registry.functions
            return known.get((function.family, function.name)) is function


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


@breaks("INLINE-09")
class NamesOfAggregatesAreStripped(Parts):
    """Report the name of an aggregate UDF without the blanks around it."""

    def function_name(self, function: Function) -> str:
        name = super().function_name(function)
        return name.strip() if function.family == "aggregate" else name


@breaks("INLINE-09")
class NamesOfTakenWindowsAreLowerCase(Parts):
    """Report the name of a window UDF that was taken from a session in lower case."""

    def get_function(self, session: Session, family: Family, name: str) -> Function | Builtin:
        found = super().get_function(session, family, name)
        if isinstance(found, Function) and family == "window":
            return replace(found, name=found.name.lower())
        return found


class _CastsToAnother(decoder.Decoder):
    """A decoder that reads a cast to the type ``of`` as one to the type ``other``."""

    of: ClassVar[pa.DataType]
    other: ClassVar[pa.DataType]

    def node(self, data: bytes) -> Tree:
        tree = super().node(data)
        return (
            replace(tree, to=self.other) if isinstance(tree, Cast) and tree.to == self.of else tree
        )


@breaks("INLINE-01")
class CastsForgetTheZone(Parts):
    """Read a cast to a time in a zone as one to a time in none."""

    class Decoder(_CastsToAnother):
        of, other = pa.timestamp("s", "+09:00"), pa.timestamp("s")


@breaks("INLINE-01")
class CastsForgetNotNull(Parts):
    """Read a cast to a list of values that are not null as one to a list of any values."""

    class Decoder(_CastsToAnother):
        of = pa.list_(pa.field("item", pa.int64(), nullable=False))
        other = pa.list_(pa.int64())


@breaks("INLINE-01")
class CastsForgetTheSize(Parts):
    """Read a cast to a list of two items as one to a list."""

    class Decoder(_CastsToAnother):
        of, other = pa.list_(pa.int64(), 2), pa.list_(pa.int64())


@breaks("INLINE-01")
class CastsOfCastsAreOne(Parts):
    """Read a cast of a cast as the outer one alone."""

    class Decoder(decoder.Decoder):
        def node(self, data: bytes) -> Tree:
            tree = super().node(data)
            if isinstance(tree, Cast) and isinstance(tree.arg, Cast):
                return replace(tree, arg=tree.arg.arg)
            return tree


class _WritesAnotherValue(encoder.Encoder):
    """An encoder that writes the literal ``of`` as ``other``."""

    of: ClassVar[pa.Scalar]
    other: ClassVar[pa.Scalar]

    def node(self, tree: Tree) -> bytes:
        if isinstance(tree, Literal) and tree.value.equals(self.of):
            tree = replace(tree, value=self.other)
        return super().node(tree)


@breaks("INLINE-23")
class SecondsBefore1970AreNone(Parts):
    """Write the second before 1970 as the first of 1970."""

    class Encoder(_WritesAnotherValue):
        of, other = (pa.scalar(second, pa.timestamp("s")) for second in (-1, 0))


@breaks("INLINE-23")
class NullDecimalsAreWide(Parts):
    """Write a null of any decimal type as a null of one."""

    class Encoder(_WritesAnotherValue):
        of, other = (pa.scalar(None, pa.decimal128(*sizes)) for sizes in ((9, 2), (38, 10)))


@breaks("INLINE-23")
class StructsOfNullsAreNull(Parts):
    """Write a struct whose fields are null as a null."""

    class Encoder(_WritesAnotherValue):
        of, other = (pa.scalar(one, pa.struct({"x": pa.int64()})) for one in ({"x": None}, None))
