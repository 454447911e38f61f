"""A UDF frame: magic, wire version, the sender's Python, payload."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from conformance.wire.errors import TruncatedHeader, UnknownMagic, UnsupportedVersion

MAGIC_SIZE = 7
"""The length of every magic of the format, in bytes; that of chain envelopes included."""


class Family(Enum):
    """The three kinds of UDF; the value is the magic."""

    SCALAR = b"DFPYUDF"
    AGGREGATE = b"DFPYUDA"
    WINDOW = b"DFPYUDW"

    @property
    def kind(self) -> str:
        """The name of the family in the engine's messages, such as ``scalar UDF``."""
        return f"{self.name.lower()} UDF"

    @property
    def with_article(self) -> str:
        """The kind with its article, such as ``an aggregate UDF``."""
        return f"{'an' if self is Family.AGGREGATE else 'a'} {self.kind}"


@dataclass(frozen=True)
class Frame:
    """One UDF in the field ``fun_definition``.

    ``python`` is the sender's (major, minor), a byte each. ``payload`` is the
    cloudpickle of the family's tuple; it is not parsed here. Invalid values,
    such as a wire version of 9, are allowed: the suite writes such frames.
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
    """The lowest and the highest wire version of released engines."""

    HEADER: ClassVar[tuple[tuple[str, int, int], ...]] = (
        ("magic", 0, 7),
        ("wire version", 7, 8),
        ("Python major", 8, 9),
        ("Python minor", 9, 10),
    )
    """The fields of the header: name, first byte, byte after the last."""

    @classmethod
    def supports(cls, version: int) -> bool:
        """Return whether released engines read frames of this wire version."""
        low, high = cls.SUPPORTED
        return low <= version <= high

    def to_bytes(self) -> bytes:
        """Return the bytes of the frame; ``ValueError`` if a header value does not fit a byte."""
        return self.family.value + bytes((self.wire_version, *self.python)) + self.payload

    @classmethod
    def parse(cls, data: bytes, *, any_version: bool = False) -> Frame:
        """Parse ``data`` as a frame.

        With ``any_version``, an unsupported wire version is accepted; the
        payload may then have another format.

        The fields are checked in their order. Raises ``UnknownMagic``,
        ``TruncatedHeader`` or ``UnsupportedVersion``.
        """
        magic = data[:MAGIC_SIZE]
        family = FAMILIES.get(magic)
        if family is None:
            raise UnknownMagic(magic)
        for name, start, _ in cls.HEADER[1:]:
            if len(data) <= start:
                raise TruncatedHeader(name, len(data))
            if start == cls.VERSION_AT and not (any_version or cls.supports(data[start])):
                raise UnsupportedVersion(data[start], cls.SUPPORTED)
        python = (data[cls.MAJOR_AT], data[cls.MINOR_AT])
        return cls(family, data[cls.VERSION_AT], python, data[cls.HEADER_SIZE :])


FAMILIES = {family.value: family for family in Family}
"""The families by magic."""
