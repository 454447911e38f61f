"""The base classes of faults at some artifacts: expressions, pickles or plans of either layer."""

from __future__ import annotations

import pickle
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
from tasks.faults.rewords import Rewords

ARTIFACTS = ("expression", "pickle", "logical", "physical")
MAGICS = (b"DFPYUDF", b"DFPYUDA", b"DFPYUDW")
SCALAR, AGGREGATE, WINDOW = MAGICS
STRICT = SessionContext().with_python_udf_inlining(enabled=False)
_encode, _decode = Expr.to_bytes, Expr.from_bytes
_PROBE = udf(lambda a: a, [pa.int64()], pa.int64(), "stable", "probe")(col("a")).to_bytes()


class FaultyAt(Rewords, Engine):
    """An engine with hooks for the frames and error messages of the listed ``artifacts``.

    ``send`` changes the frames that are written, ``receive`` those that are read, ``reword``
    the messages of errors in reading. Everything is written by ``write`` and read by ``read``,
    whatever the artifact. ``encode`` and ``decode`` do what the engine does without the fault.
    """

    artifacts: tuple[str, ...] = ARTIFACTS
    families: tuple[bytes, ...] = MAGICS
    """The magics of the frames that pass through the hooks."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = FaultyPlans(self)
        _patch_pickle(self)

    def send(self, frame: bytes) -> bytes:
        """Return the bytes to write in place of ``frame``."""
        return frame

    def receive(self, frame: bytes) -> bytes:
        """Return the bytes to read in place of ``frame``."""
        return frame

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = self.encode(value, session)
        changes = artifact in self.artifacts and type(self).send is not FaultyAt.send
        return self.change_frames(data, self.send) if changes else data

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact not in self.artifacts:
            return self.decode(artifact, data, session)
        if type(self).receive is not FaultyAt.receive:
            data = self.change_frames(data, self.receive)
        try:
            return self.decode(artifact, data, session)
        except Exception as error:
            if (message := self.reword(str(error))) == str(error):
                raise
            raise type(error)(message) from None

    def change_frames(self, data: bytes, change: Any) -> bytes:
        """Return ``data`` with each frame of ``families`` changed, unchanged if it has none."""
        found = [one for one in find_frames(data) if one.data[:7] in self.families]
        return wire.replace(data, {one.path: change(one.data) for one in found}) if found else data

    def encode(self, value: Any, session: Any) -> bytes:
        if isinstance(value, Expr):
            return _encode(value, session)
        return EnginePlans().to_bytes(value, session)

    def decode(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in ("expression", "pickle"):
            return _decode(data, session)
        return EnginePlans().from_bytes(
            "physical" if artifact == "physical" else "logical", session, data
        )

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        return self.write("expression", expr, session)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        expr: Expr = self.read("expression", data, session)
        return expr


class FaultyPlans(EnginePlans):
    """Plans that a ``FaultyAt`` engine writes and reads."""

    def __init__(self, engine: FaultyAt) -> None:
        self.engine = engine

    def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
        artifact = "physical" if isinstance(plan, ExecutionPlan) else "logical"
        return self.engine.write(artifact, plan, session)

    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
        plan: Plan = self.engine.read(layer, data, session)
        return plan

    def to_proto(self, plan: Plan) -> bytes:
        super().to_proto(plan)  # for its warning
        return self.to_bytes(plan)

    def from_proto(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
        super().from_proto(layer, session, data)
        return self.from_bytes(layer, session, data)


def _patch_pickle(engine: FaultyAt) -> None:
    """Patch ``Expr`` so that ``engine`` also writes and reads pickles."""

    def _reconstruct(cls: type[Expr], data: bytes) -> Expr:
        del cls
        expr: Expr = engine.read("pickle", data, ipc.get_worker_ctx())
        return expr

    def reduce(expr: Expr) -> tuple[Any, tuple[bytes]]:
        return Expr._reconstruct, (engine.write("pickle", expr, ipc.get_sender_ctx()),)

    Expr._reconstruct = classmethod(_reconstruct)  # type: ignore[assignment]
    Expr.__reduce__ = reduce  # type: ignore[method-assign, assignment]


class AtExpressions(FaultyAt):
    """An engine whose hooks see expressions and their pickles."""

    artifacts = ("expression", "pickle")


class AtLogical(FaultyAt):
    """An engine whose hooks see logical plans."""

    artifacts = ("logical",)


class AtPhysical(FaultyAt):
    """An engine whose hooks see physical plans."""

    artifacts = ("physical",)


class CustomPlans(FaultyAt):
    """An engine whose plans are those of the nested class ``Plans``."""

    Plans: type[FaultyPlans] = FaultyPlans

    def __init__(self) -> None:
        super().__init__()
        self.plans = self.Plans(self)


def find_frames(data: bytes) -> list[wire.Found]:
    """Return the frames in ``data``, none if it is too deep or too damaged to be parsed."""
    with suppress(wire.WireError):
        return wire.find(data)
    return []


def look_into(found: wire.Found) -> None:
    """Unpickle the payload of a frame, without ``cloudpickle.loads``, and forget it."""
    with suppress(Exception):
        pickle.loads(found.data[wire.Frame.HEADER_SIZE :])


def find_envelopes(data: bytes) -> list[wire.Found]:
    """Return the envelopes in ``data``, none if it is too deep or too damaged to be parsed."""
    with suppress(wire.WireError):
        return wire.find_envelopes(data)
    return []


def remove_frames(data: bytes) -> bytes:
    """Return ``data`` without its frames and envelopes, so that all calls are by name."""
    outermost: list[Any] = []
    for found in wire.locate(data).found:
        if not any(found.path[: len(outer)] == outer for outer in outermost):
            outermost.append(found.path)
    return wire.remove(data, outermost)


def inlining(session: SessionContext | None) -> Any:
    """Return a session like ``session`` with inlining on."""
    return None if session is None else session.with_python_udf_inlining(enabled=True)


def is_strict(session: SessionContext | None) -> bool:
    """Return whether ``session`` refuses bare frames, without unpickling one."""
    if session is None:
        return False
    with mock.patch.object(cloudpickle, "loads", side_effect=pickle.UnpicklingError):
        try:
            _decode(_PROBE, session)
        except RuntimeError as error:
            return "inlining is disabled" in str(error)
    return False
