"""The optional part of the interface for what can be done with bytes without running a UDF.

A program in any language can offer it, behind ``--subject-command``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Artifact = Literal["expression", "logical", "physical"]
"""What bytes hold: an expression, or a plan of one layer; the words of the golden manifest."""

OPERATIONS = ("decide", "take_apart", "write_back", "write_frame", "envelopes")
"""The operations of a codec: each is a capability of its own."""


def spelled(capability: str) -> str:
    """Return a capability as people write it: an operation with hyphens, as programs do."""
    return capability.replace("_", "-") if capability in OPERATIONS else capability


@dataclass(frozen=True)
class Conditions:
    """The session on which bytes are to be decoded.

    ``python`` is the minor version of the receiver's Python, such as ``3.12``. ``codecs`` are the
    ids of its extension codecs, each an inlining session, in install order. ``registered`` are
    the UDFs that are registered on it: pairs of a family and a name.
    """

    python: str
    inlining: bool = True
    codecs: tuple[str, ...] = ()
    registered: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Decision:
    """The answer to bytes: accepted or refused, the error, and whether anything was unpickled.

    ``kind`` is the engine's class of the error, such as ``Execution``.
    """

    accepted: bool
    kind: str = ""
    message: str = ""
    unpickled: bool = False


class CannotDo(Exception):
    """Raised by an operation for bytes with which it cannot be done."""


class Codec(Protocol):
    """Operations on bytes. Any of them may be missing; ``operations`` lists the others.

    All operations but ``decide`` raise ``CannotDo`` for bytes that they cannot read.
    """

    @property
    def operations(self) -> Sequence[str]:
        """The operations that this codec has, of ``OPERATIONS``."""

    def decide(self, artifact: Artifact, data: bytes, conditions: Conditions) -> Decision:
        """Decide whether a session under ``conditions`` decodes ``data``."""

    def take_apart(self, artifact: Artifact, data: bytes) -> Mapping[str, Any]:
        """Return the frames and envelopes in ``data``, as records of the golden manifest."""

    def write_back(self, artifact: Artifact, data: bytes) -> bytes:
        """Parse ``data`` and write it again; no byte may change."""

    def write_frame(self, family: str, python: str, payload: bytes) -> bytes:
        """Return the frame of a payload that a sender on this Python minor version pickled."""

    def wrap(self, codec_id: str, payload: bytes) -> bytes:
        """Return the envelope of a codec around a payload."""

    def unwrap(self, envelope: bytes) -> tuple[str, bytes]:
        """Return the codec id and the payload of an envelope."""
