"""Faults in which a strict session unpickles what it refuses."""

from __future__ import annotations

import importlib
import io
import pickle
import pickletools
import sys
from contextlib import suppress
from threading import Thread
from typing import Any

import cloudpickle
from datafusion import Expr, SessionContext

from tasks.faults.engine.patched_expr import (
    PatchedExpr,
    RewordsRefusals,
    family_of,
    find_frames,
    inlines,
    patch_expr,
    resolve_session,
)
from tasks.faults.fault import breaks

_UNPICKLE_ERRORS = (pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError)


class _Peeks(RewordsRefusals):
    """An engine that calls ``peek`` with a payload before it is refused."""

    def peek(self, payload: bytes) -> None:
        raise NotImplementedError

    def looks_at(self, family_: str) -> bool:
        return bool(family_)

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        if not inlines(resolve_session(session)):
            for found in find_frames(data):
                if self.looks_at(family_of(found)):
                    with suppress(*_UNPICKLE_ERRORS):
                        self.peek(found.data[10:])
        return super().decode(data, session)


@breaks("STRICT-07", "STRICT-08")
class RunsBeforeItRefuses(_Peeks):
    """Unpickle the payload before the toggle is checked."""

    def peek(self, payload: bytes) -> None:
        cloudpickle.loads(payload)


@breaks("STRICT-07")
class LooksUpBeforeItRefuses(_Peeks):
    """Look up the globals of a payload before it is refused."""

    def peek(self, payload: bytes) -> None:
        class Finder(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Any:
                sys.audit("pickle.find_class", module, name)
                raise pickle.UnpicklingError

        Finder(io.BytesIO(payload)).load()


@breaks("STRICT-07")
class ImportsWhatThePayloadNames(_Peeks):
    """Import the modules that a payload names before it is refused."""

    def peek(self, payload: bytes) -> None:
        for _, argument, _ in pickletools.genops(payload):
            if isinstance(argument, str) and argument.startswith("conformance."):
                importlib.import_module(argument)


@breaks("STRICT-07")
class UnpicklesWindowsItself(_Peeks):
    """Unpickle window payloads by the standard unpickler before refusal."""

    def looks_at(self, family_: str) -> bool:
        return family_ == "window"

    def peek(self, payload: bytes) -> None:
        pickle.Unpickler(io.BytesIO(payload)).load()


@breaks("STRICT-07", "STRICT-08")
class LoadsInAThread(_Peeks):
    """Unpickle the payload in another thread before it is refused."""

    def peek(self, payload: bytes) -> None:
        def work() -> None:
            with suppress(*_UNPICKLE_ERRORS):
                cloudpickle.loads(payload)

        thread = Thread(target=work)
        thread.start()
        thread.join()


@breaks("STRICT-07", "STRICT-08")
class LoadsAfterItRefused(RewordsRefusals):
    """Unpickle the payload after it was refused."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        self.payloads = [found.data[10:] for found in find_frames(data)]
        return super().decode(data, session)

    def reword(self, message: str) -> str:
        for payload in self.payloads:
            with suppress(*_UNPICKLE_ERRORS):
                cloudpickle.loads(payload)
        return message


@breaks("STRICT-08")
class LoadsInDeepCopies(PatchedExpr):
    """Unpickle the payload in copy.deepcopy() before it is refused."""

    def __init__(self) -> None:
        super().__init__()

        def deep(expr: Expr, _memo: Any) -> Expr:
            data = self.encode(expr, None)
            if not inlines(resolve_session(None)):
                for found in find_frames(data):
                    cloudpickle.loads(found.data[10:])
            return self.decode(data, None)

        patch_expr("__deepcopy__", deep)
