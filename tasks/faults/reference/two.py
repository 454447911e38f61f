"""Faults of INLINE: two callables, definitions or pickles become one."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, decoder, encoder, expressions
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.protobuf import Message
from conformance.subjects.reference.sessions import Session
from conformance.subjects.reference.tree import Call, Tree
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


def _code(made: Any) -> object:
    methods = vars(made).values() if isinstance(made, type) else ()
    return getattr(made, "__code__", None) or [
        method.__code__ for method in methods if hasattr(method, "__code__")
    ]


def _class_of_instance(made: Any) -> object:
    of_python = type(made).__module__ in ("builtins", "functools")
    return None if isinstance(made, type) or of_python else type(made)


class _KeepsFrames(encoder.Encoder):
    """An encoder that writes one frame for all callables of a message with equal keys."""

    key: Callable[[Any], object]
    """The key of a callable; one that is empty is no key."""

    def definition(self, field: int, call: Call) -> bytes:
        made, known = getattr(call.function, "implementation", None), vars(self)
        key = made and type(self).key(made)
        if not key:
            return super().definition(field, call)
        for one, written in known.setdefault("known", []):
            if one == key:
                data: bytes = written
                return data
        data = super().definition(field, call)
        known["known"].append((key, data))
        return data


@breaks("INLINE-10")
class FramesAreKeptByCode(Parts):
    """Write the frame of a callable again for another one of its code in the same message."""

    class Encoder(_KeepsFrames):
        key = staticmethod(_code)


@breaks("INLINE-10")
class PartialsAreKeptByFunction(Parts):
    """Write the frame of a partial again for another one of its function."""

    class Encoder(_KeepsFrames):
        key = staticmethod(lambda made: made.func if isinstance(made, functools.partial) else None)


@breaks("INLINE-10")
class MethodsAreKeptByFunction(Parts):
    """Write the frame of a bound method again for that of another instance."""

    class Encoder(_KeepsFrames):
        key = staticmethod(lambda made: getattr(made, "__func__", None))


@breaks("INLINE-10")
class InstancesAreKeptByClass(Parts):
    """Write the frame of an instance again for another one of its class."""

    class Encoder(_KeepsFrames):
        key = staticmethod(_class_of_instance)


_read: dict[tuple[Family, str], Function | Builtin] = {}
"""The functions of the message that is decoded, or of the one that was refused last."""


@breaks("INLINE-01")
class FunctionsOfRefusedMessagesRemain(Parts):
    """Decode a call as one of that name in the message before, if that message was refused."""

    def decode_tree(self, data: bytes, session: Session) -> Tree:
        tree = super().decode_tree(data, session)
        _read.clear()
        return tree

    class Decoder(decoder.Decoder):
        def function(
            self, family: Family, name: str, message: Message, field: int
        ) -> Function | Builtin:
            remaining = vars(self).setdefault("remaining", {**_read})
            found = _read[family, name] = super().function(family, name, message, field)
            decoded: Function | Builtin = remaining.get((family, name), found)
            return decoded


@breaks("INLINE-06")
class VolatilityIsThatOfTheInnermost(Parts):
    """Decode a UDF whose callable holds another one with the volatility of that one."""

    class Codec(codec.Codec):
        inner: Function | None = None

        def load(self, family: Family, payload: bytes) -> Any:
            self.inner = None
            return super().load(family, payload)

        def udf_of(self, family: Family, content: Any) -> Function:
            found = super().udf_of(family, content)
            if self.inner is not None:
                found = replace(found, volatility=self.inner.volatility)
            self.inner = found
            return found


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
