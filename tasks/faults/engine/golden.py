"""Faults in reading old bytes: expressions, plans and envelopes."""

from __future__ import annotations

import re
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
    """Drop the first row of each result."""

    def change_rows(self, table: pa.Table) -> pa.Table:
        return table.slice(1)


@breaks("GOLDENPLAN-02")
class OlderAndWrong(Reader):
    """Claim to be an older release and drop a row of newer plans."""

    newer = False

    def versions(self) -> Mapping[str, str]:
        return {**super().versions(), "engine": "54.1.0"}

    def receive(self, data: bytes) -> bytes:
        self.newer = data not in _plans_written_by({"54.0.0"})
        return data

    def change_rows(self, table: pa.Table) -> pa.Table:
        return table.slice(1) if self.newer else table


@breaks("GOLDENPLAN-03")
class RefusalLostTheName(Reader):
    """Omit the name of the UDF from errors."""

    rewords = [(r"(UDF|so|register) '[^']*'", r"\1 it")]


@breaks("GOLDENPLAN-04")
class RefusalLostThePython(Reader):
    """Omit the sender's Python version from errors."""

    rewords = [(r"serialized on Python 3\.\d+", "serialized")]


@breaks("GOLDENCHAIN-02", "GOLDENCHAIN-03")
class LooksThroughEnvelopes(Reader):
    """Decode the content of envelopes without their codec."""

    def receive(self, data: bytes) -> bytes:
        found = wire.find_envelopes(data)
        return wire.replace(data, {one.path: one.envelope().blob for one in found})


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


OWN = "{}.{}".format(*sys.version_info[:2])


# Expressions


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


# Plans


# Envelopes
