"""Faults in calls within calls: of a callable that is pickled, unpickled or run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty_at import FaultyAt, inlining
from tasks.faults.fault import breaks


class _Counts(Engine):
    """An engine that counts the encodes, decodes and queries that have begun and not ended."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = {"encode": 0, "decode": 0, "query": 0}

    @contextmanager
    def counting(self, what: str) -> Iterator[None]:
        self.begun[what] += 1
        try:
            yield
        finally:
            self.begun[what] -= 1

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        with self.counting("encode"):
            return super().to_bytes(expr, session)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        with self.counting("decode"):
            return super().from_bytes(data, session)

    def evaluate(self, *arguments: Any, **options: Any) -> Any:
        with self.counting("query"):
            return super().evaluate(*arguments, **options)

    def refuse_during(self, what: str) -> None:
        if self.begun[what]:
            raise RuntimeError("Already borrowed")


@breaks("THREAD-17")
class DecodesByTheGlobalSessionWithinAnEncode(_Counts):
    """Decode by the global session while an expression is encoded."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return super().from_bytes(data, None if self.begun["encode"] else session)


@breaks("THREAD-16", "THREAD-17")
class NothingIsStrictWithinADecode(FaultyAt):
    """Accept frames on a strict session while the same thread decodes another message."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = threading.local()

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        within = getattr(self.outer, "decodes", False)
        self.outer.decodes = True
        try:
            return super().read(artifact, data, inlining(session) if within else session)
        finally:
            self.outer.decodes = within


@breaks("THREAD-09")
class OneDecodeAtATime(FaultyAt):
    """Refuse a message for a session that is decoding another one."""

    def __init__(self) -> None:
        super().__init__()
        self.decoding: list[SessionContext] = []

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if any(one is session for one in self.decoding):
            raise RuntimeError("Already mutably borrowed")
        self.decoding.append(session)
        try:
            return super().read(artifact, data, session)
        finally:
            self.decoding.remove(session)


@breaks("THREAD-18")
class EncodesNothingWithinADecode(_Counts):
    """Raise an error for an expression that is encoded while another one is decoded."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        self.refuse_during("decode")
        return super().to_bytes(expr, session)


@breaks("THREAD-19")
class EncodesNothingWithinAQuery(_Counts):
    """Raise an error for an expression that a UDF encodes while it runs."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        self.refuse_during("query")
        return super().to_bytes(expr, session)


@breaks("THREAD-19")
class DecodesNothingWithinAQuery(_Counts):
    """Raise an error for an expression that a UDF decodes while it runs."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        self.refuse_during("query")
        return super().from_bytes(data, session)


@breaks("THREAD-20")
class RegistersNothingWithinADecode(_Counts):
    """Raise an error for a UDF that is registered while an expression is decoded."""

    def register(self, session: SessionContext, function: Any) -> None:
        self.refuse_during("decode")
        super().register(session, function)
