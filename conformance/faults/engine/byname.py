"""Engines that resolve names in another way."""

from __future__ import annotations

from typing import Any

from datafusion import Expr, SessionContext

from conformance import wire
from conformance.faults.engine.wrapped import Faulty
from conformance.faults.fault import breaks


@breaks("BYNAME-04", "BYNAME-05", "BYNAME-06", "BYNAME-08", "BYNAME-09", "BYNAME-11", blunders=True)
class RefusalIsATypo(Faulty):
    """Its errors are its own bugs."""

    def say(self, text: str) -> str:
        return text.no_such_method()  # type: ignore[attr-defined, no-any-return]


@breaks("BYNAME-04", "BYNAME-09", "BYNAME-11")
class ByNameFallsBack(Faulty):
    """What a session does not know, another one may."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}

    def register(self, session: SessionContext, function: Any) -> None:
        super().register(session, function)
        self.seen[function.name] = session

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError:
            if wire.find(data):
                raise
            for other in self.seen.values():
                try:
                    return super().from_bytes(data, other)
                except RuntimeError:
                    continue
            raise
