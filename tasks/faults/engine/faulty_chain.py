"""An engine whose codecs, and the envelopes in whose bytes, go through other hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datafusion import SessionContext

from conformance import wire
from conformance.subjects.engine.chain import EngineChain
from conformance.wire import Envelope
from tasks.faults.engine.faulty_at import FaultyAt, find_envelopes


class FaultyChain(FaultyAt):
    """An engine with codecs of its own making; ``wrap`` and ``unwrap`` change each envelope."""

    Chain: type[EngineChain] = EngineChain

    def __init__(self) -> None:
        super().__init__()
        self.chain = self.Chain()

    def write_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        return envelope

    def read_envelope(self, envelope: bytes, session: Any) -> bytes:
        del session
        return envelope

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        changes = (
            artifact in self.artifacts
            and type(self).write_envelope is not FaultyChain.write_envelope
        )
        return (
            change_envelopes(data, lambda one: self.write_envelope(one, session))
            if changes
            else data
        )

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and type(self).read_envelope is not FaultyChain.read_envelope:
            data = change_envelopes(data, lambda one: self.read_envelope(one, session))
        return super().read(artifact, data, session)


def change_envelopes(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """``data`` with its envelopes changed, of which those inside others are a part."""
    new: dict[wire.Path, bytes] = {}
    for one in find_envelopes(data):
        if not any(one.path[: len(path)] == path for path in new):
            new[one.path] = change(one.data)
    return wire.replace(data, new) if new else data


def parse_envelope(envelope: bytes) -> Envelope | None:
    """The envelope, ``None`` where there is something wrong with it."""
    try:
        return Envelope.parse(envelope)
    except wire.WireError:
        return None


def rename_envelope(envelope: bytes, codec_id: str) -> bytes:
    """The envelope under another id; as it is where there is something wrong with it."""
    found = parse_envelope(envelope)
    return Envelope(codec_id, found.blob).to_bytes() if found else envelope


def codec_ids(session: SessionContext, artifact: str = "logical") -> list[str]:
    """The ids of the codecs by which a session reads at a level, none where there is no session."""
    layer = "physical" if artifact == "physical" else "logical"
    return [] if session is None else list(getattr(session, f"{layer}_extension_codec_ids")())
