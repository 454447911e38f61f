"""Arrow types as text, and fields as JSON records: the notation of the golden manifest.

``golden/README.md`` has the grammar; ``type_parser`` reads it. Pyarrow is imported when called.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conformance.wire.errors import MalformedSchema
from conformance.wire.extension_metadata import exported_metadata

if TYPE_CHECKING:
    import pyarrow as pa

NAME = re.compile(r"[A-Za-z0-9_.-]+")
"""A name of a field that is written without quotes."""

ZONE = re.compile(r"[A-Za-z0-9_.+:/-]+")
"""A time zone that is written without quotes."""

PLAIN: Mapping[str, str] = {
    **{name: name for name in ("null", "binary", "string")},
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    **{name: name for name in ("large_binary", "large_string", "binary_view", "string_view")},
    "bool": "bool_",
    "halffloat": "float16",
    "float": "float32",
    "double": "float64",
    "date32[day]": "date32",
    "date64[ms]": "date64",
    "month_day_nano_interval": "month_day_nano_interval",
}
"""The types without parameters: their text, and the function of pyarrow that makes them."""

LISTS = ("list", "large_list", "list_view", "large_list_view")
"""The types of lists of any length."""


def render(type_: pa.DataType) -> str:
    """Return the text of a type; equal types give equal text.

    Raises ``MalformedSchema`` for an extension type, whose name is in the metadata of a field,
    and for metadata that are not UTF-8.
    """
    import pyarrow as pa

    is_ = pa.types
    if isinstance(type_, pa.BaseExtensionType):
        raise MalformedSchema(f"{type_} is not the type of a field, which would hold its name")
    if is_.is_timestamp(type_):
        zone = f", tz={_quoted(ZONE, type_.tz)}" if type_.tz is not None else ""
        return f"timestamp[{type_.unit}{zone}]"
    if is_.is_map(type_):
        sorted_ = ", keys_sorted" if type_.keys_sorted else ""
        return f"map<{_field(type_.key_field)}, {_field(type_.item_field)}{sorted_}>"
    if is_.is_fixed_size_list(type_):
        return f"fixed_size_list<{_field(type_.value_field)}>[{type_.list_size}]"
    if is_.is_struct(type_):
        return f"struct<{', '.join(map(_field, _children(type_)))}>"
    if is_.is_union(type_):
        codes = zip(_children(type_), type_.type_codes, strict=True)
        fields = ", ".join(f"{_field(field)}={code}" for field, code in codes)
        return f"{type_.mode}_union<{fields}>"
    if is_.is_dictionary(type_):
        values, indices = render(type_.value_type), render(type_.index_type)
        return f"dictionary<values={values}, indices={indices}, ordered={int(type_.ordered)}>"
    if is_.is_run_end_encoded(type_):
        ends, values = render(type_.run_end_type), render(type_.value_type)
        return f"run_end_encoded<run_ends: {ends}, values: {values}>"
    if hasattr(type_, "value_field"):
        return f"{str(type_).partition('<')[0]}<{_field(type_.value_field)}>"
    return str(type_)


def field_record(field: pa.Field) -> dict[str, Any]:
    """Return a field as JSON: name, type, ``nullable`` if it is false, metadata if there is any.

    An extension type is its storage type; its name and its parameters are metadata.
    """
    storage, metadata = _split(field)
    record: dict[str, Any] = {"name": field.name, "type": render(storage)}
    if not field.nullable:
        record["nullable"] = False
    if metadata:
        record["metadata"] = metadata
    return record


def _field(field: pa.Field) -> str:
    storage, metadata = _split(field)
    text = f"{_quoted(NAME, field.name)}: {render(storage)}"
    if not field.nullable:
        text += " not null"
    return f"{text} {json.dumps(metadata, ensure_ascii=False)}" if metadata else text


def _quoted(bare: re.Pattern[str], text: str) -> str:
    return text if bare.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _children(type_: pa.DataType) -> list[pa.Field]:
    return [type_.field(number) for number in range(type_.num_fields)]


def _split(field: pa.Field) -> tuple[pa.DataType, dict[str, str]]:
    """Return the storage type of a field and its metadata, sorted, with those of an extension."""
    import pyarrow as pa

    type_, metadata = field.type, field.metadata or {}
    if isinstance(type_, pa.BaseExtensionType):
        type_, metadata = type_.storage_type, exported_metadata(field)
    try:
        return type_, dict(sorted((k.decode(), v.decode()) for k, v in metadata.items()))
    except UnicodeDecodeError as error:
        raise MalformedSchema(f"metadata {error.object!r} are not UTF-8") from None
