"""An engine whose codecs, and the envelopes in whose bytes, go through other hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datafusion import SessionContext

from conformance import wire
from conformance.subjects.engine.chain import EngineChain
from conformance.wire import Envelope
from tasks.faults.engine.leveled import Leveled, envelopes


class Chained(Leveled):
    """An engine with codecs of its own making; ``wrap`` and ``unwrap`` change each envelope."""

    Chain: type[EngineChain] = EngineChain

    def __init__(self) -> None:
        super().__init__()
        self.chain = self.Chain()

    def wrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        return envelope

    def unwrap(self, envelope: bytes, session: Any) -> bytes:
        del session
        return envelope

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        changes = level in self.levels and type(self).wrap is not Chained.wrap
        return outermost(data, lambda one: self.wrap(one, session)) if changes else data

    def read(self, level: str, data: bytes, session: Any) -> Any:
        if level in self.levels and type(self).unwrap is not Chained.unwrap:
            data = outermost(data, lambda one: self.unwrap(one, session))
        return super().read(level, data, session)


def outermost(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """``data`` with its envelopes changed, of which those inside others are a part."""
    new: dict[wire.Path, bytes] = {}
    for one in envelopes(data):
        if not any(one.path[: len(path)] == path for path in new):
            new[one.path] = change(one.data)
    return wire.replace(data, new) if new else data


def parsed(envelope: bytes) -> Envelope | None:
    """The envelope, ``None`` where there is something wrong with it."""
    try:
        return Envelope.parse(envelope)
    except wire.WireError:
        return None


def renamed(envelope: bytes, codec_id: str) -> bytes:
    """The envelope under another id; as it is where there is something wrong with it."""
    found = parsed(envelope)
    return Envelope(codec_id, found.blob).to_bytes() if found else envelope


def ids(session: SessionContext, level: str = "logical") -> list[str]:
    """The ids of the codecs by which a session reads at a level, none where there is no session."""
    layer = "physical" if level == "physical" else "logical"
    return [] if session is None else list(getattr(session, f"{layer}_extension_codec_ids")())
