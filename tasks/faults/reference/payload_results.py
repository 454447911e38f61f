"""Faults of PAYLOAD: wrong return fields and state fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa

from conformance.subjects.reference import Reference, codec
from conformance.subjects.reference.functions import Function
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


class Written(Parts):
    """A reference that writes each UDF as the one that ``other`` returns."""

    def other(self, function: Function) -> Function:
        raise NotImplementedError

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            subject = self.subject
            assert isinstance(subject, Written)
            return super().tuple_of(subject.other(function))


@breaks("PAYLOAD-09")
class ResultsAreLarge(Written):
    """Write a string return field as a large string."""

    def other(self, function: Function) -> Function:
        if function.returns.type != pa.string():
            return function
        return replace(function, returns=function.returns.with_type(pa.large_string()))


@breaks("PAYLOAD-09", "PAYLOAD-20")
class WindowsGiveFloats(Written):
    """Write the integer return field of a window UDF as a float."""

    def other(self, function: Function) -> Function:
        if function.family != "window" or function.returns.type != pa.int64():
            return function
        return replace(function, returns=function.returns.with_type(pa.float64()))


@breaks("PAYLOAD-10", "PAYLOAD-15")
class ResultsMayBeNull(Written):
    """Write every return field as nullable."""

    def other(self, function: Function) -> Function:
        return replace(function, returns=function.returns.with_nullable(True))


@breaks("PAYLOAD-09", "PAYLOAD-11", "PAYLOAD-15")
class ResultsLoseTheirMetadata(Written):
    """Write return fields without metadata."""

    def other(self, function: Function) -> Function:
        return replace(function, returns=function.returns.remove_metadata())


@breaks("PAYLOAD-09", "PAYLOAD-11", "PAYLOAD-15")
class ResultsKeepOwnMetadataOnly(Written):
    """Drop metadata of the return field whose keys begin with ``ARROW:``."""

    def other(self, function: Function) -> Function:
        metadata = function.returns.metadata or {}
        kept = {k: v for k, v in metadata.items() if not k.startswith(b"ARROW:")}
        return replace(function, returns=function.returns.with_metadata(kept or None))


# The state


@breaks("PAYLOAD-12")
class StateIsOfTheResultsType(Written):
    """Write the state fields with the type of the return field."""

    def other(self, function: Function) -> Function:
        state = tuple(one.with_type(function.returns.type) for one in function.state)
        return replace(function, state=state)


@breaks("PAYLOAD-02", "PAYLOAD-12", "PAYLOAD-13", "PAYLOAD-14")
class StateIsOneField(Written):
    """Write only the first state field."""

    def other(self, function: Function) -> Function:
        return replace(function, state=function.state[:1])


@breaks("PAYLOAD-13", "PAYLOAD-14")
class StateIsNamedAfterTheUdf(Written):
    """Write the name of the UDF into the names of its state fields."""

    def other(self, function: Function) -> Function:
        state = tuple(one.with_name(f"{function.name}[{one.name}]") for one in function.state)
        return replace(function, state=state)


# What is read


class Read(Parts):
    """A reference that reads the fields of the schema ``what`` as ``change`` returns them."""

    what = "return"

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        raise NotImplementedError

    class Codec(codec.Codec):
        def __init__(self, subject: Reference) -> None:
            super().__init__(subject)
            read = self.schemas.read

            def read_and_change(data: object, what: str) -> list[pa.Field]:
                assert isinstance(subject, Read)
                fields = read(data, what)
                return subject.change(fields) if what == subject.what else fields

            self.schemas.read = read_and_change  # type: ignore[method-assign]


@breaks("PAYLOAD-14")
class ReadsStatesWithoutNames(Read):
    """Rename decoded state fields to ``state_0``, ``state_1`` and so on."""

    what = "state"

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [one.with_name(f"state_{number}") for number, one in enumerate(fields)]


@breaks("PAYLOAD-14")
class ReadsStatesAsNullable(Read):
    """Decode every state field as nullable."""

    what = "state"

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [one.with_nullable(True) for one in fields]


@breaks("PAYLOAD-14")
class ReadsMetadataOfTheFirstState(Read):
    """Drop the metadata of all decoded state fields except for the first."""

    what = "state"

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [*fields[:1], *(one.remove_metadata() for one in fields[1:])]


@breaks("PAYLOAD-15")
class ReadsResultsWithoutNames(Read):
    """Rename every decoded return field to ``result``."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [one.with_name("result") for one in fields]


@breaks("PAYLOAD-15")
class ReadsResultsAsNullable(Read):
    """Decode every return field as nullable."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [one.with_nullable(True) for one in fields]


@breaks("PAYLOAD-15")
class ReadsResultsWithoutMetadata(Read):
    """Drop the metadata of decoded return fields."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        return [one.remove_metadata() for one in fields]
