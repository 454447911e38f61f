"""Faults of PAYLOAD: wrong schema streams."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import pyarrow as pa

from conformance.subjects.reference import codec, schemas
from conformance.subjects.reference.flatbuffers import Slot
from conformance.subjects.reference.functions import Function
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts

END = b"\xff\xff\xff\xff\0\0\0\0"


@breaks(*(f"PAYLOAD-{number:02}" for number in (2, 5, 12, 13, 14, 17, 18, 20)))
class StatesHaveABatch(Parts):
    """Write a batch message after the schema message of a state schema."""

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            *content, volatility = super().tuple_of(function)
            if function.family == "aggregate":
                content[4] = content[4].removesuffix(END) + END[:4] + b"\x08" + bytes(11) + END
            return (*content, volatility)


@breaks("PAYLOAD-18")
class WritesByPyarrow(Parts):
    """Write schemas with ``pyarrow.ipc.new_stream``."""

    class Schemas(schemas.Schemas):
        def write(self, fields: Sequence[pa.Field]) -> bytes:
            sink = pa.BufferOutputStream()
            pa.ipc.new_stream(sink, pa.schema(fields)).close()
            return bytes(sink.getvalue())


@breaks("PAYLOAD-28")
class BatchesAreSkipped(Parts):
    """Ignore everything after the schema message of a stream."""

    class Schemas(schemas.Schemas):
        def check_end(self, rest: bytes) -> None:
            pass


@breaks("PAYLOAD-25")
class FirstResultIsTaken(Parts):
    """Use the first field of a return schema, and ignore the others."""

    class Schemas(schemas.Schemas):
        def read(self, data: object, what: str) -> list[pa.Field]:
            fields = super().read(data, what)
            return fields[:1] if what == "return" else fields


@breaks("TOGGLE-08")
class DictionariesAreCountedOn(Parts):
    """Number the dictionaries of all schemas that the process has written."""

    class Schemas(schemas.Schemas):
        numbers = count()

        def describe_schema(self, fields: Sequence[pa.Field]) -> dict[int, Slot]:
            return {1: [self.describe_field(field, self.numbers) for field in fields]}
