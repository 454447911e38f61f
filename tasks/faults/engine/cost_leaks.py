"""Faults that leave something behind in the process."""

from __future__ import annotations

import os
import sys
import threading
from types import ModuleType
from typing import Any

from cloudpickle import cloudpickle
from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.interface import Slot
from tasks.faults.engine.patched_expr import PatchedExpr
from tasks.faults.fault import breaks


@breaks("COST-11")
class KeepsADescriptor(PatchedExpr):
    """Leave a file descriptor open after each decode."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        os.dup(0)
        return super().decode(data, session)


@breaks("COST-11")
class KeepsADescriptorOfTen(PatchedExpr):
    """Leave a file descriptor open after every tenth decode."""

    decoded = 0

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        self.decoded += 1
        if self.decoded % 10 == 0:
            os.dup(0)
        return super().decode(data, session)


@breaks("COST-11")
class RefusalsKeepADescriptor(Engine):
    """Leave a file descriptor open after each refusal."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError:
            os.dup(0)
            raise


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


@breaks("COST-13")
class RefusalsKeepTheirPayloads(_Keeps):
    """Keep the bytes of every refused expression."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        try:
            return super().decode(data, session)
        except RuntimeError:
            self.kept.append(data)
            raise


@breaks("COST-13", "COST-14")
class KeepsDerivedSessions(_Keeps):
    """Keep every session that was derived by the toggle."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        self.kept.append(derived := super().with_inlining(session, enabled))
        return derived


@breaks("COST-14")
class SlotsKeepTheirSessions(_Keeps):
    """Keep every session that was in a slot."""

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.kept.append(session)
        super().set_slot(slot, session)


@breaks("COST-14", "COST-15")
class AddsAModule(Engine):
    """Add a module to ``sys.modules`` at each decode."""

    decoded = 0

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        self.decoded += 1
        name = f"decoded_{self.decoded}"
        sys.modules[name] = ModuleType(name)
        return super().from_bytes(data, session)


@breaks("COST-13", "COST-14", "COST-16")
class KeepsClasses(_Keeps):
    """Keep every class that was decoded."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        expr = super().decode(data, session)
        tracked: Any = cloudpickle._DYNAMIC_CLASS_TRACKER_BY_ID
        self.kept += [cls for cls in list(tracked.values()) if cls not in self.kept]
        return expr
