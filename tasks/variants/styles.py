"""Styles of implementations: each writes, reads or answers otherwise than the engine, and is right.

No clause says which pickler or unpickler it is, what else is beside the promised fields of a
schema or of a message, of which class an error is beyond the promised one, or how an
expression or a session looks.
"""

from __future__ import annotations

import pickle
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from importlib import import_module
from itertools import count
from operator import attrgetter
from typing import Any, NoReturn

import pyarrow as pa

from conformance.catalogue.nodes import Udf
from conformance.subjects.plans import Layer
from conformance.subjects.reference.chain import Chain
from conformance.subjects.reference.classes import Unpickler
from conformance.subjects.reference.codec import Codec
from conformance.subjects.reference.errors import ExecutionError, OtherPython
from conformance.subjects.reference.expressions import Expression
from conformance.subjects.reference.flatbuffers import Slot
from conformance.subjects.reference.functions import Function
from conformance.subjects.reference.pickler import dumps
from conformance.subjects.reference.schemas import Schemas
from conformance.subjects.reference.sessions import Session
from tasks.variants import messages
from tasks.variants.style import OtherStyle

# Pickles


class _ProtocolTwo(Codec):
    def dump(self, content: tuple[Any, ...]) -> bytes:
        return dumps(content, 2)


class ProtocolTwo(OtherStyle, codec_class=_ProtocolTwo):
    """Write pickles of protocol 2, which has no bytes and no qualified names."""


class _ProtocolFour(Codec):
    def dump(self, content: tuple[Any, ...]) -> bytes:
        return dumps(content, 4)


class ProtocolFour(OtherStyle, codec_class=_ProtocolFour):
    """Write pickles of protocol 4."""


class _Unpickler(Unpickler):
    def look_up(self, module: str, name: str) -> Any:
        """Import what a pickle names; protocols 0 to 2 have the names of Python 2."""
        module, name = NAME_MAPPING.get((module, name), (module, name))
        return attrgetter(name)(import_module(IMPORT_MAPPING.get(module, module)))


class _OwnUnpickler(Codec):
    unpickler_class = _Unpickler


class OwnUnpickler(OtherStyle, codec_class=_OwnUnpickler):
    """Look the names in a pickle up itself, which triggers no audit hook."""


# Schemas


class _Endless(Schemas):
    end = b""


class _NoEndMarkers(Codec):
    schemas_class = _Endless


class NoEndMarkers(OtherStyle, codec_class=_NoEndMarkers):
    """End the stream of a schema without an end marker."""


class _Notes(Schemas):
    def describe_schema(self, fields: Sequence[pa.Field]) -> dict[int, Slot]:
        return {**super().describe_schema(fields), 2: [{0: "written by", 1: "another"}]}


class _OtherFields(Codec):
    schemas_class = _Notes

    def input_fields(self, function: Function) -> list[pa.Field]:
        fields = super().input_fields(function)
        return [field.with_metadata({"written by": "another"}) for field in fields]


class OtherFields(OtherStyle, codec_class=_OtherFields):
    """Add metadata to schemas and to input fields, and name the fields of plain results "out"."""

    def function(self, udf: Udf, implementation: Callable[..., Any]) -> Function:
        function = super().function(udf, implementation)
        if isinstance(udf.returns, pa.Field):
            return function
        return replace(function, returns=function.returns.with_name("out"))


# Messages


class MoreFields(messages.AddsFields, OtherStyle):
    """Write messages with fields that no reader knows."""


class FieldsBackwards(messages.ReordersFields, OtherStyle):
    """Write the fields of messages in another order."""


class Padded(messages.PadsLengths, messages.PadsNumbers, OtherStyle):
    """Write lengths, tags and numbers that are longer than they need to be."""


# Errors


class Refused(ExecutionError, TypeError):
    """An error of this style: of more classes than promised, and with more than a text."""

    def __init__(self, text: str, code: int = 7) -> None:
        super().__init__(text, code)

    def __str__(self) -> str:
        return str(self.args[0])


class RefusedPython(Refused, OtherPython):
    """The same for a frame of another Python."""


class Uninstallable(TypeError):
    """A value that is no codec."""


class TakenId(ValueError):
    """An id that is taken."""


@contextmanager
def _installing() -> Iterator[None]:
    try:
        yield
    except TypeError as error:
        raise Uninstallable(str(error)) from error
    except ValueError as error:
        raise TakenId(str(error)) from error


class _Installs(Chain):
    def append_codec(self, *arguments: Any) -> Session:
        with _installing():
            return super().append_codec(*arguments)

    def source(self, layer: Layer, codec: Any) -> Session:
        with _installing():
            return super().source(layer, codec)


class OwnErrors(OtherStyle, chain_class=_Installs):
    """Raise errors of classes of its own beneath the promised ones."""

    @contextmanager
    def failing(self) -> Iterator[None]:
        try:
            yield
        except Refused:
            raise
        except OtherPython as error:
            raise RefusedPython(str(error)) from error
        except ExecutionError as error:
            raise Refused(str(error)) from error

    def call_toggle(self, session: Session, *arguments: bool) -> Session:
        with _installing():
            return super().call_toggle(session, *arguments)


# Displays


class _Addressed(Expression):
    def __repr__(self) -> str:
        return f"<an expression at {id(self):#x}>"


class _NoCopies(Session):
    def __reduce__(self) -> NoReturn:
        raise pickle.PicklingError("a session stays where it is")


class OtherLooks(OtherStyle, expression_class=_Addressed, session_class=_NoCopies):
    """Show digests, addresses and numbers in place of texts and of random ids."""

    _numbers = count(1)

    def display(self, expr: Expression) -> str:
        return sha256(super().display(expr).encode()).hexdigest()

    def session(self) -> Session:
        session = super().session()
        session.shared.id = f"\u2116 {next(self._numbers)}"
        return session

    def versions(self) -> Mapping[str, str]:
        return {}
