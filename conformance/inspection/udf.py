"""The description of one frame: header, tuple, imports, what its code names."""

from __future__ import annotations

import hashlib
from typing import Any

from conformance.wire.definition import FIELDS, Definition
from conformance.wire.errors import MalformedSchema, MalformedTuple, TooManyOpcodes, WireError
from conformance.wire.flat_schema import strange
from conformance.wire.frame import Family, Frame
from conformance.wire.listing import argument_text
from conformance.wire.payload import Item, Payload
from conformance.wire.pickles import cut_frame, persistent_id
from conformance.wire.schema import read_schema, schema_lines
from conformance.wire.trace import Trace, trace
from conformance.wire.values import Opaque

Values = dict[str, Any]
"""JSON values by key."""

MAX_NAMES = 200
"""The maximum number of imports, modules or names of one UDF that are listed."""

MAX_OPCODES = 50_000
"""The maximum number of opcodes of one UDF that are listed."""

MAX_TEXT = 1_000
"""The maximum length of a name, of an import and of an error, in characters."""


def describe(data: bytes, *, opcodes: bool = False) -> tuple[Values, Trace | None]:
    """Describe the frame in ``data``; the trace of its payload is ``None`` without a header.

    The values have an ``error`` if the frame is malformed. ``opcodes`` adds those of the payload.
    """
    entry: Values = {"kind": Family(data[:7]).kind}
    try:
        frame = Frame.parse(data, any_version=True)
    except WireError as error:
        return {**entry, "error": describe_error(error)}, None
    found = trace(frame.payload)
    entry |= {
        "wire_version": frame.wire_version,
        "python": ".".join(map(str, frame.python)),
        "payload_size": len(frame.payload),
        "payload_sha256": hashlib.sha256(frame.payload).hexdigest(),
        **_tuple(frame, found),
        **names_of(found),
    }
    if found.error is None and len(frame.payload) > found.size:
        entry["bytes_after_stop"] = len(frame.payload) - found.size
    if opcodes:
        entry["opcodes"] = [
            {"position": one.position, "name": one.name, "argument": argument_text(one.argument)}
            for one in found.opcodes[:MAX_OPCODES]
        ]
        entry["opcodes_omitted"] = max(0, len(found.opcodes) - MAX_OPCODES)
    return entry, found


def names_of(found: Trace) -> Values:
    """Describe what unpickling imports and calls, and what the code of functions names.

    ``names_omitted`` counts what is not listed.
    """
    entry: Values = {}
    omitted = 0
    for key, names in (
        ("imports", (*found.globals, *found.attributes)),
        ("modules", found.modules),
        ("names", found.names),
        ("sources", found.sources),
        ("calls", found.calls),
    ):
        listed = [*dict.fromkeys(map(cut, names))]
        entry[key] = listed[:MAX_NAMES]
        omitted += max(0, len(listed) - MAX_NAMES)
    if omitted:
        entry["names_omitted"] = omitted
    if persistent_id(found.opcodes):
        entry["persistent_ids"] = True
    return entry


def _tuple(frame: Frame, found: Trace) -> Values:
    """Describe the tuple in the payload, or what is wrong with it.

    Nobody knows what a payload of another wire version holds: it is not described.
    """
    if not Frame.supports(frame.wire_version):
        return {}
    try:
        payload = Payload.of(found)
    except TooManyOpcodes as error:
        return {"error": describe_error(error), "too_large": True}
    except WireError as error:
        return {"error": describe_error(error)}
    names = FIELDS[frame.family]
    if len(names) != len(payload.items):
        kinds = ", ".join(_kind(item) for item in payload.items[:MAX_NAMES]) or "no member"
        reason = f"{frame.family.with_article} has {len(names)} members; found are {kinds}"
        return {"error": describe_error(MalformedTuple("tuple", reason))}
    entry: Values = {}
    for field, item in zip(names, payload.items, strict=True):
        key = field.replace(" ", "_")
        if field in ("name", "volatility"):
            entry[key] = cut(item) if isinstance(item, str) else None
        elif "schema" in field:
            entry[key] = _schema(field, item) if isinstance(item, bytes) else None
        else:
            entry[key] = _kind(item)
    wrong = [f"{key} is of another type" for key, value in entry.items() if value is None]
    wrong += [
        value["error"] for value in entry.values() if isinstance(value, dict) and "error" in value
    ]
    uncallable = False
    try:
        Definition.of(frame.family, payload)
    except MalformedTuple as error:
        wrong.append(describe_error(error))
        uncallable = error.field == names[1]
    for broken in (cut_frame(found.opcodes, len(frame.payload)), persistent_id(found.opcodes)):
        if broken:
            wrong.append(describe_error(broken))
    if uncallable and len(wrong) == 1:
        entry["uncallable"] = True
    return {**entry, "error": wrong[0]} if wrong else entry


def _kind(item: Item) -> str:
    return item.kind if isinstance(item, Opaque) else type(item).__name__


def _schema(name: str, data: bytes) -> Values:
    """Describe a schema: the lines of its fields, without pyarrow its size alone.

    The engine refuses what is strange in one, and a return schema of no field.
    """
    entry: Values = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    try:
        schema = read_schema(data)
        entry["fields"] = schema_lines(schema)
        for wrong in strange(data):
            raise MalformedTuple(name, wrong)
        if name == "return schema" and not len(schema):
            raise MalformedTuple(name, "expected one field, found none")
    except (MalformedSchema, MalformedTuple) as error:
        return {**entry, "error": describe_error(error)}
    except ImportError:  # it is missing, or a library that it needs is
        return {**entry, "hint": "install pyarrow to see the schema"}
    return entry


def cut(text: str) -> str:
    """Shorten a text that is longer than ``MAX_TEXT``, and say so in it."""
    more = len(text) - MAX_TEXT
    return f"{text[:MAX_TEXT]}... and {more} more characters" if more > 0 else text


def describe_error(error: WireError) -> str:
    """Return the kind of an error and its text."""
    return cut(f"{type(error).__name__}: {error}")
