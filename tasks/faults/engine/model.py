"""Faults that depend on what a process has encoded and decoded before."""

from __future__ import annotations

import os
import threading
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.patched_expr import (
    PatchedExpr,
    family_of,
    inlines,
    patch_expr,
    replace_frames,
    resolve_session,
    rewrite_members,
)
from tasks.faults.fault import breaks


@breaks("MODEL-04")
class FramesAreKeptByTheirSize(PatchedExpr):
    """Decode a frame as the first one that had its family and size."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[tuple[str, int], bytes] = {}

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        super().decode(data, session)
        known = replace_frames(
            data,
            lambda one: self.known.setdefault((family_of(one), len(one.data)), one.data),
        )
        return super().decode(known, session)


@breaks("MODEL-05")
class ResultsAreKept(Engine):
    """Return the result of an expression that was evaluated before, if it is the same object."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[tuple[Expr, Any]] = []

    def evaluate(self, session: SessionContext, expr: Expr, *more: Any, **options: Any) -> Any:
        for one, result in self.results:
            if one is expr:
                return result
        self.results.append((expr, super().evaluate(session, expr, *more, **options)))
        return self.results[-1][1]


@breaks("MODEL-07")
class SecondProtocolChangesTheName(PatchedExpr):
    """Change the names of UDFs in pickles whose protocol is not the first one of the process."""

    def __init__(self) -> None:
        super().__init__()
        protocols: list[int] = []

        def reduce_ex(expr: Expr, protocol: Any) -> Any:
            protocols.append(protocol)
            data = self.write_pickle(expr)
            if protocol != protocols[0]:
                data = replace_frames(data, lambda one: rewrite_members(one.data, _renamed))
            return Expr._reconstruct, (data,)

        patch_expr("__reduce_ex__", reduce_ex)


def _renamed(members: Any) -> Any:
    return members._replace(name=f"{members.name}_2")


@breaks("MODEL-02")
class StrictOnlyTwice(PatchedExpr):
    """Let every strict session inline after the process decoded twice on a strict session."""

    decoded = 0

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        chosen = resolve_session(session)
        if not inlines(chosen):
            type(self).decoded += 1
            if self.decoded > 2:
                chosen = chosen.with_python_udf_inlining(enabled=True)
        return super().decode(data, chosen)


@breaks("MODEL-08")
class SecondThreadKillsTheProcess(PatchedExpr):
    """Abort when a second thread decodes."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[threading.Thread] = []

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        if threading.current_thread() not in self.threads:
            self.threads.append(threading.current_thread())
        if len(self.threads) > 1:
            os.abort()
        return super().decode(data, session)
