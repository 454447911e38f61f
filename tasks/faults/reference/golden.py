"""Codecs that read what they write, and not what the engines wrote."""

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
    """The engine has no such marks."""

    class Decoder(decoder.Decoder):
        def function(
            self, family: Family, name: str, message: Message, field: int
        ) -> Function | Builtin:
            if not message.number(MARK):
                raise ExecutionError("a call without a mark")
            return super().function(family, name, message, field)


@breaks("GOLDEN-01")
class UnmarkedCallsAreNames(Parts):
    """Guess the places of schemas."""

    class Definitions(definitions.Definitions):
        def read(
            self, family: Family, name: str, data: bytes | None, mark: int, session: Session
        ) -> Function | Builtin:
            found = super().read(family, name, data, mark, session)
            return found if mark else self.by_name(family, name, mark, session)


@breaks("GOLDEN-02", "GOLDENCHAIN-04")
class OwnPythonIsNotNamed(Parts):
    class Codec(codec.Codec):
        def check_python(self, family: Family, data: bytes) -> None:
            try:
                super().check_python(family, data)
            except ValueError:
                theirs = (data[8], data[9])
                raise ExecutionError(self.texts.python(family, theirs, (0, 0))) from None


@breaks("GOLDEN-03")
class StrictNamesTheCallable(Parts):
    """As it is called where it was defined."""

    class Codec(codec.Codec):
        def check_allowed(self, family: Family, name: str, session: Session) -> None:
            del name
            super().check_allowed(family, "f", session)


@breaks("GOLDENCHAIN-01", "GOLDENCHAIN-02", "GOLDENCHAIN-04")
class LengthsAreOfTheNetwork(Parts):
    """Both ends agree on the order of their bytes."""

    class Chain(chain.Chain):
        class envelopes_class(envelopes.Envelopes):  # noqa: N801 - the part's own name
            length = struct.Struct(">I")


@breaks("GOLDENCHAIN-03")
class UnknownCodecsAreNames(Parts):
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
