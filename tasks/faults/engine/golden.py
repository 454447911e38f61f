"""Engines that break what is promised of old bytes, of expressions, plans and envelopes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
from datafusion import Expr, SessionContext

from conformance import wire
from conformance.golden.cases import CASES
from conformance.golden.store import Store
from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import EnginePlans
from conformance.subjects.plans import Layer
from tasks.faults.fault import breaks
from tasks.faults.rewords import Rewords


class Plans(EnginePlans):
    """Plans whose bytes, rows and error messages pass through the engine's hooks."""

    def __init__(self, engine: Reader) -> None:
        self.engine = engine

    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Any:
        decode = super().from_bytes
        return self.engine.read(lambda changed: decode(layer, session, changed), data)

    def execute(self, session: SessionContext, plan: Any) -> pa.Table:
        return self.engine.change_rows(super().execute(session, plan))


class Reader(Rewords, Engine):
    """An engine with hooks for the bytes that it reads, their rows and their error messages."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = Plans(self)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        decode = super().from_bytes
        expr: Expr = self.read(lambda changed: decode(changed, session), data)
        return expr

    def read(self, decode: Callable[[bytes], Any], data: bytes) -> Any:
        try:
            return decode(self.receive(data))
        except Exception as error:  # noqa: BLE001 - every error is reworded
            raise RuntimeError(self.reword(str(error))) from None

    def receive(self, data: bytes) -> bytes:
        return data

    def change_rows(self, table: pa.Table) -> pa.Table:
        return table


@breaks("GOLDENPLAN-01", "GOLDENPLAN-02")
class LosesARow(Reader):
    def change_rows(self, table: pa.Table) -> pa.Table:
        return table.slice(1)


@breaks("GOLDENPLAN-01", "GOLDENPLAN-03")
class RefusesOldPlans(Reader):
    """Those that its own release would write otherwise."""

    def receive(self, data: bytes) -> bytes:
        if data in _plans_written_by({"54.0.0"}) - _plans_written_by({"55.0.0"}):
            raise RuntimeError("Python inlining is disabled on this session: no plan of 55")
        return data


@breaks("GOLDENPLAN-02")
class OlderAndWrong(Reader):
    """An older release that takes a newer one's plans for something else."""

    newer = False

    def versions(self) -> Mapping[str, str]:
        return {**super().versions(), "engine": "54.1.0"}

    def receive(self, data: bytes) -> bytes:
        self.newer = data not in _plans_written_by({"54.0.0"})
        return data

    def change_rows(self, table: pa.Table) -> pa.Table:
        return table.slice(1) if self.newer else table


@breaks("GOLDENPLAN-02")
class OlderAndBuggy(OlderAndWrong):
    """One that falls over them."""

    def change_rows(self, table: pa.Table) -> pa.Table:
        return table.no_such_method() if self.newer else table


@breaks("GOLDENPLAN-03")
class StrictIsNot(Reader):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        del enabled
        return session.with_python_udf_inlining(enabled=True)


@breaks("GOLDENPLAN-03")
class RefusalLostTheName(Reader):
    rewords = [(r"UDF '[^']*'", "UDF")]


@breaks("GOLDENPLAN-04")
class RefusalLostThePython(Reader):
    rewords = [(r"serialized on Python 3\.\d+", "serialized")]


@breaks("GOLDENCHAIN-02")
class RefusalLostTheId(Reader):
    rewords = [(r"conformance\.golden", "?")]


@breaks("GOLDENCHAIN-02", "GOLDENCHAIN-03")
class LooksThroughEnvelopes(Reader):
    """Reads what is in them, whoever is to read it."""

    def receive(self, data: bytes) -> bytes:
        found = wire.find_envelopes(data)
        return wire.replace(data, {one.path: one.envelope().blob for one in found})


@breaks("GOLDENCHAIN-01", "GOLDENCHAIN-04")
class KnowsNoEnvelope(Reader):
    def receive(self, data: bytes) -> bytes:
        if wire.find_envelopes(data):
            raise RuntimeError("an unknown family, 'conformance.golden'")
        return data


@breaks("GOLDEN-01", "GOLDEN-02", "GOLDEN-03")
class ReadsExpressionsOfItsOwn(Reader):
    """The older frames of cloudpickle are too old for it."""

    def receive(self, data: bytes) -> bytes:
        if b"cloudpickle_fast" in data:
            raise RuntimeError("inlining is disabled on this session: a frame of long ago")
        return data


@breaks("GOLDEN-03")
class ExpressionsLoseTheName(RefusalLostTheName):
    """The same refusal, of expressions."""


@breaks("GOLDEN-02")
class ExpressionsLoseThePython(RefusalLostThePython):
    """The same refusal, of expressions."""


def _plans_written_by(engines: set[str]) -> set[bytes]:
    """Return the plans of this Python that one of these engines wrote."""
    store = Store()
    own = "{}.{}".format(*sys.version_info[:2])
    return {
        store.data(golden)
        for _, golden in store.of_python(own)
        if golden.case in CASES
        and CASES[golden.case].layer != "expression"
        and CASES[golden.case].codec_id is None
        and engines & {store.manifest.writers[key]["engine"] for key in golden.writers}
    }
