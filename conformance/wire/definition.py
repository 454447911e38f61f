"""The definition of a UDF in its frame: the tuple of its family, with names and types."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.wire.errors import MalformedTuple
from conformance.wire.frame import Family, Frame
from conformance.wire.payload import Item, Payload, is_callable
from conformance.wire.text import is_utf_8
from conformance.wire.values import Opaque

FIELDS: dict[Family, tuple[str, ...]] = {
    Family.SCALAR: ("name", "callable", "input schema", "return schema", "volatility"),
    Family.AGGREGATE: (
        "name",
        "accumulator factory",
        "input schema",
        "return schema",
        "state schema",
        "volatility",
    ),
    Family.WINDOW: ("name", "evaluator factory", "input schema", "return schema", "volatility"),
}
"""The members of each family's tuple in wire version 1."""

VOLATILITIES = ("immutable", "stable", "volatile")


@dataclass(frozen=True)
class Definition:
    """A UDF as its frame defines it. The callable is not read.

    The schemas are Arrow IPC streams (see ``schema.read_schema``). Only an
    aggregate UDF has a ``state_schema``.
    """

    family: Family
    name: str
    callable: Opaque
    input_schema: bytes
    return_schema: bytes
    state_schema: bytes | None
    volatility: str

    @classmethod
    def read(cls, frame: Frame) -> Definition:
        """Read the payload of a frame; raises ``MalformedPickle`` or ``MalformedTuple``."""
        return cls.of(frame.family, Payload.read(frame.payload))

    @classmethod
    def of(cls, family: Family, payload: Payload) -> Definition:
        """Return the definition in a tuple; raises ``MalformedTuple`` for a wrong member."""
        names = FIELDS[family]
        if len(payload.items) != len(names):
            reason = (
                f"expected the {len(names)} members of {family.with_article}, "
                f"found {len(payload.items)}"
            )
            raise MalformedTuple("tuple", reason)
        members = dict(zip(names, payload.items, strict=True))
        volatility = _text(members, "volatility")
        if volatility not in VOLATILITIES:
            reason = f"expected one of {', '.join(VOLATILITIES)}, found {volatility!r}"
            raise MalformedTuple("volatility", reason)
        return cls(
            family,
            _text(members, "name"),
            _callable(members, names[1]),
            _bytes(members, "input schema"),
            _bytes(members, "return schema"),
            _bytes(members, "state schema") if "state schema" in members else None,
            volatility,
        )


def _text(members: dict[str, Item], name: str) -> str:
    item = members[name]
    if not isinstance(item, str):
        raise _wrong_type(name, item, "str")
    if not is_utf_8(item):
        raise MalformedTuple(name, f"{item!a} holds half of a surrogate pair, and is no UTF-8")
    return item


def _bytes(members: dict[str, Item], name: str) -> bytes:
    item = members[name]
    if isinstance(item, bytes):
        return item
    raise _wrong_type(name, item, "bytes")


def _callable(members: dict[str, Item], name: str) -> Opaque:
    item = members[name]
    if isinstance(item, Opaque) and is_callable(item):
        return item
    raise _wrong_type(name, item, "callable")


def _wrong_type(name: str, item: Item, expected: str) -> MalformedTuple:
    kind = item.kind if isinstance(item, Opaque) else type(item).__name__
    return MalformedTuple(name, f"expected {expected}, found {kind}")
