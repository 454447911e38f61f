"""References on which what travels inline comes back as something else."""

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
    class Definitions(definitions.Definitions):
        def inline(
            self, family: Family, name: str, data: bytes, session: Session
        ) -> Function | None:
            registered = session.shared.registry.functions.get((family, name))
            return registered or super().inline(family, name, data, session)


@breaks("INLINE-12")
class UnpicklableLeavesByName(Parts):
    class Codec(codec.Codec):
        def write(self, function: Function, session: Session) -> bytes | None:
            try:
                return super().write(function, session)
            except ExecutionError:
                return None


@breaks("INLINE-12")
class UnpicklableCopiesLeaveByName(Parts):
    """And pickles; bytes do not."""

    def pickled(self, expr: Expression) -> bytes:
        try:
            return super().pickled(expr)
        except ExecutionError:
            return self.to_bytes(expr, self.session().derived(inlining=False))


@breaks("INLINE-12")
class UnpicklableWindowsLeaveAStandIn(Parts):
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
    def from_bytes(self, data: bytes, session: Session | None = None) -> Expression:
        if expressions.is_pickle(data):
            raise ExecutionError("a pickle is no expression")
        return super().from_bytes(data, session)


@breaks("INLINE-13")
class OldPicklesAreNoBytes(Parts):
    def from_bytes(self, data: bytes, session: Session | None = None) -> Expression:
        if data[:1] == b"c":
            raise ExecutionError("a pickle of an old protocol is no expression")
        return super().from_bytes(data, session)


@breaks("INLINE-14")
class DecodingRegisters(Parts):
    class Codec(codec.Codec):
        def read(self, family: Family, name: str, data: bytes, session: Session) -> Function:
            function = super().read(family, name, data, session)
            session.shared.registry.functions.setdefault((family, name), function)
            return function


@breaks("INLINE-17")
class ReadsFiftyDeep(Parts):
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
    """And kept for the function, for as long as it lives."""

    class Codec(codec.Codec):
        def write_payload(self, function: Function) -> bytes:
            kept = vars(function)
            if "payload" not in kept:
                kept["payload"] = super().write_payload(function)
            payload: bytes = kept["payload"]
            return payload


class _AtWork(Parts):
    """The slots decide for expressions in closures, at this work."""

    work: Work = "encoding"

    class Slots(slots.Slots):
        def at_work(self, work: Work) -> Session | None:
            kind: Any = type(self.subject)
            return None if work == kind.work else super().at_work(work)


@breaks("INLINE-21")
class ClosuresAreWrittenByTheSenderSlot(_AtWork):
    work = "encoding"


@breaks("INLINE-21")
class ClosuresAreReadByTheWorkerSlot(_AtWork):
    work = "decoding"


@breaks("INLINE-22")
class AliasesLoseTheirMetadata(Parts):
    class Encoder(encoder.Encoder):
        def node(self, tree: Tree) -> bytes:
            return super().node(replace(tree, metadata=()) if isinstance(tree, Alias) else tree)


@breaks("INLINE-22")
class LiteralsKeepOneKey(Parts):
    class Encoder(encoder.Encoder):
        def node(self, tree: Tree) -> bytes:
            if isinstance(tree, Literal):
                tree = replace(tree, metadata=tree.metadata[:1])
            return super().node(tree)


@breaks("INLINE-23")
class HalfFloatsWiden(Parts):
    class Encoder(encoder.Encoder):
        def node(self, tree: Tree) -> bytes:
            if isinstance(tree, Literal) and tree.value.type == pa.float16():
                tree = replace(tree, value=tree.value.cast(pa.float32()))
            return super().node(tree)
