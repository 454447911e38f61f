"""Faults that change the process, or share what copies must have for themselves."""

from __future__ import annotations

import gc
import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Any
from unittest import mock

import cloudpickle
from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import EnginePlans
from conformance.subjects.plans import Layer
from tasks.faults.engine.code import ChangesFunctions
from tasks.faults.engine.faulty_at import AtLogical
from tasks.faults.engine.patched_expr import PatchedExpr
from tasks.faults.fault import breaks


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
class Prints(_Changes):
    """Print something when decoding."""

    change = staticmethod(lambda: print("decoding"))


@breaks("ALIVE-04")
class EncodingChangesThePath(PatchedExpr):
    """Add a folder to sys.path when encoding."""

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        sys.path.append("/nowhere")
        return super().encode(expr, session)


@breaks("ALIVE-04")
class TheCollectorIsSwitchedOn(PatchedExpr):
    """Switch the garbage collector off while decoding, and on afterwards."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        gc.disable()
        try:
            return super().decode(data, session)
        finally:
            gc.enable()


@breaks("ALIVE-04")
class BrokenPlansSilenceWarnings(AtLogical):
    """Silence warnings while a plan is decoded, and leave them so where that fails."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact not in self.artifacts:
            return super().read(artifact, data, session)
        before = [*warnings.filters]
        warnings.simplefilter("ignore")
        plan = super().read(artifact, data, session)
        warnings.filters[:] = before  # type: ignore[index]
        return plan


_PINS: dict[str, Any] = {}


def pinned(name: str, defaults: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the first defaults that came under this name."""
    found: tuple[Any, ...] = _PINS.setdefault(name, defaults)
    return found


class _Pinned(tuple[Any, ...]):
    name: str

    def __reduce__(self) -> tuple[Any, ...]:
        return pinned, (self.name, tuple(self))


def _pin(_attributes: dict[str, Any], slots: dict[str, Any]) -> None:
    if slots["__defaults__"]:
        slots["__defaults__"] = _Pinned(slots["__defaults__"])
        slots["__defaults__"].name = slots["__qualname__"]


@breaks("ALIVE-03")
class DefaultsAreShared(ChangesFunctions):
    """Share the defaults of arguments between the copies of a function."""

    change = staticmethod(_pin)


@breaks("ALIVE-04")
class RestoresInterrupts(_Changes):
    """Give an interrupt its default handler when decoding."""

    change = staticmethod(lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


@breaks("ALIVE-04")
class UntracedDecoding(_Changes):
    """Unpickle without the program's profiler, and leave it off."""

    change = staticmethod(lambda: sys.setprofile(None))


def _show_errors() -> None:
    sys.excepthook = sys.__excepthook__


@breaks("ALIVE-04")
class RestoresTheHook(_Changes):
    """Show errors of unpickling in Python's own way from then on."""

    change = staticmethod(_show_errors)


@breaks("ALIVE-04")
class LeavesFilesOpen(_Changes):
    """Leave a file open when decoding."""

    change = staticmethod(lambda: os.open(os.devnull, os.O_RDONLY))


@breaks("ALIVE-03")
class AggregatesAreUnpickledOnce(Engine):
    """Keep what the payload of an aggregate UDF holds, for all messages with the same payload."""

    def __init__(self) -> None:
        super().__init__()
        load, known = cloudpickle.loads, dict[bytes, Any]()

        def loads(payload: bytes) -> Any:
            found = known.get(payload)
            if found is None:
                found = load(payload)
                if len(found) == 6:  # the members of an aggregate payload
                    known[bytes(payload)] = found
            return found

        mock.patch.object(cloudpickle, "loads", loads).start()


class _KeepingPlans(EnginePlans):
    """Plans that are decoded once for the same bytes and session."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[tuple[Any, ...], Any] = {}

    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Any:
        key = layer, id(session), data
        if key not in self.known:
            self.known[key] = super().from_bytes(layer, session, data)
        return self.known[key]


@breaks("ALIVE-03")
class PlansAreDecodedOnce(Engine):
    """Return the plan that was decoded earlier from the same bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = _KeepingPlans()
