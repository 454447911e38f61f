"""Frames as bytes: read, written, found in what holds them, taken apart, replaced.

This room knows the format and nothing that runs it. It imports no engine and
no cloudpickle, never unpickles, and needs protobuf only to look into messages
and pyarrow only to look into schemas. Whatever bytes it is given, it either
reads them or raises a ``WireError``.
"""

from conformance.wire.chain import Envelope
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
from conformance.wire.locate import Container, Located, find, find_envelopes, locate, replace
from conformance.wire.protobuf import Found, Path

__all__ = [
    "Container",
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
    "Path",
    "TruncatedEnvelope",
    "TruncatedHeader",
    "UnknownMagic",
    "UnsupportedEnvelopeVersion",
    "UnsupportedVersion",
    "WireError",
    "find",
    "find_envelopes",
    "locate",
    "replace",
]
