"""Frames as bytes: parse, write, find, disassemble and replace them without an engine.

This package never unpickles, and imports neither an engine nor cloudpickle. It
imports protobuf only to read messages, and pyarrow only to read schemas. For
any bytes it returns a result or raises a ``WireError``.
"""

from conformance.wire.chain import Envelope
from conformance.wire.definition import Definition
from conformance.wire.errors import (
    EnvelopeIdNotUtf8,
    EnvelopeIdTooLong,
    MalformedPickle,
    MalformedProtobuf,
    MalformedSchema,
    MalformedTuple,
    TruncatedEnvelope,
    TruncatedHeader,
    UnknownMagic,
    UnsupportedEnvelopeVersion,
    UnsupportedVersion,
    WireError,
)
from conformance.wire.frame import Family, Frame
from conformance.wire.hexview import difference, hexdump
from conformance.wire.listing import listing
from conformance.wire.locate import (
    Container,
    Located,
    find,
    find_envelopes,
    locate,
    remove,
    replace,
)
from conformance.wire.payload import Payload
from conformance.wire.pickles import Opcode
from conformance.wire.protobuf import Found, Path
from conformance.wire.schema import read_schema, schema_lines
from conformance.wire.values import Opaque

__all__ = [
    "Container",
    "Definition",
    "Envelope",
    "EnvelopeIdNotUtf8",
    "EnvelopeIdTooLong",
    "Family",
    "Found",
    "Frame",
    "Located",
    "MalformedPickle",
    "MalformedProtobuf",
    "MalformedSchema",
    "MalformedTuple",
    "Opaque",
    "Opcode",
    "Path",
    "Payload",
    "TruncatedEnvelope",
    "TruncatedHeader",
    "UnknownMagic",
    "UnsupportedEnvelopeVersion",
    "UnsupportedVersion",
    "WireError",
    "difference",
    "find",
    "find_envelopes",
    "hexdump",
    "listing",
    "locate",
    "read_schema",
    "remove",
    "replace",
    "schema_lines",
]
