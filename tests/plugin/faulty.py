"""Engines that break one promise each, for ``--subject plugin.faulty:NAME``.

A chapter's own stand in ``faulty_CHAPTER.py``, each module with its ``FAULTS``.
"""

from __future__ import annotations

import io
import pickle
import re
import sys
from contextlib import suppress
from typing import Any

import cloudpickle
from datafusion import Expr, SessionContext

from conformance import wire
from conformance.subjects.engine import Engine
from conformance.suite.shared.crafted import ipc
from conformance.suite.shared.tools import PYTHON
from conformance.wire import read_schema


class Faulty(Engine):
    """An engine whose bytes pass through ``send`` and ``receive``, whose refusals ``say``."""

    def send(self, frame: bytes) -> bytes:
        return frame

    def receive(self, frame: bytes) -> bytes:
        return frame

    def say(self, text: str) -> str:
        return text

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        return wire.replace(data, {f.path: self.send(f.data) for f in wire.find(data)})

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            found = wire.find(data)
        except wire.WireError:
            found = []
        data = wire.replace(data, {f.path: self.receive(f.data) for f in found}) if found else data
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            raise RuntimeError(self.say(str(error))) from None


class ToggleDoesNothing(Faulty):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        del enabled
        return session.with_python_udf_inlining(enabled=True)


class ToggleForgetsTables(Faulty):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        del session
        return SessionContext().with_python_udf_inlining(enabled=enabled)


class RefusalLostTheName(Faulty):
    def say(self, text: str) -> str:
        named = re.search(r" UDF '([^']*)'", text)
        return text.replace(f"'{named[1]}'", "'?'") if named else text


class RefusalLostTheKind(Faulty):
    def say(self, text: str) -> str:
        return text.replace("aggregate UDF '", "UDF '")


class RefusalLostTheReceiversRemedy(Faulty):
    def say(self, text: str) -> str:
        return text.replace("enable inlining on this receiver", "give up")


class RefusalIsATypo(Faulty):
    """Its errors are its own bugs."""

    def say(self, text: str) -> str:
        return text.no_such_method()  # type: ignore[attr-defined, no-any-return]


class LooksUpBeforeItRefuses(Faulty):
    """Asks for what the payload names, runs nothing of it, looks at the toggle afterwards."""

    def receive(self, frame: bytes) -> bytes:
        class Finder(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Any:
                sys.audit("pickle.find_class", module, name)
                raise pickle.UnpicklingError

        with suppress(pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
            Finder(io.BytesIO(frame[10:])).load()
        return frame


class AnotherMagic(Faulty):
    """Both ends agree, so that every round trip passes."""

    pairs = ((b"DFPYUDA", b"DFPYUDW"), (b"DFPYUDW", b"DFPYUDA"))

    def swap(self, frame: bytes) -> bytes:
        return dict(self.pairs).get(frame[:7], frame[:7]) + frame[7:]

    send = receive = swap


class WireVersionTwo(Faulty):
    def send(self, frame: bytes) -> bytes:
        return frame[:7] + b"\2" + frame[8:]

    def receive(self, frame: bytes) -> bytes:
        return frame[:7] + b"\1" + frame[8:] if frame[7:8] == b"\2" else frame


class PythonIsNotChecked(Faulty):
    def receive(self, frame: bytes) -> bytes:
        return frame[:8] + bytes(PYTHON) + frame[10:] if len(frame) > 10 else frame


class SlotsOfAllThreads(Faulty):
    """One worker slot and one sender slot in all."""

    slots: dict[str, SessionContext]

    def __init__(self) -> None:
        self.slots = {}

    def set_slot(self, slot: Any, session: SessionContext) -> None:
        self.slots[slot] = session
        super().set_slot(slot, session)

    def get_slot(self, slot: Any) -> SessionContext | None:
        return self.slots.get(slot)

    def clear_slot(self, slot: Any) -> None:
        self.slots.pop(slot, None)
        super().clear_slot(slot)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return super().from_bytes(data, session or self.slots.get("worker"))


class WorkerSlotEncodes(Faulty):
    def __init__(self) -> None:
        Expr.__reduce__ = lambda expr: (  # pickle and copy go past the subject
            Expr._reconstruct,
            (self.to_bytes(expr, self.get_slot("sender")),),
        )

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        return super().to_bytes(expr, session or self.get_slot("worker"))


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


class RunsBeforeItRefuses(Faulty):
    """Unpickles first, looks at the toggle afterwards."""

    def receive(self, frame: bytes) -> bytes:
        with suppress(pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
            cloudpickle.loads(frame[10:])
        return frame


class StateNamesLost(Faulty):
    def send(self, frame: bytes) -> bytes:
        if not frame.startswith(b"DFPYUDA"):
            return frame
        *head, state, volatility = cloudpickle.loads(frame[10:])
        named = [field.with_name(f"state_{i}") for i, field in enumerate(read_schema(state))]
        return frame[:10] + cloudpickle.dumps((*head, ipc(*named), volatility))


FAULTS = {
    "ToggleDoesNothing": "TOGGLE-04 TOGGLE-09 TOGGLE-10 TOGGLE-11 TOGGLE-12 TOGGLE-14",
    "ToggleForgetsTables": "TOGGLE-05 TOGGLE-06 TOGGLE-07 TOGGLE-14",
    # The sender's remedy says which name to register.
    "RefusalLostTheName": "STRICT-02 STRICT-05",
    "RefusalLostTheKind": "STRICT-03",
    "RefusalLostTheReceiversRemedy": "STRICT-06",
    "RunsBeforeItRefuses": "STRICT-07 STRICT-08",
    "LooksUpBeforeItRefuses": "STRICT-07",
    "RefusalIsATypo": "BYNAME-04 BYNAME-05 BYNAME-06 BYNAME-08 BYNAME-09 BYNAME-11",
    "AnotherMagic": "FRAME-02 FRAME-06 FRAME-19",
    "WireVersionTwo": "FRAME-03 FRAME-07 FRAME-08 FRAME-09 FRAME-10 FRAME-11 FRAME-18 FRAME-21",
    "PythonIsNotChecked": "FRAME-12 FRAME-13 FRAME-14 FRAME-15 FRAME-16 FRAME-18 FRAME-21",
    "SlotsOfAllThreads": "SLOT-15 SLOT-16 SLOT-18 SLOT-20",
    "WorkerSlotEncodes": "SLOT-03 SLOT-05",
    "ByNameFallsBack": "BYNAME-04 BYNAME-09 BYNAME-11",
    # It writes its schemas with pyarrow, too.
    "StateNamesLost": "PAYLOAD-14 PAYLOAD-18",
}
"""What each fault breaks: all of it, and nothing else of the chapter."""
