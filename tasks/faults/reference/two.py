"""Faults of INLINE: two callables, or two pickles, become one."""

from __future__ import annotations

import pickle
from typing import Any

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import decoder, encoder, expressions
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.protobuf import Message
from conformance.subjects.reference.tree import Call
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


def _code(function: Function | Builtin) -> object:
    made = getattr(function, "implementation", function)
    return getattr(made, "__code__", None) or [
        method.__code__ for method in vars(made).values() if hasattr(method, "__code__")
    ]


@breaks("INLINE-10")
class FramesAreKeptByCode(Parts):
    """Write the frame of a callable again for another one of its code in the same message."""

    class Encoder(encoder.Encoder):
        def definition(self, field: int, call: Call) -> bytes:
            known, code = vars(self).setdefault("known", []), _code(call.function)
            for one, data in known:
                if one == code:
                    written: bytes = data
                    return written
            known.append((code, super().definition(field, call)))
            return super().definition(field, call)


@breaks("INLINE-10")
class EqualFramesAreOneUdf(Parts):
    """Read frames of the same bytes in one message as one UDF."""

    class Decoder(decoder.Decoder):
        def function(
            self, family: Family, name: str, message: Message, field: int
        ) -> Function | Builtin:
            known = vars(self).setdefault("known", {})
            key = family, name, message.data(field)
            if key not in known:
                known[key] = super().function(family, name, message, field)
            found: Function | Builtin = known[key]
            return found


@breaks("INLINE-10")
class DeepCopiesAreKeptByText(Parts):
    """Take one deep copy for all expressions of one text in an object."""

    class Expression(expressions.Expression):
        def __deepcopy__(self, memo: dict[int, Any]) -> expressions.Expression:
            text = repr(self)
            for copied in memo.values():
                if isinstance(copied, expressions.Expression) and repr(copied) == text:
                    return copied
            return self.subject.from_pickle_bytes(self.subject.to_pickle_bytes(self))


_OUTSIDE = bytearray(1 << 16)


def _restore(restore: Any, subject: Any, data: Any) -> Any:
    return restore(subject, bytes(data))


@breaks("INLINE-02")
class BuffersAreOverwritten(Parts):
    """Write what a pickle leaves outside over what the last one left."""

    class Expression(expressions.Expression):
        def __reduce_ex__(self, protocol: Any) -> Any:
            if protocol < 5:
                return super().__reduce_ex__(protocol)
            restore, (subject, data) = self.__reduce__()
            _OUTSIDE[: len(data)] = data
            outside = pickle.PickleBuffer(memoryview(_OUTSIDE)[: len(data)])
            return _restore, (restore, subject, outside)
