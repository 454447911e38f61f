"""Faults that change the process, or share what copies must have for themselves."""

from __future__ import annotations

import builtins
import copyreg
import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Callable
from decimal import getcontext
from typing import Any

from cloudpickle import cloudpickle
from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.patched_expr import PatchedExpr, patch_expr
from tasks.faults.fault import breaks


@breaks("ALIVE-03")
class CopyIsTheSame(Engine):
    """Return the expression itself from copy.copy."""

    def __init__(self) -> None:
        super().__init__()
        patch_expr("__copy__", lambda expr: expr)


@breaks("ALIVE-03")
class DecodesOnce(PatchedExpr):
    """Return the same expression for the same bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.decoded: dict[bytes, Expr] = {}

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        if session is not None or b"counter" not in data:
            return super().decode(data, session)
        if data not in self.decoded:
            self.decoded[data] = super().decode(data, session)
        return self.decoded[data]


class _Changes(PatchedExpr):
    """An engine that changes the process when it decodes."""

    change: Callable[[], Any]

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        type(self).change()
        return super().decode(data, session)


@breaks("ALIVE-04")
class RaisesTheRecursionLimit(_Changes):
    """Raise the recursion limit to decode, and leave it so."""

    change = staticmethod(lambda: sys.setrecursionlimit(sys.getrecursionlimit() + 100))


@breaks("ALIVE-04")
class IgnoresWarnings(_Changes):
    """Add a warning filter to decode, and leave it there."""

    change = staticmethod(lambda: warnings.simplefilter("ignore", ImportWarning))


@breaks("ALIVE-04")
class TakesOverInterrupts(_Changes):
    """Set a handler for SIGUSR2, and leave it there."""

    change = staticmethod(lambda: signal.signal(signal.SIGUSR2, lambda *_: None))


@breaks("ALIVE-04")
class SeedsTheRandomState(_Changes):
    """Seed the random state of the process."""

    change = staticmethod(lambda: random.seed(0))


@breaks("ALIVE-04")
class SetsAnEnvironmentVariable(_Changes):
    """Leave the time of decoding in the environment."""

    change = staticmethod(lambda: os.environ.update(DATAFUSION_DECODED=str(time.time())))


@breaks("ALIVE-04")
class LeavesANameInMain(_Changes):
    """Leave the decoded bytes under a name in the script."""

    change = staticmethod(lambda: vars(sys.modules["__main__"]).update(_decoded=1))


@breaks("ALIVE-04")
class AddsABuiltin(_Changes):
    """Add a built-in name."""

    change = staticmethod(lambda: vars(builtins).update(_decoded=1))


@breaks("ALIVE-04")
class RegistersAReducer(_Changes):
    """Register a reducer with copyreg."""

    change = staticmethod(lambda: copyreg.pickle(Engine, lambda engine: (type(engine), ())))


@breaks("ALIVE-04")
class Prints(_Changes):
    """Print something when decoding."""

    change = staticmethod(lambda: print("decoding"))


@breaks("ALIVE-04")
class LowersThePrecision(_Changes):
    """Lower the precision of decimals."""

    change = staticmethod(lambda: setattr(getcontext(), "prec", 20))


@breaks("ALIVE-04")
class EncodingChangesThePath(PatchedExpr):
    """Add a folder to sys.path when encoding."""

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        sys.path.append("/nowhere")
        return super().encode(expr, session)


def _patch_function_state(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> None:
    """Let ``change`` see the attributes and slots of each function that is pickled."""
    original = cloudpickle._function_getstate

    def getstate(function: Any) -> Any:
        attributes, slots = original(function)
        change(attributes, slots)
        return attributes, slots

    cloudpickle._function_getstate = getstate


@breaks("CODE-01")
class LosesKeywordDefaults(Engine):
    """Lose the defaults of keyword-only arguments."""

    def __init__(self) -> None:
        super().__init__()
        _patch_function_state(lambda _, slots: slots.update(__kwdefaults__=None))


@breaks("CODE-01")
class LosesAttributesOfFunctions(Engine):
    """Lose the attributes of functions."""

    def __init__(self) -> None:
        super().__init__()
        _patch_function_state(lambda attributes, _: attributes.clear())
