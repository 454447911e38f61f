"""Find, replace and remove frames in protobuf, pickled expressions and envelopes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from conformance.wire.chain import Envelope
from conformance.wire.errors import MalformedProtobuf
from conformance.wire.pickles import bytes_objects, is_old_pickle, is_pickle, opcodes
from conformance.wire.protobuf import PREFIX, Found, Path, has_magic, is_message, visit, walk
from conformance.wire.region import Region, no_prefix, splice


class Container(Enum):
    """The outermost format of bytes."""

    FRAME = "frame"
    ENVELOPE = "envelope"
    PICKLE = "pickle"
    PROTOBUF = "protobuf"


@dataclass(frozen=True)
class Located:
    """The container of bytes, and the UDF frames and chain envelopes in it, in their order."""

    container: Container
    found: tuple[Found, ...]

    @property
    def frames(self) -> tuple[Found, ...]:
        """The UDF frames, including those inside envelopes."""
        return tuple(item for item in self.found if not item.is_envelope)

    @property
    def envelopes(self) -> tuple[Found, ...]:
        """The chain envelopes."""
        return tuple(item for item in self.found if item.is_envelope)


def locate(data: bytes) -> Located:
    """Recognize ``data`` by its first bytes, and find its frames and envelopes.

    Only the magics of frames and envelopes are checked. Raises
    ``MalformedPickle`` if ``data`` begins like a pickle but is malformed, and
    ``MalformedProtobuf`` if its format is unknown.
    """
    container = _container(data)
    if container is Container.PROTOBUF and PREFIX not in data:
        if not is_message(data):
            raise MalformedProtobuf(f"{len(data)} bytes do not parse as fields")
        return Located(container, ())
    return Located(container, tuple(_found(container, data)))


def find(data: bytes) -> list[Found]:
    """List the UDF frames in ``data``, as ``locate`` finds them."""
    return list(locate(data).frames)


def find_envelopes(data: bytes) -> list[Found]:
    """List the chain envelopes in ``data``, as ``locate`` finds them."""
    return list(locate(data).envelopes)


def replace(data: bytes, new: Mapping[Path, bytes]) -> bytes:
    """Replace the frames or envelopes at these paths with other bytes.

    All enclosing lengths are updated: those of messages, of pickled bytes and
    of pickle frames. All other bytes stay the same.

    Raises ``KeyError`` for an unknown path, ``WireError`` if one replaced item
    is inside another, and what ``locate`` raises.
    """
    regions = {found.path: found.regions for found in locate(data).found}
    return splice(data, [(regions[path], content) for path, content in new.items()])


def remove(data: bytes, paths: Iterable[Path]) -> bytes:
    """Remove the fields at these paths with their tags, and update all enclosing lengths.

    A call without its frame is sent by name. Raises ``KeyError`` for an
    unknown path, ``WireError`` for an item that is not a field of a message,
    and what ``locate`` raises.
    """
    regions = {found.path: found.regions for found in locate(data).found}
    chains = [(*regions[path][:-1], regions[path][-1].with_tag()) for path in paths]
    return splice(data, [(chain, b"") for chain in chains])


def _container(data: bytes) -> Container:
    if has_magic(data):
        return Container.ENVELOPE if data.startswith(Envelope.MAGIC) else Container.FRAME
    if is_pickle(data) or (PREFIX in data and is_old_pickle(data)):
        return Container.PICKLE
    return Container.PROTOBUF


def _found(container: Container, data: bytes) -> Iterator[Found]:
    if container is Container.PROTOBUF:
        yield from walk(data)
    elif container is Container.PICKLE:
        for index, regions in enumerate(bytes_objects(opcodes(data))):
            yield from visit(data, regions, ((0, index),))
    else:
        yield from visit(data, (Region(0, 0, len(data), no_prefix),))
