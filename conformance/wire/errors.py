"""Errors in bytes: one class per error, with the details as attributes.

The attributes of an error are its arguments, so that a child process can
pickle it.
"""

from __future__ import annotations


class WireError(ValueError):
    """The bytes do not follow the format."""


class UnknownMagic(WireError):
    """The first bytes are not a known magic.

    ``magic`` holds these bytes, at most seven; ``expected`` names the expected structure.
    """

    def __init__(self, magic: bytes, expected: str = "a UDF frame") -> None:
        super().__init__(magic, expected)
        self.magic = magic
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.magic!r} is not the magic of {self.expected}"


class TruncatedHeader(WireError):
    """A frame ends inside its header.

    ``missing`` is the first missing field: ``"wire version"``,
    ``"Python major"`` or ``"Python minor"``. ``size`` is the length in bytes.
    """

    def __init__(self, missing: str, size: int) -> None:
        super().__init__(missing, size)
        self.missing = missing
        self.size = size

    def __str__(self) -> str:
        return f"the frame ends after {self.size} bytes: its {self.missing} byte is missing"


class UnsupportedVersion(WireError):
    """The wire version of a frame is outside ``supported`` (lowest, highest)."""

    noun = "wire version"

    def __init__(self, version: int, supported: tuple[int, int]) -> None:
        super().__init__(version, supported)
        self.version = version
        self.supported = supported

    def __str__(self) -> str:
        low, high = self.supported
        return f"{self.noun} {self.version} is outside the supported range {low} to {high}"


class UnsupportedEnvelopeVersion(UnsupportedVersion):
    """The version of a chain envelope is outside ``supported`` (lowest, highest)."""

    noun = "envelope version"


class TruncatedEnvelope(WireError):
    """A chain envelope ends inside its fixed part.

    ``missing`` is the first incomplete field: ``"envelope version"`` or
    ``"codec id length"``. ``size`` is the length in bytes.
    """

    def __init__(self, missing: str, size: int) -> None:
        super().__init__(missing, size)
        self.missing = missing
        self.size = size

    def __str__(self) -> str:
        return f"the envelope ends after {self.size} bytes: its {self.missing} is missing"


class EnvelopeIdTooLong(WireError):
    """The ``length`` of a codec id exceeds the ``available`` bytes of its envelope."""

    def __init__(self, length: int, available: int) -> None:
        super().__init__(length, available)
        self.length = length
        self.available = available

    def __str__(self) -> str:
        return f"the codec id should have {self.length} bytes, but only {self.available} are left"


class EnvelopeIdNotUtf8(WireError):
    """The bytes ``codec_id`` are not UTF-8."""

    def __init__(self, codec_id: bytes) -> None:
        super().__init__(codec_id)
        self.codec_id = codec_id

    def __str__(self) -> str:
        return f"the codec id {self.codec_id!r} is not UTF-8"


class MalformedProtobuf(WireError):
    """The bytes are not a protobuf message; ``reason`` explains why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"not a protobuf message: {self.reason}"


class MalformedPickle(WireError):
    """The bytes are not a pickle; ``reason`` explains why, ``position`` is the offset, if known."""

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason, position)
        self.reason = reason
        self.position = position

    def __str__(self) -> str:
        at = "" if self.position is None else f" at byte {self.position}"
        return f"not a readable pickle{at}: {self.reason}"


class TooManyOpcodes(MalformedPickle):
    """A pickle has more opcodes than are read: it need not be malformed."""

    def __str__(self) -> str:
        return f"a pickle is not read to its end: {self.reason}, the next at byte {self.position}"


class MalformedTuple(WireError):
    """The pickle does not hold the tuple of the family.

    ``field`` is the malformed field, or ``"tuple"`` for the tuple as a whole.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"the payload's {self.field} is wrong: {self.reason}"


class MalformedSchema(WireError):
    """The bytes are not an Arrow IPC stream of exactly one schema."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"not an Arrow IPC stream of exactly one schema: {self.reason}"
