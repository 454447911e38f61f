"""Arrow types and Python values as plain JSON, for programs in any language.

Types are pyarrow's names. Values are JSON's own where it has them; others are
an object with one key that names the kind: ``{"bytes": hex}``, ``{"decimal":
text}``, ``{"float": text}`` for what is not finite, ``{"date"|"time"|
"datetime"|"timedelta": text}``, ``{"month_day_nano": [months, days, nanos]}``,
``{"pairs": [[key, value], ...]}`` for a map, ``{"struct": {name: value}}``.
A list is a list.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from conformance.catalogue.entry import Entry


def value(item: Any) -> Any:
    """One Python value as plain JSON; ``TypeError`` for a type that has no form here."""
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
        return {"struct": {name: value(member) for name, member in item.items()}}
    if isinstance(item, tuple) and len(item) == 3:
        return {"month_day_nano": list(item)}
    if isinstance(item, list):
        if item and all(type(member) is tuple and len(member) == 2 for member in item):
            return {"pairs": [[value(key), value(member)] for key, member in item]}
        return [value(member) for member in item]
    raise TypeError(f"no plain form for {type(item).__name__}: {item!r}")


def case(entry: Entry) -> dict[str, Any]:
    """What the manifest says of a catalogue entry: note, UDFs, input, result."""
    return {
        "note": entry.note,
        "udfs": [
            {"name": udf.name, "family": udf.family, "volatility": udf.volatility}
            for udf in entry.udfs
        ],
        "columns": {field.name: str(field.type) for field in entry.schema},
        "batches": [
            {name: [value(item) for item in column] for name, column in batch.items()}
            for batch in entry.batches
        ],
        "group_by": list(entry.group_by),
        "aggregate": entry.aggregates,
        "result": [value(item) for item in entry.result],
    }
