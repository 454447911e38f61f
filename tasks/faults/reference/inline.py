"""Faults of INLINE: round trips that change an expression."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pyarrow as pa

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, decoder, definitions, encoder, expressions, slots
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.expressions import Expression
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.sessions import Session
from conformance.subjects.reference.slots import Work
from conformance.subjects.reference.tree import Alias, Literal, Tree
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
class UnpicklableCopiesLeaveByName(Parts):
    """Pickle and copy an expression by name if a callable cannot be pickled."""

    def to_pickle_bytes(self, expr: Expression) -> bytes:
        try:
            return super().to_pickle_bytes(expr)
        except ExecutionError:
            return self.to_bytes(expr, self.session().derived(inlining=False))


@breaks("INLINE-12")
class UnpicklableWindowsLeaveAStandIn(Parts):
    """Write ``str`` in place of a window UDF's callable that cannot be pickled."""

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            content = super().tuple_of(function)
            if function.family != "window":
                return content
            try:
                self.dump(content)
            except TypeError:
                return (content[0], str, *content[2:])
            return content


@breaks("INLINE-13")
class PicklesAreNoBytes(Parts):
    """Refuse the output of ``pickle.dumps`` in ``from_bytes``."""

    def from_bytes(self, data: bytes, session: Session | None = None) -> Expression:
        if expressions.is_pickle(data):
            raise ExecutionError("a pickle is no expression")
        return super().from_bytes(data, session)


@breaks("INLINE-13")
class OldPicklesAreNoBytes(Parts):
    """Refuse pickles of protocols 0 and 1 in ``from_bytes``."""

    def from_bytes(self, data: bytes, session: Session | None = None) -> Expression:
        if data[:1] == b"c":
            raise ExecutionError("a pickle of an old protocol is no expression")
        return super().from_bytes(data, session)


@breaks("INLINE-14")
class DecodingRegisters(Parts):
    """Register every UDF that is decoded from a frame."""

    class Codec(codec.Codec):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            function = super().read(family, name, data, session)
            session.shared.registry.functions.setdefault((family, name), function)
            return function


@breaks("INLINE-17")
class ReadsFiftyDeep(Parts):
    """Refuse bytes that nest more than 50 deep."""

    class Decoder(decoder.Decoder):
        depth = 0

        def node(self, data: bytes) -> Tree:
            self.depth += 1
            if self.depth > 50:
                raise ExecutionError("these bytes nest too deep")
            tree = super().node(data)
            self.depth -= 1
            return tree


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


@breaks("INLINE-19", outcome="crash")
class TooDeepEndsTheProcess(Parts):
    """Abort the process instead of raising an error for an expression that nests too deep."""

    class Encoder(encoder.Encoder):
        depth = 0

        def node(self, tree: Tree) -> bytes:
            self.depth += 1
            if self.depth > 1_000:
                os.abort()
            data = super().node(tree)
            self.depth -= 1
            return data


@breaks("INLINE-20")
class PayloadsAreWrittenOnce(Parts):
    """Cache the payload of a UDF, although the state of its closure can change."""

    class Codec(codec.Codec):
        def write_payload(self, function: Function) -> bytes:
            kept = vars(function)
            if "payload" not in kept:
                kept["payload"] = super().write_payload(function)
            payload: bytes = kept["payload"]
            return payload


class _AtWork(Parts):
    """A reference in which the slots govern expressions in closures, at one kind of work."""

    work: Work = "encoding"

    class Slots(slots.Slots):
        def active_session(self, work: Work) -> Session | None:
            kind: Any = type(self.subject)
            return None if work == kind.work else super().active_session(work)


@breaks("INLINE-21")
class ClosuresAreWrittenByTheSenderSlot(_AtWork):
    """Encode expressions in closures with the sender slot, not the given session."""

    work = "encoding"


@breaks("INLINE-21")
class ClosuresAreReadByTheWorkerSlot(_AtWork):
    """Decode expressions in closures with the worker slot, not the given session."""

    work = "decoding"


@breaks("INLINE-22")
class AliasesLoseTheirMetadata(Parts):
    """Drop the metadata of an alias."""

    class Encoder(encoder.Encoder):
        def node(self, tree: Tree) -> bytes:
            return super().node(replace(tree, metadata=()) if isinstance(tree, Alias) else tree)


@breaks("INLINE-22")
class LiteralsKeepOneKey(Parts):
    """Keep only the first metadata entry of a literal."""

    class Encoder(encoder.Encoder):
        def node(self, tree: Tree) -> bytes:
            if isinstance(tree, Literal):
                tree = replace(tree, metadata=tree.metadata[:1])
            return super().node(tree)


@breaks("INLINE-23")
class HalfFloatsWiden(Parts):
    """Write a 16-bit float literal as a 32-bit one."""

    class Encoder(encoder.Encoder):
        def node(self, tree: Tree) -> bytes:
            if isinstance(tree, Literal) and tree.value.type == pa.float16():
                tree = replace(tree, value=tree.value.cast(pa.float32()))
            return super().node(tree)
