"""Faults of BOUNDARY: types and names that lose something on their way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

import pyarrow as pa

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, schemas
from conformance.subjects.reference.flatbuffers import Table
from conformance.subjects.reference.functions import Function
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts

_DEEP = 20


@breaks("BOUNDARY-03")
class QuotesAreTakenOff(Parts):
    """Take the double quotes off a name that has them around it."""

    class Codec(codec.Codec):
        def udf_of(self, family: Family, content: Any) -> Function:
            function = super().udf_of(family, content)
            name = function.name
            if len(name) > 2 and name[0] == name[-1] == '"':
                return replace(function, name=name[1:-1])
            return function


class _ReadsAnotherType(schemas.Schemas):
    """Schemas that read the type ``of`` as the type ``other``."""

    of: ClassVar[pa.DataType]
    other: ClassVar[pa.DataType]

    def field(self, table: Table) -> pa.Field:
        found = super().field(table)
        # Types are equal whose children have other names.
        return found.with_type(self.other) if found.type == self.of else found


@breaks("BOUNDARY-08")
class LargeListsForgetNotNull(Parts):
    """Read a large list of values that are not null as one of any values."""

    class Schemas(_ReadsAnotherType):
        of = pa.large_list(pa.field("x", pa.int64(), nullable=False))
        other = pa.large_list(pa.field("x", pa.int64()))


@breaks("BOUNDARY-08")
class StructsInListsForgetNotNull(Parts):
    """Read a list of structs with a field that is not null as one with any values."""

    class Schemas(_ReadsAnotherType):
        of = pa.list_(pa.struct([pa.field("x", pa.int64(), nullable=False)]))
        other = pa.list_(pa.struct([pa.field("x", pa.int64())]))


@breaks("BOUNDARY-08")
class ListsOfNullsAreNulls(Parts):
    """Read a list of nulls as a null."""

    class Schemas(_ReadsAnotherType):
        of, other = pa.list_(pa.null()), pa.null()


@breaks("BOUNDARY-08")
class SizesOfListsHave16Bits(Parts):
    """Read the size of a list from 16 bits."""

    class Schemas(_ReadsAnotherType):
        of, other = pa.list_(pa.int64(), 65_537), pa.list_(pa.int64(), 1)


@breaks("BOUNDARY-08")
class ListViewsAreLists(Parts):
    """Read a list view as a list."""

    class Schemas(_ReadsAnotherType):
        of, other = pa.list_view(pa.int64()), pa.list_(pa.int64())


@breaks("BOUNDARY-08")
class LargeListViewsAreLists(Parts):
    """Read a large list view as a large list."""

    class Schemas(_ReadsAnotherType):
        of, other = pa.large_list_view(pa.int64()), pa.large_list(pa.int64())


@breaks("BOUNDARY-08")
class TextViewsAreTexts(Parts):
    """Read a text view in an argument or a result as a text."""

    class Schemas(schemas.Schemas):
        def read(self, data: object, what: str) -> list[pa.Field]:
            found = super().read(data, what)
            return [one.with_type(_plain(one.type)) for one in found]


def _plain(type_: pa.DataType) -> pa.DataType:
    return {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}.get(type_, type_)


@breaks("BOUNDARY-08")
class TextViewsInListsAreTexts(Parts):
    """Read a list of text views as a list of texts."""

    class Schemas(_ReadsAnotherType):
        of, other = pa.list_(pa.string_view()), pa.list_(pa.string())


@breaks("BOUNDARY-08")
class ViewsInStructsAreBytes(Parts):
    """Read the views in a struct as texts and bytes."""

    class Schemas(_ReadsAnotherType):
        of = pa.struct([("x", pa.string_view()), ("y", pa.binary_view())])
        other = pa.struct([("x", pa.string()), ("y", pa.binary())])


@breaks("BOUNDARY-08")
class DictionariesHaveSignedIndices(Parts):
    """Read the 64-bit indices of a dictionary as signed ones."""

    class Schemas(_ReadsAnotherType):
        of = pa.dictionary(pa.uint64(), pa.string())
        other = pa.dictionary(pa.int64(), pa.string())


@breaks("BOUNDARY-08")
class DictionariesHaveSmallTexts(Parts):
    """Read a dictionary of large texts as one of texts."""

    class Schemas(_ReadsAnotherType):
        of = pa.dictionary(pa.int32(), pa.large_string())
        other = pa.dictionary(pa.int32(), pa.string())


@breaks("BOUNDARY-08")
class LargeUnionsAreDense(Parts):
    """Read a sparse union of three as a dense one."""

    class Schemas(schemas.Schemas):
        def field(self, table: Table) -> pa.Field:
            found = super().field(table)
            union = found.type
            if not pa.types.is_union(union) or union.num_fields < 3:
                return found
            parts = [union.field(number) for number in range(union.num_fields)]
            return found.with_type(pa.dense_union(parts, union.type_codes))


@breaks("BOUNDARY-08")
class ZonesHaveOneName(Parts):
    """Read the time zone Etc/UTC as UTC."""

    class Schemas(_ReadsAnotherType):
        of, other = pa.timestamp("us", "Etc/UTC"), pa.timestamp("us", "UTC")


@breaks("BOUNDARY-08")
class TypesNestTwentyDeep(Parts):
    """Refuse types that nest more than twenty deep."""

    class Schemas(schemas.Schemas):
        depth = 0

        def fields(self, tables: Iterable[Table]) -> list[pa.Field]:
            self.depth += 1
            try:
                if self.depth > _DEEP:
                    raise ValueError("a type nests too deep")
                return super().fields(tables)
            finally:
                self.depth -= 1
