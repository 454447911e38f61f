"""Values over rows, and what a UDF is handed of them and gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyarrow as pa

from conformance.subjects.reference.errors import ExecutionError

EXTENSION = "ARROW:extension:name"


@dataclass(frozen=True)
class Values:
    """An array, one value a row, with the metadata of its field."""

    array: pa.Array
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """Rows by their columns; ``known`` has values that are worked out already, by their tree."""

    columns: Mapping[str, Values]
    count: int
    known: Mapping[int, Values] = field(default_factory=dict)

    @classmethod
    def of(cls, batches: Sequence[pa.RecordBatch]) -> Rows:
        """Return the rows of batches, one after another."""
        table = pa.Table.from_batches(batches)
        columns = {
            one.name: Values(combine_chunks(column), decode_metadata(one.metadata))
            for one, column in zip(table.schema, table.columns, strict=True)
        }
        return cls(columns, table.num_rows)

    def take(self, indices: Sequence[int]) -> Rows:
        """Return these rows, in this order."""
        where = pa.array(indices, pa.int64())
        taken = {
            name: Values(values.array.take(where), values.metadata)
            for name, values in self.columns.items()
        }
        return Rows(taken, len(indices))


def combine_chunks(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.chunks else pa.array([], column.type)


def decode_metadata(metadata: Mapping[bytes, bytes] | None) -> dict[str, str]:
    """Return the metadata of a field as text."""
    return {key.decode(): value.decode() for key, value in (metadata or {}).items()}


def repeat(value: pa.Scalar, count: int) -> pa.Array:
    """One value for each of so many rows."""
    return pa.array([value] * count, value.type)


def cast(array: pa.Array, type_: pa.DataType) -> pa.Array:
    """Return an array in another type."""
    try:
        return array.cast(type_)
    except pa.ArrowNotImplementedError:  # of views, in older versions
        return pa.array(array.to_pylist(), type_)


def prepare_argument(values: Values, type_: pa.DataType) -> pa.Array:
    """Return an argument as the UDF declared it: of its type, and an extension where it says so."""
    array = values.array
    if array.type != type_:
        array = cast(array, type_)
    if EXTENSION not in values.metadata:
        return array
    extension = extension_type(type_, tuple(sorted(values.metadata.items())))
    if isinstance(extension, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(extension, array)
    return array


@cache
def extension_type(type_: pa.DataType, metadata: tuple[tuple[str, str], ...]) -> pa.DataType:
    """Return the type that a field of ``type_`` with such metadata has for pyarrow."""
    field_ = pa.field("", type_, metadata=dict(metadata))
    return pa.Field._import_from_c_capsule(field_.__arrow_c_schema__()).type


def check_result(result: Any, declared: pa.Field, count: int, name: str) -> Values:
    """Return what a UDF gave, held to its declaration."""
    array = combine_chunks(result) if isinstance(result, pa.ChunkedArray) else result
    if isinstance(array, pa.Scalar):
        array = repeat(array, count)
    if not isinstance(array, pa.Array):
        raise ExecutionError(f"'{name}' returned a {type(result).__name__} and no array")
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if array.type != declared.type:
        raise ExecutionError(f"'{name}' returned {array.type} and not {declared.type}")
    if len(array) == 1 != count:
        array = repeat(array[0], count)
    if len(array) != count:
        raise ExecutionError(f"'{name}' returned {len(array)} values for {count} rows")
    return Values(array, decode_metadata(declared.metadata))


def as_scalar(value: Any, type_: pa.DataType) -> pa.Scalar:
    """Return a single value of a UDF, as the type that it declared."""
    scalar = value if isinstance(value, pa.Scalar) else pa.scalar(value, type_)
    return scalar if scalar.type == type_ else scalar.cast(type_)


def array_of(scalars: Sequence[pa.Scalar], type_: pa.DataType) -> pa.Array:
    """Return an array of single values."""
    return pa.array(list(scalars), type_)
