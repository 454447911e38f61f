"""Decide whether bytes without a frame look like an expression or a plan, or like text."""

from __future__ import annotations

import re

from conformance.inspection.foreign import foreign_hint
from conformance.inspection.udf import Values
from conformance.wire.errors import MalformedProtobuf
from conformance.wire.fields import FieldBudget
from conformance.wire.locate import Container
from conformance.wire.protobuf import is_message, list_fields

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
"""Bytes that no text has. Every expression and every plan has some: tags, lengths, numbers."""

_LENGTH_DELIMITED = 2

_HIGHEST_FIELD = 39
"""The highest number of a field in the messages of expressions and plans, of released engines."""


def text_hint(data: bytes, values: Values) -> str:
    """Return a hint where ``data``, in which nothing was found, is of another known format."""
    if values["udfs"] or values["envelopes"]:
        return ""
    return foreign_hint(data)


def why_no_artifact(data: bytes, values: Values) -> str:
    """Return why ``data`` is neither an expression nor a plan; empty if it may be one.

    Many texts, and other bytes, parse as protobuf. The message of an expression or of a plan
    has only fields that are messages. What holds a frame or an envelope is not in doubt, nor is
    a pickle.
    """
    in_doubt = values["container"] == Container.PROTOBUF.value
    if not in_doubt or values["udfs"] or values["envelopes"]:
        return ""
    if not _CONTROL.search(data):
        return "the bytes are a text, and no frame was found in it"
    if not _has_only_messages(data):
        return "the bytes are neither an expression nor a plan, and no frame was found in them"
    return ""


def _has_only_messages(data: bytes) -> bool:
    """Return whether ``data`` is a message, and each of its fields is one, as far as it is read.

    No expression and no plan of a released engine has a field of a higher number.
    """
    try:
        return all(
            field.field_number <= _HIGHEST_FIELD
            and field.wire_type == _LENGTH_DELIMITED
            and is_message(bytes(field.data))
            for field in list_fields(data, FieldBudget()) or ()
        )
    except MalformedProtobuf:  # too many fields
        return False
