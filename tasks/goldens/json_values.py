"""Encode Arrow types and Python values as JSON, for programs in any language.

Types are in the notation of ``conformance.wire.types``. A value without a JSON form is an
object with one key that names its kind: ``{"bytes": hex}``, ``{"decimal":
text}``, ``{"float": text}`` for infinity and NaN, ``{"date"|"time"|
"datetime"|"timedelta": text}``, ``{"month_day_nano": [months, days, nanos]}``,
``{"pairs": [[key, value], ...]}`` for a map, ``{"struct": {name: value}}``.
A list is a list.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Udf
from conformance.catalogue.query import Query
from conformance.golden.cases import GoldenCase
from conformance.wire.types import render

TESTS = ("decode", "must-refuse", "round-trip", "take-apart")
"""What a program does with a golden; ``golden/README.md`` describes each."""

TOLERANCE = 0
"""How far a float of a result may be away: the catalogue has only results that floats hold."""


def to_json(item: Any) -> Any:
    """Return a Python value as JSON; raise ``TypeError`` for a type without a JSON form."""
    if item is None or isinstance(item, bool | int | str):
        return item
    if isinstance(item, float):
        return item if math.isfinite(item) else {"float": repr(item)}
    if isinstance(item, bytes):
        return {"bytes": item.hex()}
    if isinstance(item, Decimal):
        return {"decimal": str(item)}
    for kind in (datetime.datetime, datetime.date, datetime.time):
        if isinstance(item, kind):
            return {kind.__name__: item.isoformat()}
    if isinstance(item, datetime.timedelta):
        return {"timedelta": f"{item // datetime.timedelta(microseconds=1)} us"}
    if isinstance(item, Mapping):
        return {"struct": {name: to_json(member) for name, member in item.items()}}
    if isinstance(item, tuple) and len(item) == 3:
        return {"month_day_nano": list(item)}
    if isinstance(item, list):
        if item and all(type(member) is tuple and len(member) == 2 for member in item):
            return {"pairs": [[to_json(key), to_json(member)] for key, member in item]}
        return [to_json(member) for member in item]
    raise TypeError(f"no JSON form for {type(item).__name__}: {item!r}")


def case_record(one: GoldenCase) -> dict[str, Any]:
    """Return the manifest's record of a case: note, UDFs, input, result and tests.

    Plans and cases with a codec add their layer and codec id. The nodes of a query are objects
    with one key, the kind.
    """
    record: dict[str, Any] = {
        "note": one.of.note,
        "udfs": [
            {"name": udf.name, "family": udf.family, "volatility": udf.volatility}
            for udf in one.of.udfs
        ],
        "columns": {field.name: render(field.type) for field in one.of.schema},
    }
    if isinstance(one.of, Query):
        record |= _query(one.of)
    else:
        record |= _entry(one.of)
    record["result"] = [to_json(item) for item in one.of.result]
    if _has_float(one.of.result):
        record["tolerance"] = TOLERANCE
    record["tests"] = list(TESTS)
    if one.is_plain:
        return record
    named = {"layer": one.layer, "frames_of": one.frames_of}
    return named | ({"codec_id": one.codec_id} if one.codec_id else {}) | record


def _has_float(item: Any) -> bool:
    if isinstance(item, Mapping):
        item = list(item.values())
    if isinstance(item, list | tuple):
        return any(map(_has_float, item))
    return isinstance(item, float)


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "batches": [
            {name: [to_json(item) for item in column] for name, column in batch.items()}
            for batch in entry.batches
        ],
        "group_by": list(entry.group_by),
        "aggregate": entry.is_aggregate,
    }


def _query(query: Query) -> dict[str, Any]:
    return {
        "source": query.source,
        "partitions": [
            [[to_json(item) for item in row] for row in part] for part in query.partitions
        ],
        "steps": [_node(step) for step in query.steps],
        "ordered": query.ordered,
    }


def _node(node: Any) -> Any:
    """Return a step or a node of an expression as JSON, without fields at their defaults."""
    if isinstance(node, Udf):
        return node.name
    if isinstance(node, tuple):
        return [_node(part) for part in node]
    if isinstance(node, pa.DataType):
        return render(node)
    if not is_dataclass(node):
        return to_json(node)
    members = {
        field.name: _node(part)
        for field in fields(node)
        if (part := getattr(node, field.name)) != field.default
    }
    return {type(node).__name__: members}
