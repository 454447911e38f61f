"""An engine whose bytes go through other hands at every level at which they are shipped."""

from __future__ import annotations

import pickle
import re
from contextlib import suppress
from typing import Any
from unittest import mock

import cloudpickle
import pyarrow as pa
from datafusion import ExecutionPlan, Expr, SessionContext, col, ipc, udf

from conformance import wire
from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import EnginePlans, Plan
from conformance.subjects.plans import Layer

ALL = ("expression", "pickle", "logical", "physical")
MAGICS = (b"DFPYUDF", b"DFPYUDA", b"DFPYUDW")
SCALAR, AGGREGATE, WINDOW = MAGICS
STRICT = SessionContext().with_python_udf_inlining(enabled=False)
_encode, _decode = Expr.to_bytes, Expr.from_bytes
_PROBE = udf(lambda a: a, [pa.int64()], pa.int64(), "stable", "probe")(col("a")).to_bytes()


class Leveled(Engine):
    """Its frames pass through ``send`` and ``receive``, its refusals ``say``, at ``levels``.

    ``write`` and ``read`` are the ways out and in of everything at every level;
    ``encode`` and ``decode`` are what the engine does without the fault.
    """

    levels: tuple[str, ...] = ALL
    families: tuple[bytes, ...] = MAGICS

    def __init__(self) -> None:
        super().__init__()
        self.plans = LeveledPlans(self)
        _pickle_through(self)

    def send(self, frame: bytes) -> bytes:
        return frame

    def receive(self, frame: bytes) -> bytes:
        return frame

    def say(self, text: str) -> str:
        return text

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = self.encode(what, session)
        changes = level in self.levels and type(self).send is not Leveled.send
        return self.each(data, self.send) if changes else data

    def read(self, level: str, data: bytes, session: Any) -> Any:
        if level not in self.levels:
            return self.decode(level, data, session)
        if type(self).receive is not Leveled.receive:
            data = self.each(data, self.receive)
        try:
            return self.decode(level, data, session)
        except Exception as error:
            if (said := self.say(str(error))) == str(error):
                raise
            raise type(error)(said) from None

    def each(self, data: bytes, change: Any) -> bytes:
        """``data`` with every frame of the families changed; as it is where none can be found."""
        found = [one for one in frames(data) if one.data[:7] in self.families]
        return wire.replace(data, {one.path: change(one.data) for one in found}) if found else data

    def encode(self, what: Any, session: Any) -> bytes:
        if isinstance(what, Expr):
            return _encode(what, session)
        return EnginePlans().to_bytes(what, session)

    def decode(self, level: str, data: bytes, session: Any) -> Any:
        if level in ("expression", "pickle"):
            return _decode(data, session)
        return EnginePlans().from_bytes(
            "physical" if level == "physical" else "logical", session, data
        )

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        return self.write("expression", expr, session)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        expr: Expr = self.read("expression", data, session)
        return expr


class LeveledPlans(EnginePlans):
    def __init__(self, engine: Leveled) -> None:
        self.engine = engine

    def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
        level = "physical" if isinstance(plan, ExecutionPlan) else "logical"
        return self.engine.write(level, plan, session)

    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
        plan: Plan = self.engine.read(layer, data, session)
        return plan

    def to_proto(self, plan: Plan) -> bytes:
        super().to_proto(plan)  # which warns
        return self.to_bytes(plan)

    def from_proto(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
        super().from_proto(layer, session, data)
        return self.from_bytes(layer, session, data)


def _pickle_through(engine: Leveled) -> None:
    """Pickles of expressions go the engine's way, too."""

    def _reconstruct(cls: type[Expr], data: bytes) -> Expr:
        del cls
        expr: Expr = engine.read("pickle", data, ipc.get_worker_ctx())
        return expr

    def reduce(expr: Expr) -> tuple[Any, tuple[bytes]]:
        return Expr._reconstruct, (engine.write("pickle", expr, ipc.get_sender_ctx()),)

    Expr._reconstruct = classmethod(_reconstruct)  # type: ignore[assignment]
    Expr.__reduce__ = reduce  # type: ignore[method-assign, assignment]


class Expressions(Leveled):
    levels = ("expression", "pickle")


class Logical(Leveled):
    levels = ("logical",)


class Physical(Leveled):
    levels = ("physical",)


class Planned(Leveled):
    """An engine with plans of its own making."""

    Plans: type[LeveledPlans] = LeveledPlans

    def __init__(self) -> None:
        super().__init__()
        self.plans = self.Plans(self)


class Says(Leveled):
    """Its refusals have ``other`` words in the place of ``old`` ones, a regular expression."""

    old: str
    other: str = ""

    def say(self, text: str) -> str:
        return re.sub(self.old, self.other, text)


def frames(data: bytes) -> list[wire.Found]:
    """The frames in ``data``, none where it is too deep, or too damaged, to be looked at."""
    with suppress(wire.WireError):
        return wire.find(data)
    return []


def envelopes(data: bytes) -> list[wire.Found]:
    """The envelopes in ``data``, none where it is too deep, or too damaged, to be looked at."""
    with suppress(wire.WireError):
        return wire.find_envelopes(data)
    return []


def names(data: bytes) -> bytes:
    """``data`` without its frames and envelopes: what they stood for goes by name."""
    outermost: list[Any] = []
    for found in wire.locate(data).found:
        if not any(found.path[: len(outer)] == outer for outer in outermost):
            outermost.append(found.path)
    return wire.remove(data, outermost)


def lenient(session: SessionContext | None) -> Any:
    """The same session with inlining on."""
    return None if session is None else session.with_python_udf_inlining(enabled=True)


def is_strict(session: SessionContext | None) -> bool:
    """Whether a session refuses frames, whatever its codecs say; asked without unpickling any."""
    if session is None:
        return False
    with mock.patch.object(cloudpickle, "loads", side_effect=pickle.UnpicklingError):
        try:
            _decode(_PROBE, session)
        except RuntimeError as error:
            return "inlining is disabled" in str(error)
    return False
