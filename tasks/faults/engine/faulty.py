"""The base classes of most faults: an engine with hooks for its frames and error messages."""

from __future__ import annotations

from typing import Any, ClassVar
from unittest import mock

from datafusion import Expr, SessionContext

from conformance import wire
from conformance.subjects.engine import Engine
from tasks.faults.rewords import Rewords


class Faulty(Rewords, Engine):
    """An engine with a hook for each frame in an expression and each error message.

    ``send`` changes the frames that ``to_bytes`` writes, ``receive`` those that
    ``from_bytes`` reads, ``reword`` the messages of the errors that ``from_bytes`` raises.
    Pickles do not pass through the hooks.
    """

    selected: ClassVar[slice] = slice(None)
    """The frames in an expression that pass through the hooks."""

    def send(self, frame: bytes) -> bytes:
        """Return the bytes to write in place of ``frame``."""
        return frame

    def receive(self, frame: bytes) -> bytes:
        """Return the bytes to read in place of ``frame``."""
        return frame

    def receive_found(self, found: wire.Found) -> bytes:
        """Return the bytes to read in place of a frame whose position is known."""
        return self.receive(found.data)

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


class IncludingPickle(Faulty):
    """An engine whose hooks also see pickles. ``Expr`` stays patched until the process exits."""

    def __init__(self) -> None:
        super().__init__()

        def _reconstruct(_: Any, data: bytes) -> Expr:
            return self.read_pickle(data)

        def reduced(expr: Expr) -> Any:
            return Expr._reconstruct, (self.write_pickle(expr),)

        mock.patch.object(Expr, "_reconstruct", classmethod(_reconstruct)).start()
        mock.patch.object(Expr, "__reduce__", reduced).start()

    def write_pickle(self, expr: Expr) -> bytes:
        """Return the bytes that the pickle of ``expr`` holds."""
        return self.to_bytes(expr, self.get_slot("sender"))

    def read_pickle(self, data: bytes) -> Expr:
        """Return the expression that ``data``, the content of a pickle, describes."""
        return self.from_bytes(data)


class PickleOnly(IncludingPickle):
    """An engine whose hooks see pickles only. ``to_bytes`` and ``from_bytes`` work correctly."""

    to_bytes = Engine.to_bytes
    from_bytes = Engine.from_bytes

    def write_pickle(self, expr: Expr) -> bytes:
        return Faulty.to_bytes(self, expr, self.get_slot("sender"))

    def read_pickle(self, data: bytes) -> Expr:
        return Faulty.from_bytes(self, data)
