"""Faults that leave something behind in the process."""

from __future__ import annotations

import os
import sys
import threading
from types import ModuleType
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.patched_expr import PatchedExpr
from tasks.faults.fault import breaks


@breaks("COST-11")
class KeepsADescriptor(PatchedExpr):
    """Leave a file descriptor open after each decode."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        os.dup(0)
        return super().decode(data, session)


@breaks("COST-12", "COST-14")
class KeepsAThread(Engine):
    """Leave a thread after each decode that waits for ever."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        return super().from_bytes(data, session)


class _Keeps(PatchedExpr):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Any] = []


@breaks("COST-13", "COST-14", "COST-16")
class KeepsExpressions(_Keeps):
    """Keep every decoded expression in a list."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        self.kept.append(expr := super().decode(data, session))
        return expr


@breaks("COST-13")
class KeepsWhatItEncodes(_Keeps):
    """Keep the bytes of every encoded expression in a cache without a limit."""

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        self.kept.append(data := super().encode(expr, session))
        return data


@breaks("COST-13", "COST-14")
class KeepsDerivedSessions(_Keeps):
    """Keep every session that was derived by the toggle."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        self.kept.append(derived := super().with_inlining(session, enabled))
        return derived


@breaks("COST-14", "COST-15")
class AddsAModule(Engine):
    """Add a module to ``sys.modules`` at each decode."""

    decoded = 0

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        self.decoded += 1
        name = f"decoded_{self.decoded}"
        sys.modules[name] = ModuleType(name)
        return super().from_bytes(data, session)
