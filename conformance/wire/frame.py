"""A UDF frame: magic, wire version, the sender's Python, payload."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from conformance.wire.errors import TruncatedHeader, UnknownMagic, UnsupportedVersion

MAGIC_SIZE = 7
"""Every magic of the format, the chain's included, has so many bytes."""


class Family(Enum):
    """The three kinds of UDF; the value is the magic."""

    SCALAR = b"DFPYUDF"
    AGGREGATE = b"DFPYUDA"
    WINDOW = b"DFPYUDW"

    @property
    def kind(self) -> str:
        """Return what the engine's messages call it, such as ``scalar UDF``."""
        return f"{self.name.lower()} UDF"


@dataclass(frozen=True)
class Frame:
    """One UDF in the field ``fun_definition``.

    ``python`` is the sender's (major, minor), a byte each; ``payload`` is the
    cloudpickle of the family's tuple and is not looked at here. Values that
    the format forbids, such as a wire version of 9, can be built and written:
    a suite needs them.
    """

    family: Family
    wire_version: int
    python: tuple[int, int]
    payload: bytes

    VERSION_AT: ClassVar[int] = 7
    MAJOR_AT: ClassVar[int] = 8
    MINOR_AT: ClassVar[int] = 9
    HEADER_SIZE: ClassVar[int] = 10
    SUPPORTED: ClassVar[tuple[int, int]] = (1, 1)
    """Lowest and highest wire version of released engines."""

    HEADER: ClassVar[tuple[tuple[str, int, int], ...]] = (
        ("magic", 0, 7),
        ("wire version", 7, 8),
        ("Python major", 8, 9),
        ("Python minor", 9, 10),
    )
    """The header's fields: name, first byte, byte after the last."""

    def to_bytes(self) -> bytes:
        """Write the frame; ``ValueError`` where a header value is no byte."""
        return self.family.value + bytes((self.wire_version, *self.python)) + self.payload

    @classmethod
    def parse(cls, data: bytes, *, any_version: bool = False) -> Frame:
        """Read the frame that ``data`` is.

        ``any_version`` reads the header of a frame whose wire version is not
        supported; its payload may then have another shape.

        Raises ``UnknownMagic``, ``TruncatedHeader`` or ``UnsupportedVersion``,
        checked in the order of the bytes.
        """
        magic = data[:MAGIC_SIZE]
        family = FAMILIES.get(magic)
        if family is None:
            raise UnknownMagic(magic)
        for name, start, _ in cls.HEADER[1:]:
            if len(data) <= start:
                raise TruncatedHeader(name, len(data))
            if start == cls.VERSION_AT and not any_version:
                low, high = cls.SUPPORTED
                if not low <= data[start] <= high:
                    raise UnsupportedVersion(data[start], cls.SUPPORTED)
        python = (data[cls.MAJOR_AT], data[cls.MINOR_AT])
        return cls(family, data[cls.VERSION_AT], python, data[cls.HEADER_SIZE :])


FAMILIES = {family.value: family for family in Family}
"""From magic to family."""
