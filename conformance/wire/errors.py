"""Errors in bytes: one class per fault, with the facts as attributes.

The arguments of an error are its attributes, so that it survives pickling on
the way back from another process.
"""

# Named after the fault, as the format's own words go.
from __future__ import annotations


class WireError(ValueError):
    """The bytes are not what their place in the format asks for."""


class UnknownMagic(WireError):
    """The first bytes are no magic that this reader knows.

    ``magic`` holds them, at most seven; ``expected`` says what was looked for.
    """

    def __init__(self, magic: bytes, expected: str = "a UDF frame") -> None:
        super().__init__(magic, expected)
        self.magic = magic
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.magic!r} is not the magic of {self.expected}"


class TruncatedHeader(WireError):
    """A frame ends inside its header.

    ``missing`` is the first field that is not there: ``"wire version"``,
    ``"Python major"`` or ``"Python minor"``. ``size`` is the length in bytes.
    """

    def __init__(self, missing: str, size: int) -> None:
        super().__init__(missing, size)
        self.missing = missing
        self.size = size

    def __str__(self) -> str:
        return f"the frame ends after {self.size} bytes: its {self.missing} byte is missing"


class UnsupportedVersion(WireError):
    """A frame's wire version lies outside ``supported`` (lowest, highest)."""

    noun = "wire version"

    def __init__(self, version: int, supported: tuple[int, int]) -> None:
        super().__init__(version, supported)
        self.version = version
        self.supported = supported

    def __str__(self) -> str:
        low, high = self.supported
        return f"{self.noun} {self.version} is outside the supported range {low} to {high}"


class UnsupportedEnvelopeVersion(UnsupportedVersion):
    """A chain envelope's version lies outside ``supported`` (lowest, highest)."""

    noun = "envelope version"


class TruncatedEnvelope(WireError):
    """A chain envelope ends inside its fixed part.

    ``missing`` is the first field that is not whole: ``"envelope version"`` or
    ``"codec id length"``. ``size`` is the length in bytes.
    """

    def __init__(self, missing: str, size: int) -> None:
        super().__init__(missing, size)
        self.missing = missing
        self.size = size

    def __str__(self) -> str:
        return f"the envelope ends after {self.size} bytes: its {self.missing} is missing"


class EnvelopeIdTooLong(WireError):
    """A codec id's ``length`` points past the ``available`` bytes of its envelope."""

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
    """The bytes are no protobuf message; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"not a protobuf message: {self.reason}"


class MalformedPickle(WireError):
    """The bytes are no pickle; ``reason`` says why, ``position`` where, if known."""

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason, position)
        self.reason = reason
        self.position = position

    def __str__(self) -> str:
        at = "" if self.position is None else f" at byte {self.position}"
        return f"not a readable pickle{at}: {self.reason}"


class MalformedTuple(WireError):
    """The pickle holds another tuple than the family's.

    ``field`` is the field that is off, or ``"tuple"`` for the whole.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"the payload's {self.field} is wrong: {self.reason}"


class MalformedSchema(WireError):
    """The bytes are not an Arrow IPC stream of one schema and nothing else."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"not a schema alone in an Arrow IPC stream: {self.reason}"
