"""The base class of faults in codec chains: an engine with hooks for codecs and envelopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datafusion import SessionContext

from conformance import wire
from conformance.subjects.engine.chain import EngineChain
from conformance.wire import Envelope
from tasks.faults.engine.faulty_at import FaultyAt, find_envelopes


class FaultyChain(FaultyAt):
    """An engine whose codecs are those of the nested class ``Chain``."""

    Chain: type[EngineChain] = EngineChain

    def __init__(self) -> None:
        super().__init__()
        self.chain = self.Chain()

    def write_envelope(self, envelope: bytes, session: Any) -> bytes:
        """Return the bytes to write in place of an outermost ``envelope``."""
        del session
        return envelope

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        """Return the bytes to read in place of an outermost ``envelope``."""
        del session
        return envelope

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        overridden = type(self).write_envelope is not FaultyChain.write_envelope
        if artifact in self.artifacts and overridden:
            data = change_envelopes(data, lambda one: self.write_envelope(one, session))
        return data

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        overridden = type(self).read_envelope is not FaultyChain.read_envelope
        if artifact in self.artifacts and overridden:
            data = change_envelopes(data, lambda one: self.read_envelope(one, session))
        return super().read(artifact, data, session)


def change_envelopes(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return ``data`` with each outermost envelope changed."""
    new: dict[wire.Path, bytes] = {}
    for one in find_envelopes(data):
        if not any(one.path[: len(path)] == path for path in new):
            new[one.path] = change(one.data)
    return wire.replace(data, new) if new else data


def parse_envelope(envelope: bytes) -> Envelope | None:
    """Return the parsed envelope, ``None`` if it is malformed."""
    try:
        return Envelope.parse(envelope)
    except wire.WireError:
        return None


def rename_envelope(envelope: bytes, codec_id: str) -> bytes:
    """Return the envelope with another codec id, unchanged if it is malformed."""
    found = parse_envelope(envelope)
    return Envelope(codec_id, found.blob).to_bytes() if found else envelope


def codec_ids(session: SessionContext, artifact: str = "logical") -> list[str]:
    """Return the ids of the codecs with which ``session`` reads ``artifact``, none without one."""
    layer = "physical" if artifact == "physical" else "logical"
    return [] if session is None else list(getattr(session, f"{layer}_extension_codec_ids")())
