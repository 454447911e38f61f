"""Faults of PAYLOAD: a wrong tuple, or a callable that is pickled in a wrong way."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import pyarrow as pa

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import Reference, codec
from conformance.subjects.reference.functions import Function
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts

MEMBERS = codec.Codec.members
SHAPED = tuple(f"PAYLOAD-{number:02}" for number in (5, 6, 7, 8, 9, 16, 17, 31))
"""The clauses that want to know which member is which."""
RETURNED = ("PAYLOAD-10", "PAYLOAD-11", "PAYLOAD-15")


def ordered(family: Family, *names: str) -> Mapping[Family, tuple[str, ...]]:
    """Return the members of all families, with those of one family in another order."""
    assert sorted(names) == sorted(MEMBERS[family])
    return {**MEMBERS, family: names}


@breaks("PAYLOAD-03", "PAYLOAD-04", *SHAPED, "PAYLOAD-20", "PAYLOAD-22")
class WindowsAreNamedLast(Parts):
    """Exchange the name and the volatility in the tuple of a window UDF."""

    class Codec(codec.Codec):
        members = ordered("window", "volatility", "callable", "inputs", "returns", "name")


@breaks("PAYLOAD-01", *SHAPED, *RETURNED, "PAYLOAD-27")
class ScalarTupleGrew(Parts):
    """Write and accept a sixth element in the tuple of a scalar UDF."""

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            more = ({"deterministic": True},) if function.family == "scalar" else ()
            return (*super().tuple_of(function), *more)

        def udf_of(self, family: Family, content: Any) -> Function:
            grown = family == "scalar" and isinstance(content, tuple) and len(content) == 6
            return super().udf_of(family, content[:5] if grown else content)


class OnArgs:
    """A callable that takes its arguments as one sequence."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, args: Any) -> Any:
        return self.function(*args)


@breaks("PAYLOAD-01", "PAYLOAD-20")
class ScalarsTakeOneArgument(Parts):
    """Write a scalar callable that takes one list of arrays."""

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            if function.family == "scalar":
                function = replace(function, implementation=OnArgs(function.implementation))
            return super().tuple_of(function)

        def udf_of(self, family: Family, content: Any) -> Function:
            function = super().udf_of(family, content)
            bare = getattr(function.implementation, "function", function.implementation)
            return replace(function, implementation=bare) if family == "scalar" else function


class Again:
    """A factory that returns the same object on each call."""

    def __init__(self, made: Any) -> None:
        self.made = made

    def __call__(self) -> Any:
        return self.made


@breaks("PAYLOAD-02", "PAYLOAD-20")
class AccumulatorIsMadeBySenders(Parts):
    """Write one accumulator that the sender made instead of a factory."""

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            if function.family == "aggregate":
                function = replace(function, implementation=Again(function.implementation()))
            return super().tuple_of(function)


@breaks("PAYLOAD-03", "PAYLOAD-20")
class EvaluatorIsMadeBySenders(Parts):
    """Write one evaluator that the sender made instead of a factory."""

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            if function.family == "window":
                function = replace(function, implementation=Again(function.implementation()))
            return super().tuple_of(function)


# The name


@breaks("PAYLOAD-01", "PAYLOAD-02", "PAYLOAD-04", "PAYLOAD-31")
class NameIsTheCallables(Parts):
    """Write the name of the callable instead of the registered name."""

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            name = getattr(function.implementation, "__name__", function.name)
            return super().tuple_of(replace(function, name=name))


# The volatility


# The callable


@breaks("PAYLOAD-19")
class NamesWhatItCan(Parts):
    """Pickle a class by reference after making a module for it in the sender's process."""

    class Codec(codec.Codec):
        def dump(self, content: tuple[Any, ...]) -> bytes:
            made = content[1]
            if isinstance(made, type):
                module = sys.modules.setdefault(made.__module__, ModuleType(made.__module__))
                setattr(module, made.__qualname__, made)
            return super().dump(content)


@breaks("PAYLOAD-21")
class CarriesSourcesOfModules(Parts):
    """Write the source of a module that a callable uses into the payload."""

    class Codec(codec.Codec):
        def dump(self, content: tuple[Any, ...]) -> bytes:
            used = getattr(content[1], "__globals__", {}).get("decimal")
            if used is not None:
                content[1].source = inspect.getsource(sys.modules["_pydecimal"])
            return super().dump(content)


class Inputs(Parts):
    """A reference that writes the input fields that ``change`` returns."""

    def change(self, fields: list[pa.Field]) -> list[pa.Field]:
        raise NotImplementedError

    class Codec(codec.Codec):
        def input_fields(self, function: Function) -> list[pa.Field]:
            subject = self.subject
            assert isinstance(subject, Inputs)
            return subject.change(super().input_fields(function))


class Written(Parts):
    """A reference that writes each UDF as the one that ``other`` returns."""

    def other(self, function: Function) -> Function:
        raise NotImplementedError

    class Codec(codec.Codec):
        def tuple_of(self, function: Function) -> tuple[Any, ...]:
            subject = self.subject
            assert isinstance(subject, Written)
            return super().tuple_of(subject.other(function))


# The state


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
