"""Frames as bytes: read, written, found in what holds them, taken apart, replaced.

This room knows the format and nothing that runs it. It imports no engine and
no cloudpickle, never unpickles, and needs protobuf only to look into messages
and pyarrow only to look into schemas. Whatever bytes it is given, it either
reads them or raises a ``WireError``.
"""

from conformance.wire.chain import Envelope
from conformance.wire.definition import Definition
from conformance.wire.disassembly import disassemble, to_dict
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
from conformance.wire.locate import (
    Container,
    Located,
    find,
    find_envelopes,
    locate,
    remove,
    replace,
)
from conformance.wire.payload import Opaque, Payload
from conformance.wire.pickles import Opcode
from conformance.wire.protobuf import Found, Path
from conformance.wire.schema import read_schema, schema_lines

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
    "disassemble",
    "find",
    "find_envelopes",
    "hexdump",
    "locate",
    "read_schema",
    "remove",
    "replace",
    "schema_lines",
    "to_dict",
]
