"""Faults of PAYLOAD: decoders that accept malformed payloads or refuse valid ones."""

from __future__ import annotations

import pickle
from typing import Any

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec
from conformance.subjects.reference.functions import Function
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


class Lenient(Parts):
    """A reference that decodes the members of a payload as ``change`` returns them."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            subject, wanted = self.subject, self.members[family]
            assert isinstance(subject, Lenient)
            if isinstance(content, tuple) and len(content) == len(wanted):
                values = subject.corrected(dict(zip(wanted, content, strict=True)))
                content = tuple(values.values())
            return super().udf_of(family, content)


# Picklers


@breaks("PAYLOAD-22")
class ProtocolThreeIsTooOld(Parts):
    """Refuse pickles of protocol 3."""

    class Codec(codec.Codec):
        def unpickle(self, payload: bytes) -> Any:
            if payload[:2] == b"\x80\3":
                raise pickle.UnpicklingError("too old")
            return super().unpickle(payload)


# The tuple


@breaks("PAYLOAD-27")
class LongTuplesAreTaken(Parts):
    """Accept a tuple with too many elements, and ignore the additional ones."""

    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            whole = isinstance(content, tuple) and content[: len(self.members[family])]
            return super().udf_of(family, whole or content)


# The members


@breaks("PAYLOAD-30")
class NothingIsCalledYet(Lenient):
    """Accept a callable that cannot be called, and fail only when it is."""

    def corrected(self, values: dict[str, Any]) -> dict[str, Any]:
        made = values["callable"]
        return values | {"callable": made if callable(made) else lambda *args: made(*args)}
