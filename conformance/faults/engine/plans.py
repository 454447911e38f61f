"""Engines whose plans break a promise, at one layer or at both."""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress

import cloudpickle
import pyarrow as pa
from datafusion import ExecutionPlan, SessionContext, ipc

from conformance import wire
from conformance.faults.fault import breaks
from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import EnginePlans, Plan
from conformance.subjects.plans import Layer

_STRICT = SessionContext().with_python_udf_inlining(enabled=False)


class Plans(EnginePlans):
    """Plans whose bytes pass through ``send`` and ``receive``, whose errors ``say``."""

    def send(self, plan: Plan, data: bytes) -> bytes:
        del plan
        return data

    def receive(self, frame: bytes) -> bytes:
        return frame

    def say(self, text: str) -> str:
        return text

    def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
        return self.send(plan, super().to_bytes(plan, session))

    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
        with suppress(wire.WireError):
            data = wire.replace(data, {f.path: self.receive(f.data) for f in wire.find(data)})
        try:
            return super().from_bytes(layer, session, data)
        except Exception as error:  # noqa: BLE001 - it is said in other words, not hidden
            raise type(error)(self.say(str(error))) from None


@breaks(
    "PLAN-01",
    "PLAN-02",
    "PLAN-03",
    "PLAN-04",
    "PLAN-05",
    "PLAN-06",
    "PLAN-07",
    "PLAN-09",
    "PLAN-10",
    "PLAN-11",
    "PLAN-12",
    "PLAN-13",
    "PLAN-14",
    "PLAN-15",
    "PLAN-16",
    "PLAN-17",
    "PLAN-18",
    "PLAN-21",
    "PLAN-23",
    "PLAN-24",
    "PLAN-25",
    "PLAN-26",
    "PLAN-27",
    "PLAN-28",
    "PLAN-29",
    "PLAN-30",
    "PLAN-31",
)
class PhysicalPlansGoByName(Engine):
    class Plans(Plans):
        def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
            by_default = _STRICT if isinstance(plan, ExecutionPlan) else None
            return super().to_bytes(plan, session or by_default)

    def __init__(self) -> None:
        super().__init__()
        self.plans = self.Plans()


@breaks("PLAN-06", "PLAN-09")
class SlotsRulePlans(PhysicalPlansGoByName):
    class Plans(Plans):
        def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
            return super().to_bytes(plan, session or ipc.get_sender_ctx())

        def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
            return super().from_bytes(layer, ipc.get_worker_ctx() or session, data)


@breaks(
    "PLAN-08",
    "PLAN-09",
    "PLAN-10",
    "PLAN-11",
    "PLAN-12",
    "PLAN-13",
    "PLAN-14",
    "PLAN-15",
    "PLAN-20",
)
class ToggleDoesNothingForPhysical(PhysicalPlansGoByName):
    class Plans(Plans):
        def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
            physical = isinstance(plan, ExecutionPlan)
            return super().to_bytes(plan, None if physical else session)

        def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
            if layer == "physical" and session is not None:
                session = session.with_python_udf_inlining(enabled=True)
            return super().from_bytes(layer, session, data)


@breaks("PLAN-02", "PLAN-04", "PLAN-05", "PLAN-25", "PLAN-31")
class FramesOfItsOwn(PhysicalPlansGoByName):
    """A logical plan carries a callable once, a physical one in bytes that end in a zero."""

    class Plans(Plans):
        def send(self, plan: Plan, data: bytes) -> bytes:
            try:
                found = wire.find(data)
            except wire.WireError:  # deeper than anyone reads
                return data
            if isinstance(plan, ExecutionPlan):
                return wire.replace(data, {f.path: f.data + b"\0" for f in found})
            first = {f.data: f.path for f in reversed(found)}
            return wire.remove(data, [f.path for f in found if first[f.data] != f.path])


@breaks("PLAN-09", "PLAN-11", "PLAN-12", "PLAN-13", "PLAN-18", "PLAN-20")
class ErrorsSayLittle(PhysicalPlansGoByName):
    others = (
        ("inline Python window UDF", "inline Python UDF"),
        ("enable inlining on this receiver", "give up"),
        ("Execution error:", "Error during planning:"),
        ("is not provided for scalar function triple", "is not provided for a function"),
    )

    class Plans(Plans):
        def say(self, text: str) -> str:
            for old, new in ErrorsSayLittle.others:
                text = text.replace(old, new)
            return text


@breaks("PLAN-14", "PLAN-32")
class RunsBeforeItRefuses(PhysicalPlansGoByName):
    class Plans(Plans):
        def receive(self, frame: bytes) -> bytes:
            with suppress(pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
                cloudpickle.loads(frame[10:])
            return frame


@breaks("PLAN-10", "PLAN-15", "PLAN-21")
class RegisteredStandsIn(PhysicalPlansGoByName):
    """What a session knows by name, it does not take from the bytes."""

    class Plans(Plans):
        def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
            with suppress(Exception):
                names = wire.remove(data, [found.path for found in wire.find(data)])
                return super().from_bytes(layer, session, names)
            return super().from_bytes(layer, session, data)


@breaks("PLAN-16", "PLAN-17", "PLAN-18")
class HeadersAreNotChecked(PhysicalPlansGoByName):
    class Plans(Plans):
        def receive(self, frame: bytes) -> bytes:
            return frame[:7] + bytes((1, *sys.version_info[:2])) + frame[10:]


@breaks("PLAN-03", "PLAN-19", "PLAN-22", "PLAN-23", "PLAN-29")
class BatchesGoAstray(PhysicalPlansGoByName):
    """Logical plans leave without their batches, physical ones lose a row of them."""

    class Plans(Plans):
        def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
            try:
                return super().to_bytes(plan, session)
            except Exception as error:
                if "custom table" not in str(error):
                    raise
                return b""

        def execute(self, session: SessionContext, plan: Plan) -> pa.Table:
            table = super().execute(session, plan)
            return table.slice(1) if "partitions=3, partition_sizes" in str(plan) else table


@breaks("PLAN-24", "PLAN-26", "PLAN-27", "PLAN-31")
class SmallPrintIsLost(PhysicalPlansGoByName):
    """What cannot be pickled, what a field says beside its type, and a deprecation."""

    class Plans(Plans):
        def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
            try:
                return super().to_bytes(plan, session)
            except Exception as error:
                if "pickle" not in str(error):
                    raise
                return super().to_bytes(plan, _STRICT)

        def execute(self, session: SessionContext, plan: Plan) -> pa.Table:
            table = super().execute(session, plan)
            fields = [field.with_nullable(True).remove_metadata() for field in table.schema]
            return table.cast(pa.schema(fields))

        def to_proto(self, plan: Plan) -> bytes:
            return self.to_bytes(plan)


@breaks("PLAN-28", "PLAN-29", "PLAN-30")
class OnceOnly(PhysicalPlansGoByName):
    """A plan that ran has no bytes, and one that came as bytes leaves by name."""

    class Plans(Plans):
        def __init__(self) -> None:
            self.ran: list[Plan] = []
            self.came: list[Plan] = []

        def execute(self, session: SessionContext, plan: Plan) -> pa.Table:
            self.ran.append(plan)
            return super().execute(session, plan)

        def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
            if any(plan is other for other in self.ran):
                raise RuntimeError("this plan is spent")
            came = any(plan is other for other in self.came)
            return super().to_bytes(plan, _STRICT if came else session)

        def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
            self.came.append(super().from_bytes(layer, session, data))
            return self.came[-1]

        def display(self, plan: Plan) -> str:
            came = any(plan is other for other in self.came)
            return super().display(plan) + " (decoded)" * came


@breaks("PLAN-33")
class DamageGoesThrough(PhysicalPlansGoByName):
    class Plans(Plans):
        def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
            try:
                return super().from_bytes(layer, session, data)
            except RuntimeError:
                if b"DFPY" in data:
                    raise
                raise BaseException("no plan") from None
