"""Payloads whose schemas are written or read otherwise, as streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, schemas
from conformance.subjects.reference.functions import Function
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts

END = b"\xff\xff\xff\xff\0\0\0\0"


@breaks(*(f"PAYLOAD-{number:02}" for number in (2, 5, 12, 13, 14, 17, 18, 20)))
class StatesHaveABatch(Parts):
    """Which nothing reads, as there are no rows in a state that is not there yet."""

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            *content, volatility = super().tuple_of(function)
            if function.family == "aggregate":
                content[4] = content[4].removesuffix(END) + END[:4] + b"\x08" + bytes(11) + END
            return (*content, volatility)


@breaks(*(f"PAYLOAD-{number:02}" for number in (*range(1, 4), *range(5, 17))))
class StreamsHaveNoEnd(Parts):
    class Schemas(schemas.Schemas):
        def write(self, fields: Sequence[pa.Field]) -> bytes:
            return super().write(fields).removesuffix(END)


@breaks("PAYLOAD-18")
class WritesByPyarrow(Parts):
    class Schemas(schemas.Schemas):
        def write(self, fields: Sequence[pa.Field]) -> bytes:
            sink = pa.BufferOutputStream()
            pa.ipc.new_stream(sink, pa.schema(fields)).close()
            return bytes(sink.getvalue())


@breaks("PAYLOAD-18")
class SerializesByPyarrow(Parts):
    """By a method of the schema."""

    class Schemas(schemas.Schemas):
        def write(self, fields: Sequence[pa.Field]) -> bytes:
            return bytes(pa.schema(fields).serialize()) + END


@breaks("PAYLOAD-18")
class ReadsStatesByPyarrow(Parts):
    class Schemas(schemas.Schemas):
        def read(self, data: object, what: str) -> list[pa.Field]:
            fields = super().read(data, what)
            return [*pa.ipc.open_stream(data).schema] if what == "state" else fields


@breaks("PAYLOAD-28")
class BatchesAreSkipped(Parts):
    class Schemas(schemas.Schemas):
        def check_end(self, rest: bytes) -> None:
            pass


@breaks("PAYLOAD-28", "PAYLOAD-29")
class BatchesInStatesAreSkipped(Parts):
    class Schemas(schemas.Schemas):
        def read(self, data: object, what: str) -> list[pa.Field]:
            if what == "state" and isinstance(data, bytes):
                _, rest = self.message(data)
                data = data.removesuffix(rest)
            return super().read(data, what)


@breaks("PAYLOAD-24")
class NoResultIsNull(Parts):
    class Schemas(schemas.Schemas):
        def read(self, data: object, what: str) -> list[pa.Field]:
            fields = super().read(data, what)
            return fields or [pa.field("", pa.null())] if what == "return" else fields


@breaks("PAYLOAD-24")
class NoResultIsAnIndexError(Parts):
    class Schemas(schemas.Schemas):
        def read(self, data: object, what: str) -> list[pa.Field]:
            fields = super().read(data, what)
            return fields if what != "return" else [fields[0], *fields[1:]]


@breaks("PAYLOAD-25")
class FirstResultIsTaken(Parts):
    class Schemas(schemas.Schemas):
        def read(self, data: object, what: str) -> list[pa.Field]:
            fields = super().read(data, what)
            return fields[:1] if what == "return" else fields


@breaks("PAYLOAD-24", "PAYLOAD-25")
class WindowsTakeTheFirstResult(Parts):
    """Which have no metadata to keep."""

    class Codec(codec.Codec):
        def return_field(self, family: Family, data: Any) -> pa.Field:
            if family == "window":
                (field, *_) = self.schemas.read(data, "return") or [pa.field("", pa.null())]
                return field
            return super().return_field(family, data)


@breaks("PAYLOAD-29")
class NoSchemaIsNoFields(Parts):
    """Do so for a function without arguments."""

    class Schemas(schemas.Schemas):
        def read(self, data: object, what: str) -> list[pa.Field]:
            return super().read(data, what) if data or what != "input" else []


@breaks("PAYLOAD-29")
class CutSchemasAreValueErrors(Parts):
    class Schemas(schemas.Schemas):
        def read(self, data: object, what: str) -> list[pa.Field]:
            if isinstance(data, bytes):
                self.message(data)
            return super().read(data, what)
