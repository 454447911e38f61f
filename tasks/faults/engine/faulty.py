"""An engine whose bytes and refusals go through other hands: what faults are made of."""

from __future__ import annotations

from typing import Any, ClassVar
from unittest import mock

from datafusion import Expr, SessionContext

from conformance import wire
from conformance.subjects.engine import Engine


class Faulty(Engine):
    """An engine whose bytes pass through ``send`` and ``receive``, whose refusals ``say``."""

    selected: ClassVar[slice] = slice(None)
    """Of the frames in an expression, those that pass through there."""

    def send(self, frame: bytes) -> bytes:
        return frame

    def receive(self, frame: bytes) -> bytes:
        return frame

    def receive_found(self, found: wire.Found) -> bytes:
        """As ``receive``, of a frame and where it stands."""
        return self.receive(found.data)

    def reword(self, text: str) -> str:
        return text

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        return wire.replace(data, {f.path: self.send(f.data) for f in self._select(data)})

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        found = self._select(data)
        data = wire.replace(data, {f.path: self.receive_found(f) for f in found}) if found else data
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            raise RuntimeError(self.reword(str(error))) from None

    def _select(self, data: bytes) -> list[wire.Found]:
        try:
            return wire.find(data)[self.selected]
        except wire.WireError:
            return []


class Faulty(Faulty):
    """An engine in whose refusals ``told`` stands where ``lost``, a pattern, matches."""

    rewords = [("", "")]

    rewords = [(self.lost, self.told)]


class IncludingPickle(Faulty):
    """An engine whose hooks see pickles, too, for as long as the process lives."""

    def __init__(self) -> None:
        super().__init__()

        def _reconstruct(_: Any, data: bytes) -> Expr:
            return self.read_pickle(data)

        def reduced(expr: Expr) -> Any:
            return Expr._reconstruct, (self.write_pickle(expr),)

        mock.patch.object(Expr, "_reconstruct", classmethod(_reconstruct)).start()
        mock.patch.object(Expr, "__reduce__", reduced).start()

    def write_pickle(self, expr: Expr) -> bytes:
        return self.to_bytes(expr, self.get_slot("sender"))

    def read_pickle(self, data: bytes) -> Expr:
        return self.from_bytes(data)


class PickleOnly(IncludingPickle):
    """An engine whose hooks see pickles only: what is written and read by hand is as ever."""

    to_bytes = Engine.to_bytes
    from_bytes = Engine.from_bytes

    def write_pickle(self, expr: Expr) -> bytes:
        return Faulty.to_bytes(self, expr, self.get_slot("sender"))

    def read_pickle(self, data: bytes) -> Expr:
        return Faulty.from_bytes(self, data)
