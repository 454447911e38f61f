"""Read the pickled tuple of a frame without unpickling it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from conformance.wire.errors import MalformedTuple
from conformance.wire.kinds import kind
from conformance.wire.pickles import Opcode
from conformance.wire.trace import Trace, trace
from conformance.wire.values import Opaque, Tuple

Item: TypeAlias = "str | bytes | Opaque"


@dataclass(frozen=True)
class Payload:
    """The content of a pickle, as far as it is known without unpickling.

    ``items`` are the members of the tuple. ``globals``, ``opcodes`` and ``size`` are those of
    the pickle's ``Trace``. A call may import more when it runs, as cloudpickle's ``subimport``
    does.
    """

    items: tuple[Item, ...]
    globals: tuple[str, ...]
    opcodes: tuple[Opcode, ...]
    size: int

    @classmethod
    def read(cls, data: bytes) -> Payload:
        """Read the pickled tuple at the start of ``data``.

        Raises ``MalformedPickle`` if an opcode is invalid, and
        ``MalformedTuple`` if the result is not a tuple.
        """
        return _read(data) if len(data) <= _SMALL else cls.of(trace(data))

    @classmethod
    def of(cls, found: Trace) -> Payload:
        """Return the tuple that a pickle makes; raises what ``read`` raises."""
        if found.error:
            raise found.error
        if not isinstance(found.result, Tuple):
            raise MalformedTuple("tuple", f"the pickle holds {kind(found.result)}, no tuple")
        items = tuple(
            item if isinstance(item, str | bytes | Opaque) else Opaque(kind(item))
            for item in found.result.items
        )
        return cls(items, found.globals, found.opcodes, found.size)


_SMALL = 2**14
"""The size up to which payloads are kept: a case reads the same one several times."""


@lru_cache(maxsize=16)
def _read(data: bytes) -> Payload:
    return Payload.of(trace(data))


WRITE_BYTES = frozenset(("_codecs.encode", "codecs.encode", "__builtin__.bytes", "builtins.bytes"))
"""The functions by which pickles of protocols 0 to 2, which have no bytes, write bytes."""

_CALLABLE = frozenset(("call", "global", "persistent object"))


def is_callable(item: Item) -> bool:
    """Return whether an item may be a callable once it is unpickled."""
    return isinstance(item, Opaque) and item.kind in _CALLABLE
