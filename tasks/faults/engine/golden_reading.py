"""More faults in reading old bytes: expressions, plans and envelopes."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

import pyarrow as pa
from datafusion import ExecutionPlan, Expr, SessionContext

from conformance import wire
from conformance.subjects.plans import Layer
from tasks.faults.engine.golden import Plans, Reader
from tasks.faults.fault import breaks

OWN = "{}.{}".format(*sys.version_info[:2])


# Expressions


@breaks("GOLDEN-01")
class OldWindowsAreNull(Reader):
    """Return nulls for windows that an old cloudpickle wrote."""

    old = False

    def receive(self, data: bytes) -> bytes:
        self.old = b"cloudpickle_fast" in data and b"DFPYUDW" in data
        return data

    def evaluate(self, *arguments: Any, **options: Any) -> pa.Array:
        values = super().evaluate(*arguments, **options)
        return pa.nulls(len(values), values.type) if self.old else values


@breaks("GOLDEN-01", "GOLDEN-02", "GOLDEN-03")
class OldBytesWantTheirNames(Reader):
    """Resolve calls by name if an old cloudpickle wrote their frames."""

    def receive(self, data: bytes) -> bytes:
        if b"cloudpickle_fast" in data:
            return wire.remove(data, [found.path for found in wire.find(data)])
        return data


@breaks("GOLDEN-02", "GOLDENPLAN-04", "GOLDENCHAIN-04")
class PythonIsNotChecked(Reader):
    """Accept frames of any Python version."""

    def receive(self, data: bytes) -> bytes:
        own = bytes(sys.version_info[:2])
        new = {f.path: f.data[:8] + own + f.data[10:] for f in wire.find(data)}
        return wire.replace(data, new)


@breaks("GOLDEN-02", "GOLDENPLAN-04", "GOLDENCHAIN-04")
class OwnPythonIsNotNamed(Reader):
    """Omit the receiver's Python version from errors."""

    rewords = [(rf"running Python {re.escape(OWN)}", "running another Python")]


@breaks("GOLDEN-02", "GOLDEN-03", "GOLDENPLAN-03", "GOLDENPLAN-04")
class StrictRefusesAll(Reader):
    """Report another Python version as a refusal of a strict session."""

    rewords = [
        (
            r"(?s).*(payload was serialized|inlining is disabled).*",
            'DataFusion error: Execution("Python UDF inlining is disabled on this session")',
        )
    ]


@breaks("GOLDEN-03", "GOLDENPLAN-03")
class StrictGivesNoReason(Reader):
    """Omit the reason from refusals."""

    rewords = [("inlining is disabled on this session", "not here")]


@breaks("GOLDEN-03")
class StrictReadsOldBytes(Reader):
    """Decode frames of an old cloudpickle on strict sessions."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        old = b"cloudpickle_fast" in data
        return super().from_bytes(data, SessionContext() if old else session)


# Plans


class OtherPlans(Reader):
    """An engine whose plans are those of the nested class ``Plans``."""

    Plans: type[Plans] = Plans

    def __init__(self) -> None:
        super().__init__()
        self.plans = self.Plans(self)


@breaks("GOLDENPLAN-01", "GOLDENPLAN-02")
class RunsTheFirstPartition(OtherPlans):
    """Execute only the first partition of a physical plan."""

    class Plans(Plans):
        def execute(self, session: SessionContext, plan: Any) -> pa.Table:
            if not isinstance(plan, ExecutionPlan):
                return super().execute(session, plan)
            batches = [batch.to_pyarrow() for batch in session.execute(plan, 0)]
            return pa.Table.from_batches(batches) if batches else pa.table({})


@breaks("GOLDENPLAN-01", "GOLDENPLAN-03", "GOLDENPLAN-04")
class LogicalPlansWantTheirNames(OtherPlans):
    """Ignore the frames of logical plans and resolve their calls by name."""

    class Plans(Plans):
        def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Any:
            if layer == "logical":
                data = wire.remove(data, [found.path for found in wire.find(data)])
            return super().from_bytes(layer, session, data)


@breaks("GOLDENPLAN-03")
class StrictReadsPhysicalPlans(OtherPlans):
    """Decode physical plans on strict sessions."""

    class Plans(Plans):
        def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Any:
            trusted = SessionContext() if layer == "physical" else session
            return super().from_bytes(layer, trusted, data)


@breaks("GOLDENPLAN-01", "GOLDENPLAN-02", outcome="crash")
class ManyPartitionsAbort(OtherPlans):
    """Abort the process on a physical plan with several partitions."""

    class Plans(Plans):
        def execute(self, session: SessionContext, plan: Any) -> pa.Table:
            if isinstance(plan, ExecutionPlan) and plan.partition_count > 1:
                os.abort()
            return super().execute(session, plan)


# Envelopes


@breaks("GOLDENCHAIN-01", "GOLDENCHAIN-02", "GOLDENCHAIN-03", "GOLDENCHAIN-04")
class WindowsInEnvelopesAreLost(Reader):
    """Ignore envelopes around window UDFs."""

    def receive(self, data: bytes) -> bytes:
        windows = [f for f in wire.find_envelopes(data) if b"DFPYUDW" in f.data]
        return wire.remove(data, [found.path for found in windows])


@breaks("GOLDENCHAIN-01", "GOLDENCHAIN-04")
class PhysicalCodecsAreNotAsked(OtherPlans):
    """Decode physical plans without the session's codecs."""

    class Plans(Plans):
        def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Any:
            bare = SessionContext() if layer == "physical" else session
            return super().from_bytes(layer, bare, data)


@breaks("GOLDENCHAIN-03")
class UnknownCodecsAreNames(Reader):
    """Resolve a call by name if the codec of its envelope is not installed."""

    def read(self, decode: Any, data: bytes) -> Any:
        try:
            return super().read(decode, data)
        except RuntimeError as error:
            if not re.search("not installed", str(error)):
                raise
            outer = [found.path for found in wire.find_envelopes(data)]
            try:
                return decode(wire.remove(data, outer))
            except Exception:  # noqa: BLE001 - no such name is registered
                raise error from None
