"""An engine whose bytes and refusals go through other hands: what faults are made of."""

from __future__ import annotations

from datafusion import Expr, SessionContext

from conformance import wire
from conformance.subjects.engine import Engine


class Faulty(Engine):
    """An engine whose bytes pass through ``send`` and ``receive``, whose refusals ``say``."""

    def send(self, frame: bytes) -> bytes:
        return frame

    def receive(self, frame: bytes) -> bytes:
        return frame

    def say(self, text: str) -> str:
        return text

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        return wire.replace(data, {f.path: self.send(f.data) for f in wire.find(data)})

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            found = wire.find(data)
        except wire.WireError:
            found = []
        data = wire.replace(data, {f.path: self.receive(f.data) for f in found}) if found else data
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            raise RuntimeError(self.say(str(error))) from None
