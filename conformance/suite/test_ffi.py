"""Foreign functions: FFI capsules of published libraries, and built-in functions as substitutes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import pyarrow as pa
import pytest

from conformance import wire
from conformance.catalogue.entry import Entry
from conformance.catalogue.ffi import BUILT_IN
from conformance.catalogue.nodes import Call, Col, Family, Node, Udf
from conformance.catalogue.query import Group, Query, Select
from conformance.runner.assertions import (
    assert_control,
    assert_equal,
    assert_raises,
    assert_result,
    assert_same_bytes,
    assert_succeeds,
    assert_true,
    assert_unresolved,
)
from conformance.runner.results import assert_entry_result
from conformance.subjects.ffi import FfiLibraries
from conformance.subjects.interface import Function, Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.markers import (
    LAYERS,
    at_artifacts,
    clause,
    each_family,
    each_receiver,
    needs,
)
from conformance.suite.helpers.same_name_udfs import (
    INT,
    RESULTS,
    call_of,
    decode_and_evaluate,
    encode_call_by_name,
    function_of,
    times,
)
from conformance.suite.helpers.samples import plans, receiver, strict_session
from conformance.util.kinds import indicates_bug

each_layer = pytest.mark.parametrize("layer", at_artifacts(LAYERS))

Functions = Mapping[Udf, Function]


def _each_entry(ffi_libraries: FfiLibraries | None) -> Iterator[tuple[Entry, Functions]]:
    """Yield each expression with foreign functions, and the functions in it."""
    assert_control(ffi_libraries is not None, "no FFI library is installed")
    assert ffi_libraries is not None
    for library in ffi_libraries.libraries:
        functions = ffi_libraries.functions(library)
        for entry in library.entries:
            yield entry, {udf: functions[udf] for udf in entry.udfs}


def _session_with(subject: Subject, mode: str, functions: Functions) -> Session:
    """Return a new session on which ``functions`` are registered."""
    session = receiver(subject, mode)
    for function in functions.values():
        subject.register(session, function)
    return session


@clause("FFI-01")
def test_travels_by_name(subject: Subject) -> None:
    """Every sender encodes the name of each function, and the same bytes."""
    for entry, functions in _each_entry(subject.ffi_libraries):
        expr = subject.expr(entry.expr, functions)
        data = subject.to_bytes(expr)
        assert_equal(wire.find(data), [], f"the frames in the bytes of {entry.id}")
        for udf in functions:
            assert_true(
                udf.name.encode() in data,
                f"{entry.id}: {udf.name} is not in the bytes",
                kind="wrong-bytes",
            )
        for session in (subject.session(), strict_session(subject)):
            assert_same_bytes(subject.to_bytes(expr, session), data, entry.id)


@clause("FFI-02")
@each_receiver
def test_resolves(subject: Subject, mode: str) -> None:
    """A receiver with the functions registered gets the expected result."""
    for entry, functions in _each_entry(subject.ffi_libraries):
        data = subject.to_bytes(subject.expr(entry.expr, functions))
        session = _session_with(subject, mode, functions)
        expr = assert_succeeds(partial(subject.from_bytes, data, session), entry.id)
        assert_entry_result(subject, expr, entry, session)


@clause("FFI-03")
@each_receiver
def test_unregistered_is_an_error(subject: Subject, mode: str) -> None:
    """Each function that is not registered causes an error with its name."""
    for entry, functions in _each_entry(subject.ffi_libraries):
        data = subject.to_bytes(subject.expr(entry.expr, functions))
        for missing in functions:
            others = {udf: function for udf, function in functions.items() if udf != missing}
            session = _session_with(subject, mode, others)
            decode = partial(subject.from_bytes, data, session)
            assert_unresolved(decode, missing.name, f"{entry.id} without {missing.name}")


WAYS: dict[str, Any] = {
    "pickle": lambda expr: pickle.loads(pickle.dumps(expr)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@clause("FFI-04")
@pytest.mark.parametrize("way", list(WAYS))
@each_receiver
def test_worker_slot(subject: Subject, mode: str, way: str) -> None:
    """Unpickling works with a worker slot whose session has the functions, and fails without."""
    for entry, functions in _each_entry(subject.ffi_libraries):
        round_trip = partial(WAYS[way], subject.expr(entry.expr, functions))
        session = _session_with(subject, mode, functions)
        subject.set_slot("worker", session)
        assert_entry_result(subject, assert_succeeds(round_trip, entry.id), entry, session)
        subject.set_slot("worker", receiver(subject, mode))
        assert_raises(round_trip, f"{way} of {entry.id}")


def _query(entry: Entry) -> Query:
    """Return the entry as a query that reads no file."""
    rows = tuple(tuple(zip(*batch.values(), strict=True)) for batch in entry.batches)
    columns: Any = (("v", entry.expr),)
    step = Group((), columns) if entry.is_aggregate else Select(columns)
    result = [[value] for value in entry.result]
    return Query(entry.id, entry.note, "values", entry.schema, rows, (step,), result)


def _encode_plan(subject: Subject, layer: Layer, query: Query, functions: Functions) -> bytes:
    """Encode the plan of ``query`` with an inlining session."""
    session = subject.session()
    with TemporaryDirectory() as folder:
        plan = plans(subject).plan(session, layer, query, functions, Path(folder))
        return plans(subject).to_bytes(plan, session)


def _assert_plan_result(
    subject: Subject, layer: Layer, query: Query, data: bytes, session: Session
) -> None:
    """Assert that the plan in ``data`` returns the query's hand-written result."""
    plan = assert_succeeds(lambda: plans(subject).from_bytes(layer, session, data), query.id)
    rows = [list(row.values()) for row in plans(subject).execute(session, plan).to_pylist()]
    assert_result(sorted(rows, key=repr), sorted(query.result, key=repr), f"the rows of {query.id}")


@clause("FFI-05")
@each_layer
@each_receiver
def test_plan(subject: Subject, mode: str, layer: Layer) -> None:
    """A plan contains no frame, and decodes where the functions are registered."""
    capability = plans(subject)
    for entry, functions in _each_entry(subject.ffi_libraries):
        data = _encode_plan(subject, layer, _query(entry), functions)
        assert_equal(wire.find(data), [], f"the frames in the plan of {entry.id}")
        session = _session_with(subject, mode, functions)
        assert_succeeds(partial(capability.from_bytes, layer, session, data), entry.id)
        for udf in functions:
            assert_true(udf.name.encode() in data, f"{udf.name} is not in the plan")


@clause("FFI-06")
@needs("plans")
@pytest.mark.parametrize("layer", ["logical", pytest.param("physical", marks=pytest.mark.deadly)])
@each_receiver
def test_plan_result(subject: Subject, mode: str, layer: Layer) -> None:
    """A receiver with the functions registered gets the plan's expected result."""
    for entry, functions in _each_entry(subject.ffi_libraries):
        query = _query(entry)
        data = _encode_plan(subject, layer, query, functions)
        _assert_plan_result(subject, layer, query, data, _session_with(subject, mode, functions))


@clause("FFI-07")
@each_layer
@each_receiver
def test_plan_unregistered(subject: Subject, mode: str, layer: Layer) -> None:
    """A plan whose function is not registered causes an error with its name."""
    capability = plans(subject)
    for entry, functions in _each_entry(subject.ffi_libraries):
        data = _encode_plan(subject, layer, _query(entry), functions)
        for missing in functions:
            others = {udf: function for udf, function in functions.items() if udf != missing}
            session = _session_with(subject, mode, others)
            decode = partial(capability.from_bytes, layer, session, data)
            assert_unresolved(decode, missing.name, f"{entry.id} without {missing.name}")


def _wrap_columns(node: Node, schema: pa.Schema) -> Node:
    """Return ``node`` with an identity Python UDF around each column."""
    if isinstance(node, Col):
        type_ = schema.field(node.name).type
        same = Udf(f"ffi/same-{type_}", "scalar", "same", "f = lambda a: a\n", (type_,), type_)
        return Call(same, (node,))
    if isinstance(node, Call):
        return replace(node, args=tuple(_wrap_columns(arg, schema) for arg in node.args))
    return node


@clause("FFI-08")
def test_beside_a_python_udf(subject: Subject) -> None:
    """In one expression a Python UDF is shipped inline and the foreign function by name."""
    for entry, functions in _each_entry(subject.ffi_libraries):
        both = replace(entry, expr=_wrap_columns(entry.expr, entry.schema))
        ours = {udf: function_of(subject, udf) for udf in both.udfs if udf.name == "same"}
        data = subject.to_bytes(subject.expr(both.expr, {**functions, **ours}))
        assert_equal({found.name for found in wire.find(data)}, {"same"}, "the UDFs with frames")
        session = _session_with(subject, "inlining", functions)
        assert_entry_result(subject, subject.from_bytes(data, session), both, session)
        refuses = _session_with(subject, "strict", functions)
        assert_raises(partial(subject.from_bytes, data, refuses), entry.id)


@clause("FFI-09")
@each_receiver
def test_another_kind_does_not_count(subject: Subject, mode: str) -> None:
    """A Python UDF of the same name but another kind does not replace the function."""
    for entry, functions in _each_entry(subject.ffi_libraries):
        data = subject.to_bytes(subject.expr(entry.expr, functions))
        for taken in functions:
            session = receiver(subject, mode)
            for udf, function in functions.items():
                if udf != taken:
                    subject.register(session, function)
                    continue
                for family in {*get_args(Family)} - {udf.family}:
                    subject.register(session, function_of(subject, times(family, 7, udf.name)))
            decode = partial(subject.from_bytes, data, session)
            assert_raises(decode, f"{entry.id}, {taken.name} of other kinds")


@clause("FFI-10")
def test_inline_is_not_replaced(subject: Subject) -> None:
    """A Python UDF that came inline runs, although the receiver has a function of its name."""
    for _, functions in _each_entry(subject.ffi_libraries):
        session = _session_with(subject, "inlining", functions)
        for udf in functions:
            expr = call_of(subject, times(udf.family, 7, udf.name))
            seen = decode_and_evaluate(subject, udf.family, subject.to_bytes(expr), session)
            assert_result(seen, RESULTS[udf.family], f"a Python UDF called {udf.name}")


@clause("FFI-11")
@pytest.mark.deadly
def test_built_for_another_engine(subject: Subject) -> None:
    """Functions of a library built for another engine do not crash the process."""
    incompatible_libraries = subject.incompatible_libraries
    assert incompatible_libraries is not None
    for library in incompatible_libraries.libraries:
        try:
            functions = incompatible_libraries.functions(library)
            session = _session_with(subject, "inlining", functions)
            for entry in library.entries:
                data = subject.to_bytes(subject.expr(entry.expr, functions))
                assert_entry_result(subject, subject.from_bytes(data, session), entry, session)
        except Exception as error:
            if indicates_bug(error):  # includes wrong results
                raise


each_artifact = pytest.mark.parametrize("layer", at_artifacts(["expression", *LAYERS]))


def _decode(subject: Subject, layer: str, data: bytes, session: Session) -> Any:
    if layer == "expression":
        return subject.from_bytes(data, session)
    return plans(subject).from_bytes("logical" if layer == "logical" else "physical", session, data)


def _encode_built_in(subject: Subject, layer: str, family: Family) -> tuple[bytes, Function]:
    """Return a call of the built-in function of ``family`` as bytes, and the function."""
    entry, session = BUILT_IN[family], subject.session()
    (udf,) = entry.udfs
    function = subject.get_function(session, family, udf.name)
    if layer == "expression":
        return subject.to_bytes(subject.expr(entry.expr, {udf: function}), session), function
    plan: Layer = "logical" if layer == "logical" else "physical"
    return _encode_plan(subject, plan, _query(entry), {udf: function}), function


def _session_without(subject: Subject, mode: str, function: Function) -> Session:
    """Return a new session from which ``function`` is deregistered."""
    session = receiver(subject, mode)
    subject.deregister(session, function)
    return session


@clause("FFI-12")
@each_artifact
@each_receiver
@each_family
def test_deregistered(subject: Subject, family: Family, mode: str, layer: str) -> None:
    """A receiver that deregistered a built-in function raises an error with its name."""
    data, function = _encode_built_in(subject, layer, family)
    decode = partial(_decode, subject, layer, data)
    assert_succeeds(lambda: decode(receiver(subject, mode)), "an unchanged session")
    session = _session_without(subject, mode, function)
    (udf,) = BUILT_IN[family].udfs
    assert_unresolved(lambda: decode(session), udf.name, f"{udf.name}, deregistered")


@clause("FFI-13")
@each_artifact
@each_receiver
@each_family
def test_registered_again(subject: Subject, family: Family, mode: str, layer: str) -> None:
    """A receiver deregistered a built-in function and registered it again.

    It gets the expected result.
    """
    entry = BUILT_IN[family]
    data, function = _encode_built_in(subject, layer, family)
    session = _session_without(subject, mode, function)
    subject.register(session, function)
    if layer == "expression":
        assert_entry_result(subject, subject.from_bytes(data, session), entry, session)
    else:
        plan: Layer = "logical" if layer == "logical" else "physical"
        _assert_plan_result(subject, plan, _query(entry), data, session)


@clause("FFI-14")
@pytest.mark.parametrize(("family", "alias"), [("scalar", "pow"), ("aggregate", "mean")])
@each_receiver
def test_an_alias_does_not_count(subject: Subject, family: Family, alias: str, mode: str) -> None:
    """A Python UDF named like an alias of a built-in does not resolve to the built-in."""
    decode = partial(subject.from_bytes, encode_call_by_name(subject, times(family, 2, alias)))
    assert_raises(lambda: decode(receiver(subject, mode)), f"{alias}, not registered")


@clause("FFI-15")
@pytest.mark.parametrize("given", [1, 2, 3])
@each_receiver
@each_family
def test_another_number_of_arguments(
    subject: Subject, family: Family, mode: str, given: int
) -> None:
    """A function of two arguments raises an error when called with one or three."""
    sent = replace(times(family, 2), inputs=(INT,) * given)
    call = Call(sent, (Col("a"),) * given)
    data = subject.to_bytes(
        subject.expr(call, {sent: function_of(subject, sent)}), strict_session(subject)
    )
    session = receiver(subject, mode)
    subject.register(session, function_of(subject, _of_two(family)))
    if given == 2:
        assert_result(
            decode_and_evaluate(subject, family, data, session), RESULTS[family], "two arguments"
        )
    else:
        assert_raises(
            lambda: decode_and_evaluate(subject, family, data, session), f"{given} arguments"
        )


def _of_two(family: Family) -> Udf:
    """Return a UDF of two arguments that multiplies the first by 7."""
    udf = times(family, 7)
    source = udf.source.replace("def f(a)", "def f(a, b)").replace("self, a)", "self, a, b)")
    return replace(udf, id=f"{udf.id}-of-two", source=source, inputs=(INT, INT))
