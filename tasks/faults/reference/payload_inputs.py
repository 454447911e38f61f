"""Faults of PAYLOAD: wrong input fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa

from conformance.subjects.reference import codec, schemas
from conformance.subjects.reference.functions import Function
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


class Inputs(Parts):
    """A reference that writes the input fields that ``change`` returns."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        raise NotImplementedError

    class Codec(codec.Codec):
        def input_fields(self, function: Function) -> list[pa.Field]:
            subject = self.subject
            assert isinstance(subject, Inputs)
            return subject.change(super().input_fields(function))


@breaks("PAYLOAD-06", "PAYLOAD-16")
class InputsAreUnnamed(Inputs):
    """Write input fields without names."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [one.with_name("") for one in fields]


@breaks("PAYLOAD-06", "PAYLOAD-16")
class InputsAreNumberedFromOne(Inputs):
    """Number the input fields from 1 instead of 0."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [one.with_name(f"arg_{number}") for number, one in enumerate(fields, 1)]


@breaks("PAYLOAD-06")
class LaterInputsShareAName(Inputs):
    """Name every input field ``arg_0``."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [one.with_name("arg_0") for one in fields]


@breaks("PAYLOAD-07", "PAYLOAD-16")
class InputsAreNeverNull(Inputs):
    """Write input fields that are not nullable."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [one.with_nullable(False) for one in fields]


@breaks("PAYLOAD-07")
class LaterInputsAreNeverNull(Inputs):
    """Write input fields that are not nullable, except for the first."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [*fields[:1], *(one.with_nullable(False) for one in fields[1:])]


@breaks("PAYLOAD-08")
class AllInputsHaveTheFirstsType(Parts):
    """Write every input field with the type of the first one."""

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            same = function.inputs[:1] * len(function.inputs)
            return super().tuple_of(replace(function, inputs=same))


@breaks("PAYLOAD-08")
class InputsAreReversed(Parts):
    """Write the input fields in reverse order."""

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            return super().tuple_of(replace(function, inputs=function.inputs[::-1]))


@breaks("PAYLOAD-08")
class InputsLoseTheirZone(Inputs):
    """Drop the time zone of timestamp input fields."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [
            one.with_type(pa.timestamp(one.type.unit)) if pa.types.is_timestamp(one.type) else one
            for one in fields
        ]


@breaks("PAYLOAD-08")
class InputsAreNoDictionaries(Inputs):
    """Write a dictionary input field with the type of its values."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [
            one.with_type(one.type.value_type) if pa.types.is_dictionary(one.type) else one
            for one in fields
        ]


@breaks("PAYLOAD-08")
class InputsLoseWhatIsNotNullInside(Inputs):
    """Write every child of a struct input field as nullable."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [
            one.with_type(pa.struct([inner.with_nullable(True) for inner in one.type]))
            if pa.types.is_struct(one.type)
            else one
            for one in fields
        ]


@breaks("PAYLOAD-16")
class InputsMustBeNullable(Parts):
    """Refuse input fields that are not nullable."""

    class Schemas(schemas.Schemas):
        def read(self, data: object, what: str) -> list[pa.Field]:
            fields = super().read(data, what)
            if what == "input" and not all(field.nullable for field in fields):
                raise ValueError("an input that is never null")
            return fields


@breaks("PAYLOAD-16")
class InputsAreFoundByName(Parts):
    """Ignore input fields whose name does not begin with ``arg_``."""

    class Schemas(schemas.Schemas):
        def read(self, data: object, what: str) -> list[pa.Field]:
            fields = super().read(data, what)
            return [f for f in fields if f.name.startswith("arg_")] if what == "input" else fields
