"""Faults of GOLDEN and GOLDENCHAIN: decoders that read their own bytes only."""

from __future__ import annotations

import struct

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import chain, definitions, envelopes
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.sessions import Session
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("GOLDEN-01")
class UnmarkedCallsAreNames(Parts):
    """Resolve a call by name, although it has a frame, if it lacks this implementation's mark."""

    class Definitions(definitions.Definitions):
        def read(
            self, family: Family, name: str, data: bytes | None, mark: int, session: Session
        ) -> Function | Builtin:
            found = super().read(family, name, data, mark, session)
            return found if mark else self.by_name(family, name, mark, session)


@breaks("GOLDENCHAIN-01", "GOLDENCHAIN-02", "GOLDENCHAIN-04")
class LengthsAreOfTheNetwork(Parts):
    """Write and read the length of a codec id in big-endian byte order."""

    class Chain(chain.Chain):
        class envelopes_class(envelopes.Envelopes):  # noqa: N801 - the part's own name
            length = struct.Struct(">I")
