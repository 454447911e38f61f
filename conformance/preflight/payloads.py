"""Make the payloads for the nodes: goldens, and expressions that this driver encodes now."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from conformance.catalogue import ENTRIES, get
from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Udf
from conformance.catalogue.source import compile_udf
from conformance.golden.store import Store
from conformance.subjects import installed_engine
from conformance.subjects.interface import Subject

SAMPLES = (
    "scalar/lambda",
    "aggregate/class",
    "window/whole-partition",
    "expression/three-families",
)
"""One simple entry per UDF family, and one with all families."""


def build_payloads(forms: Sequence[str], every: bool) -> tuple[str, dict[str, str]]:
    """Return the payloads as JSON, and the driver's versions.

    The driver encodes the samples in each of ``forms``: ``inline``, ``by name``. With ``every``,
    the payloads include all goldens, else those of the samples.
    """
    subject = installed_engine()
    payloads = [*_encode_samples(subject, forms), *_goldens(every)]
    return json.dumps(payloads), dict(subject.versions())


def _encode_samples(subject: Subject, forms: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the samples as the driver's engine writes them."""
    strict = subject.with_inlining(subject.session(), False)
    sessions = {"inline": None, "by name": strict}
    for entry in map(get, SAMPLES):
        functions = {
            udf: subject.function(udf, compile_udf(udf, subject.bases)) for udf in entry.udfs
        }
        expr = subject.expr(entry.expr, functions)
        for form in forms:
            data = subject.to_bytes(expr, sessions[form])
            yield _payload(entry, data, "driver", form, entry.id)


def _goldens(every: bool) -> Iterator[dict[str, Any]]:
    """Yield the goldens of each Python; a node reads those of its own Python.

    Each entry has one golden for each version of its bytes.
    """
    store = Store()
    for python in sorted({golden.python for golden in store.manifest.goldens}):
        for label, golden in store.of_python(python):
            if golden.case in ENTRIES and (every or golden.case in SAMPLES):
                entry = get(golden.case)
                yield {
                    **_payload(entry, store.data(golden), "golden", "inline", label),
                    "python": python,
                }


def _payload(entry: Entry, data: bytes, origin: str, form: str, label: str) -> dict[str, Any]:
    return {
        "origin": origin,
        "form": form,
        "label": label,
        "python": "",
        "data": base64.b64encode(data).decode(),
        "input": _stream(entry.schema, entry.record_batches()),
        "aggregate": entry.is_aggregate,
        "group_by": list(entry.group_by),
        "result": repr(entry.result),
        "udfs": [_udf(udf) for udf in entry.udfs] if form == "by name" else [],
    }


def _udf(udf: Udf) -> dict[str, Any]:
    text = {key: getattr(udf, key) for key in ("family", "name", "source", "attribute")}
    return {
        **text,
        "volatility": udf.volatility,
        "inputs": _types(udf.inputs),
        "returns": _types([udf.returns]),
        "state": _types(udf.state),
    }


def _types(types: Sequence[pa.DataType | pa.Field]) -> str:
    fields = [
        one if isinstance(one, pa.Field) else pa.field(f"f{number}", one)
        for number, one in enumerate(types)
    ]
    return _stream(pa.schema(fields), [])


def _stream(schema: pa.Schema, batches: Sequence[pa.RecordBatch]) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return base64.b64encode(sink.getvalue()).decode()
