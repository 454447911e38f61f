"""Faults of GOLDEN and GOLDENCHAIN: decoders that read their own bytes only."""

from __future__ import annotations

import struct

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import chain, codec, decoder, definitions, envelopes
from conformance.subjects.reference.encoder import MARK
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.protobuf import Message
from conformance.subjects.reference.sessions import Session
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("GOLDEN-01", "GOLDEN-02", "GOLDEN-03")
class ReadsMarkedCallsOnly(Parts):
    """Refuse calls without a mark that only this implementation writes."""

    class Decoder(decoder.Decoder):
        def function(
            self, family: Family, name: str, message: Message, field: int
        ) -> Function | Builtin:
            if not message.number(MARK):
                raise ExecutionError("a call without a mark")
            return super().function(family, name, message, field)


@breaks("GOLDEN-01")
class UnmarkedCallsAreNames(Parts):
    """Resolve a call by name, although it has a frame, if it lacks this implementation's mark."""

    class Definitions(definitions.Definitions):
        def read(
            self, family: Family, name: str, data: bytes | None, mark: int, session: Session
        ) -> Function | Builtin:
            found = super().read(family, name, data, mark, session)
            return found if mark else self.by_name(family, name, mark, session)


@breaks("GOLDEN-02", "GOLDENCHAIN-04")
class OwnPythonIsNotNamed(Parts):
    """Name Python 0.0 instead of the receiver's version in an error."""

    class Codec(codec.Codec):
        def check_python(self, family: Family, data: bytes) -> None:
            try:
                super().check_python(family, data)
            except ValueError:
                theirs = (data[8], data[9])
                raise ExecutionError(self.texts.python(family, theirs, (0, 0))) from None


@breaks("GOLDEN-03")
class StrictNamesTheCallable(Parts):
    """Name the callable's own name, ``f``, in the strict refusal instead of the UDF's."""

    class Codec(codec.Codec):
        def check_allowed(self, family: Family, name: str, session: Session) -> None:
            del name
            super().check_allowed(family, "f", session)


@breaks("GOLDENCHAIN-01", "GOLDENCHAIN-02", "GOLDENCHAIN-04")
class LengthsAreOfTheNetwork(Parts):
    """Write and read the length of a codec id in big-endian byte order."""

    class Chain(chain.Chain):
        class envelopes_class(envelopes.Envelopes):  # noqa: N801 - the part's own name
            length = struct.Struct(">I")


@breaks("GOLDENCHAIN-03")
class UnknownCodecsAreNames(Parts):
    """Resolve a UDF by name if the codec of its envelope is not installed."""

    class Definitions(definitions.Definitions):
        def inline(
            self, family: Family, name: str, data: bytes, session: Session
        ) -> Function | None:
            try:
                return super().inline(family, name, data, session)
            except ExecutionError as error:
                known = (family, name) in session.shared.registry.functions
                if known and "not installed" in str(error):
                    return None
                raise
