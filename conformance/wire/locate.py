"""Frames in whatever holds them: protobuf, a pickled expression, an envelope, nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from conformance.wire.chain import Envelope
from conformance.wire.pickles import bytes_objects, is_pickle
from conformance.wire.protobuf import Found, Path, has_magic, visit, walk
from conformance.wire.region import Region, splice, unwritten


class Container(Enum):
    """The form of bytes as a whole."""

    FRAME = "frame"
    ENVELOPE = "envelope"
    PICKLE = "pickle"
    PROTOBUF = "protobuf"


@dataclass(frozen=True)
class Located:
    """The form of bytes, and the UDF frames and chain envelopes in them, in their order."""

    container: Container
    found: tuple[Found, ...]

    @property
    def frames(self) -> tuple[Found, ...]:
        """The UDF frames, those inside envelopes included."""
        return tuple(item for item in self.found if not item.is_envelope)

    @property
    def envelopes(self) -> tuple[Found, ...]:
        """The chain envelopes."""
        return tuple(item for item in self.found if item.is_envelope)


def locate(data: bytes) -> Located:
    """Recognize ``data`` by its first bytes, and find its frames and envelopes.

    Frames and envelopes are not checked beyond their magics. Raises
    ``MalformedPickle`` or ``MalformedProtobuf`` where ``data`` begins as the
    one and is not, or is neither.
    """
    container = _container(data)
    return Located(container, tuple(_found(container, data)))


def find(data: bytes) -> list[Found]:
    """List the UDF frames in ``data``, as ``locate`` finds them."""
    return list(locate(data).frames)


def find_envelopes(data: bytes) -> list[Found]:
    """List the chain envelopes in ``data``, as ``locate`` finds them."""
    return list(locate(data).envelopes)


def replace(data: bytes, new: Mapping[Path, bytes]) -> bytes:
    """Put other bytes in the place of the frames or envelopes at these paths.

    All lengths around them are corrected, those of messages, of pickled bytes
    and of pickle frames; everything else stays as it is, to the byte.

    Raises ``KeyError`` for a path at which nothing was found, ``WireError``
    for a frame and an envelope around it at once, and what ``locate`` raises.
    """
    regions = {found.path: found.regions for found in locate(data).found}
    return splice(data, [(regions[path], content) for path, content in new.items()])


def remove(data: bytes, paths: Iterable[Path]) -> bytes:
    """Take the fields at these paths out, tags and all; lengths around them are corrected.

    A call without its frame travels by name. Raises ``KeyError`` for a path at
    which nothing was found, ``WireError`` for what is no field of a message,
    and what ``locate`` raises.
    """
    regions = {found.path: found.regions for found in locate(data).found}
    chains = [(*regions[path][:-1], regions[path][-1].with_tag()) for path in paths]
    return splice(data, [(chain, b"") for chain in chains])


def _container(data: bytes) -> Container:
    if has_magic(data):
        return Container.ENVELOPE if data.startswith(Envelope.MAGIC) else Container.FRAME
    return Container.PICKLE if is_pickle(data) else Container.PROTOBUF


def _found(container: Container, data: bytes) -> Iterator[Found]:
    if container is Container.PROTOBUF:
        yield from walk(data)
    elif container is Container.PICKLE:
        for index, regions in enumerate(bytes_objects(data)):
            yield from visit(data, regions, ((0, index),))
    else:
        yield from visit(data, (Region(0, 0, len(data), unwritten),))
