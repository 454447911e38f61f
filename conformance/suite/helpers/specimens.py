"""UDFs with one property at a boundary, which is in the bytes, the decoded UDF and the result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from conformance import wire
from conformance.catalogue.nodes import Call, Col, Family, Over, TypeOrField, Udf, Volatility
from conformance.catalogue.query import Group, Query, Select
from conformance.runner.assertions import assert_equal, assert_result
from conformance.subjects.interface import Session, Subject
from conformance.suite.helpers.artifacts import LAYER, Artifact, from_bytes, to_bytes
from conformance.suite.helpers.same_name_udfs import function_of
from conformance.suite.helpers.samples import plans
from conformance.wire import Definition, read_schema

INT = pa.int64()

_HEAD = """
import pyarrow as pa
def held(size): return ({unit} * (size // 251 + 1))[:size]
def total(held_, columns):
    if held_ != held(len(held_)): raise ValueError("the closure changed")
    sums = [
        sum((n + 1) * value for n, value in enumerate(row))
        for row in zip(*(column.to_pylist() for column in columns))
    ]
    return [{factor} * sum_ + len(held_) for sum_ in sums]
"""
_UNITS: dict[Family, str] = {
    "scalar": "bytes(range(251))",
    "aggregate": "''.join(map(chr, range(32, 283)))",
    "window": "''.join(map(chr, range(251)))",
}
"""251 bytes or letters, which the value in the closure repeats."""

_SOURCES: dict[Family, str] = {
    "scalar": """
def make(held_):
    return lambda *columns: pa.array(total(held_, columns), pa.int64())
""",
    "aggregate": """
def make(held_):
    class Total(Accumulator):
        def __init__(self): self.total = 0
        def update(self, *columns): self.total += sum(total(held_, columns))
        def merge(self, states): self.total += sum(states[0].to_pylist())
        def state(self):
            others = [pa.scalar(n, pa.int64()) for n in range(1, {states})]
            return [pa.scalar(self.total, pa.int64()), *others]
        def evaluate(self): return pa.scalar(self.total, pa.int64())
    return Total
""",
    "window": """
def make(held_):
    class Total(WindowEvaluator):
        def evaluate_all(self, values, n): return pa.array(total(held_, values), pa.int64())
    return Total
""",
}


@dataclass(frozen=True)
class Specimen:
    """A UDF that multiplies a weighted sum of its ``arguments`` by ``factor`` and adds ``held``.

    The n-th argument has the weight n. ``held`` is the length of a value in the callable's
    closure: bytes or a text. ``inputs`` overrides the types of the arguments; such a specimen
    cannot be called.
    """

    family: Family
    name: str = "total"
    volatility: Volatility = "immutable"
    arguments: int = 1
    held: int = 0
    factor: int = 7
    returns: TypeOrField = INT
    states: tuple[TypeOrField, ...] = (INT,)
    inputs: tuple[TypeOrField, ...] = ()

    @property
    def udf(self) -> Udf:
        """The declaration."""
        template = _HEAD + _SOURCES[self.family]
        source = template.format(
            factor=self.factor, states=len(self.states), unit=_UNITS[self.family]
        )
        return Udf(
            f"specimen/{self.family}",
            self.family,
            self.name,
            f"{source}f = make(held({self.held}))\n",
            self.inputs or (INT,) * self.arguments,
            self.returns,
            self.states if self.family == "aggregate" else (),
            self.volatility,
        )

    @property
    def result(self) -> list[int]:
        """The result for the two rows of ``rows``."""
        first = sum((n + 1) * (n + 5) for n in range(self.arguments))
        second = sum((n + 1) * (n * n) for n in range(self.arguments))
        values = [self.factor * value + self.held for value in (first, second)]
        return [sum(values)] if self.family == "aggregate" else values

    @property
    def rows(self) -> list[pa.RecordBatch]:
        """Two rows: column n has n + 5, then n squared."""
        columns = {f"c{n}": [n + 5, n * n] for n in range(self.arguments)}
        return [pa.RecordBatch.from_pydict(columns, pa.schema([(name, INT) for name in columns]))]

    @property
    def node(self) -> Call:
        """A call on the columns c0, c1, ... in this order; a window UDF is called over all rows."""
        columns = tuple(Col(f"c{n}") for n in range(len(self.udf.inputs)))
        return Call(self.udf, columns, over=Over() if self.family == "window" else None)

    def encode(self, subject: Subject, artifact: Artifact, session: Session) -> bytes:
        """Return the call, or the plan of a query with it, encoded by ``session``."""
        functions = {self.udf: function_of(subject, self.udf)}
        if artifact in ("expression", "pickle"):
            call = subject.expr(self.node, functions)
        else:
            planner = subject.session()  # it must outlive its plan
            call = plans(subject).plan(
                planner, LAYER[artifact], self.query, functions, Path("no folder")
            )
        return to_bytes(subject, artifact, call, session)

    @property
    def query(self) -> Query:
        """A query with the call over ``rows``."""
        (batch,) = self.rows
        rows = tuple(tuple(row.values()) for row in batch.to_pylist())
        column = (("v", self.node),)
        step = Group((), column) if self.family == "aggregate" else Select(column)
        return Query("specimen", "", "values", batch.schema, (rows,), (step,), [])

    def assert_result(
        self, subject: Subject, artifact: Artifact, call: Any, session: Session
    ) -> None:
        """Assert that the decoded ``call`` gives the result on ``session``."""
        if artifact in ("logical", "physical"):
            table = plans(subject).execute(session, call)
            assert_result(sorted(table.column(0).to_pylist()), sorted(self.result), "the result")
            return
        aggregate = self.family == "aggregate"
        values = subject.evaluate(session, call, self.rows, aggregate=aggregate)
        assert_result(values.to_pylist(), self.result, "the result")

    def assert_trip(self, subject: Subject, artifact: Artifact) -> None:
        """Assert that bytes, decoded UDF and result are as declared, on inlining sessions."""
        session = subject.session()
        self.assert_result(subject, artifact, self.assert_kept(subject, artifact, session), session)

    def assert_kept(self, subject: Subject, artifact: Artifact, session: Session) -> Any:
        """Assert that the bytes and the decoded UDF are as declared; return the decoded call."""
        data = self.encode(subject, artifact, session)
        self.assert_declared(data, "the bytes")
        call = from_bytes(subject, artifact, data, session)
        again = to_bytes(subject, artifact, call, session)
        self.assert_declared(again, "the bytes of the decoded UDF")
        return call

    def assert_declared(self, data: bytes, what: str) -> None:
        """Assert that the frame in ``data`` declares name, types, states and volatility."""
        (found,) = frames_in(data)
        definition = Definition.read(found.frame())
        assert_equal(definition.name, self.name, f"the name in {what}")
        assert_equal(definition.volatility, self.volatility, f"the volatility in {what}")
        inputs = read_schema(definition.input_schema)
        assert_equal(_types(inputs), _types(_stored(self.udf.inputs)), f"the arguments in {what}")
        returns = read_schema(definition.return_schema)
        assert_equal(_types(returns), _types(_stored([self.returns])), f"the type in {what}")
        if self.family == "scalar":
            declared = _stored([self.returns])[0]
            # A plain type has no name, and the engine chooses one.
            seen, expected = _describe(returns[0])[1:], _describe(declared)[1:]
            assert_equal(seen, expected, f"the return field in {what}")
        if definition.state_schema is not None:
            states = describe_schema(definition.state_schema)
            declared_ = [_describe(field) for field in _stored(self.states, "state_{}")]
            assert_equal(states, declared_, f"the states in {what}")


def frames_in(data: bytes) -> list[wire.Found]:
    """Return the frames of version 1; a name that begins like one is none."""
    return [found for found in wire.find(data) if found.data[7:8] == b"\x01"]


def describe_schema(data: bytes) -> list[tuple[Any, ...]]:
    """Return the fields of an encoded schema with all their parameters."""
    return [_describe(field) for field in read_schema(data)]


def _stored(declared: Any, name: str = "") -> list[pa.Field]:
    """Return the declared fields; a plain type has a name made from its number."""
    return [
        one if isinstance(one, pa.Field) else pa.field(name.format(number), one)
        for number, one in enumerate(declared)
    ]


def _types(fields: Any) -> list[str]:
    return [describe_type(field.type) for field in fields]


def _describe(field: pa.Field) -> tuple[Any, ...]:
    """Return name, type, nullability and metadata; the metadata has no order."""
    metadata = sorted((key.decode(), tag.decode()) for key, tag in (field.metadata or {}).items())
    return field.name, describe_type(field.type), field.nullable, metadata


def describe_type(type_: pa.DataType) -> str:
    """Return a text of a type with all its parameters, and those of its children."""
    ordered = " ordered" if pa.types.is_dictionary(type_) and type_.ordered else ""
    codes = f" {type_.type_codes}" if pa.types.is_union(type_) else ""
    if pa.types.is_map(type_):
        children = [type_.key_field, type_.item_field]
    else:
        children = [type_.field(number) for number in range(type_.num_fields)]
    inner = ", ".join(map(_describe_child, children))
    return f"{type_}{ordered}{codes} ({inner})" if inner else f"{type_}{ordered}"


def _describe_child(field: pa.Field) -> str:
    """Return a text of a field, with its type unquoted: quotes in quotes would double."""
    name, type_, nullable, metadata = _describe(field)
    return f"{name!r}: {type_}, {nullable}, {metadata}"
