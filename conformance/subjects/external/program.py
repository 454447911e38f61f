"""The operations of a program behind stdin and stdout."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from conformance.subjects.codec import OPERATIONS, Artifact, Conditions, Decision
from conformance.subjects.external import PROTOCOL
from conformance.subjects.external.errors import ProgramError, ProtocolError
from conformance.subjects.external.pipe import REPLY_TIMEOUT, Pipe
from conformance.subjects.external.replies import (
    check_fields,
    read_bytes,
    read_decision,
    read_field,
    read_records,
)

WITH_ARTIFACT = {"decide", "take_apart", "write_back"}
"""The operations that take an artifact."""

JUDGED = ({"expression"}, {*get_args(Artifact)})
"""The artifacts that can be judged together."""


@dataclass(frozen=True)
class Hello:
    """The first reply of a program: its name and what it can do."""

    name: str
    version: str
    language: str
    operations: tuple[str, ...]
    artifacts: tuple[str, ...]


class Program:
    """A program that is asked; it is greeted whenever it was started."""

    def __init__(self, command: Sequence[str], reply_timeout: float = REPLY_TIMEOUT) -> None:
        self.pipe = Pipe(command, reply_timeout)
        self.hello = self._greet()

    @property
    def operations(self) -> Sequence[str]:
        return self.hello.operations

    def decide(self, artifact: Artifact, data: bytes, conditions: Conditions) -> Decision:
        return read_decision(self._ask(**decide_request(artifact, data, conditions)))

    def take_apart(self, artifact: Artifact, data: bytes) -> Mapping[str, Any]:
        reply = self._ask("take-apart", artifact=artifact, data=_text(data))
        return {name: read_records(reply, name) for name in ("frames", "envelopes")}

    def write_back(self, artifact: Artifact, data: bytes) -> bytes:
        return read_bytes(self._ask("write-back", artifact=artifact, data=_text(data)), "data")

    def write_frame(self, family: str, python: str, payload: bytes) -> bytes:
        asked = {"family": family, "python": python, "payload": _text(payload)}
        return read_bytes(self._ask("write-frame", **asked), "data")

    def wrap(self, codec_id: str, payload: bytes) -> bytes:
        return read_bytes(self._ask("wrap", codec_id=codec_id, payload=_text(payload)), "data")

    def unwrap(self, envelope: bytes) -> tuple[str, bytes]:
        reply = self._ask("unwrap", data=_text(envelope))
        return read_field(reply, "codec_id", str), read_bytes(reply, "payload")

    def close(self) -> None:
        """End the program."""
        self.pipe.close()

    def _ask(self, op: str, **fields: Any) -> Mapping[str, Any]:
        if not self.pipe.running:
            self._greet()
        return self.pipe.ask({"op": op, **fields})

    def _greet(self) -> Hello:
        """Start the program, and return what it says of itself."""
        try:
            return _read_hello(self.pipe.ask({"op": "hello", "protocol": PROTOCOL}))
        except ProgramError:
            self.close()
            raise


def decide_request(artifact: Artifact, data: bytes, conditions: Conditions) -> dict[str, Any]:
    """Return the request for a decision, without its id."""
    session = {
        "inlining": conditions.inlining,
        "python": conditions.python,
        "codecs": list(conditions.codecs),
        "registered": [list(one) for one in conditions.registered],
    }
    return {"op": "decide", "artifact": artifact, "data": _text(data), "session": session}


def _read_hello(reply: Mapping[str, Any]) -> Hello:
    """Return the fields of the first reply."""
    if (protocol := read_field(reply, "protocol", int)) != PROTOCOL:
        raise ProtocolError(f"protocol: expected {PROTOCOL}, got {protocol}")
    check_fields(reply, "name", "version", "language", "operations", "artifacts")
    known = [one.replace("_", "-") for one in OPERATIONS]
    operations = tuple(one.replace("-", "_") for one in _names(reply, "operations", known))
    artifacts = _names(reply, "artifacts", get_args(Artifact))
    if not WITH_ARTIFACT.isdisjoint(operations) and {*artifacts} not in JUDGED:
        raise ProtocolError(
            "artifacts: expected 'expression' alone, or 'expression', 'logical' and 'physical', "
            f"got {', '.join(artifacts) or 'none'}"
        )
    return Hello(
        name=read_field(reply, "name", str),
        version=read_field(reply, "version", str),
        language=read_field(reply, "language", str),
        operations=operations,
        artifacts=artifacts,
    )


def _names(reply: Mapping[str, Any], name: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return a list of known names."""
    for one in (found := read_field(reply, name, list)):
        if one not in known:
            raise ProtocolError(f"{name}: expected some of {', '.join(known)}, got {one!r}")
    return tuple(found)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
