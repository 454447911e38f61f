"""Sizes, counts, names, metadata and types at the values where a length or a buffer could slip."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, get_args

import pyarrow as pa
import pytest
from allpairspy import AllPairs

from conformance import wire
from conformance.catalogue.boundaries import (
    CONTAINERS,
    COUNTS,
    LARGE_SIZES,
    METADATA,
    NAMES,
    SIZES,
    TYPES,
)
from conformance.catalogue.nodes import Binary, Call, Case, Col, Family, Lit, Node, Volatility
from conformance.runner.assertions import (
    assert_equal,
    assert_names,
    assert_raises,
    assert_result,
    assert_succeeds,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers import handmade_frames
from conformance.suite.helpers.artifacts import LAYER, Artifact, from_bytes
from conformance.suite.helpers.canaries import assert_refused_unread
from conformance.suite.helpers.markers import clause, each_family, needs_at
from conformance.suite.helpers.same_name_udfs import (
    call_of,
    encode_call_by_name,
    evaluate_rows,
    expected_values,
    function_of,
    times,
)
from conformance.suite.helpers.samples import receiver, strict_session
from conformance.suite.helpers.specimens import INT, Specimen, describe_schema, frames_in

FAMILIES: tuple[Family, ...] = get_args(Family)


FEW = (1, 2, 11, 17, 129, 257)
"""Counts for cases that take long with many."""

ENDS: tuple[Artifact, ...] = ("expression", "physical")
"""The two artifacts that differ most, for cases that take long with all four."""

NO_COLUMN = {"nul", "aggregate"}
"""A NUL cannot be in the name of a column, and an aggregate's column has the UDF's name."""


def in_pairs(**dimensions: Iterable[Any]) -> pytest.MarkDecorator:
    """Parametrize a case so that each two values of two dimensions meet in some parameter."""
    parameters = [
        pytest.param(*row, id="-".join(map(str, row)), marks=[m for v in row for m in needs_at(v)])
        for row in AllPairs([list(values) for values in dimensions.values()])
        if not {*row} >= NO_COLUMN
    ]
    return pytest.mark.parametrize(list(dimensions), parameters)


def _refused(subject: Subject, specimen: Specimen, artifact: Artifact) -> None:
    """Assert that a strict session refuses the inline frame and writes none."""
    data, strict = specimen.encode(subject, artifact, subject.session()), strict_session(subject)
    assert_refused_unread(
        lambda given: from_bytes(subject, artifact, given, strict), data, specimen.held
    )
    named = specimen.encode(subject, artifact, strict)
    assert_equal(frames_in(named), [], "the frames in the bytes of a strict session")


@clause("BOUNDARY-01")
@in_pairs(size=SIZES, artifact=ENDS, family=FAMILIES)
def test_sizes(subject: Subject, size: int, artifact: Artifact, family: Family) -> None:
    """A callable holds so many bytes. They are all there at the receiver."""
    Specimen(family, held=size).assert_trip(subject, artifact)


@clause("BOUNDARY-01")
@pytest.mark.parametrize("size", LARGE_SIZES)
def test_large_sizes(subject: Subject, size: int) -> None:
    """A callable holds up to 16 MiB. They are all there at the receiver."""
    Specimen("scalar", held=size).assert_trip(subject, "expression")


@clause("BOUNDARY-02")
@pytest.mark.parametrize("size", LARGE_SIZES)
def test_large_sizes_refused(subject: Subject, size: int) -> None:
    """A callable holds up to 16 MiB. A strict session does not write it, and refuses it."""
    _refused(subject, Specimen("scalar", held=size), "expression")


@clause("BOUNDARY-02")
@in_pairs(size=(0, *SIZES), artifact=ENDS, family=FAMILIES)
def test_sizes_refused(subject: Subject, size: int, artifact: Artifact, family: Family) -> None:
    """A callable holds so many bytes. A strict session does not write it, and refuses it."""
    _refused(subject, Specimen(family, held=size), artifact)


@clause("BOUNDARY-03")
@in_pairs(name=NAMES, artifact=ENDS, family=FAMILIES)
def test_names(subject: Subject, name: str, artifact: Artifact, family: Family) -> None:
    """A UDF with this name travels inline. It has its name and gives its result."""
    Specimen(family, NAMES[name]).assert_trip(subject, artifact)


def _near(name: str) -> set[str]:
    """Return names that a careless comparison takes for ``name``."""
    lower, upper = name.lower(), name.upper()
    near = {lower, upper, name.strip(), name[:255], name[:64], name.split("\0")[0], f"{name} "}
    near |= {"caf\u00e9", "cafe\u0301", "field", "strasse", name[::-1], name.strip('"')}
    return {one for one in near - {name} if one}


@clause("BOUNDARY-04")
@in_pairs(name=NAMES, mode=("inlining", "strict"), family=FAMILIES)
def test_names_by_name(subject: Subject, name: str, mode: str, family: Family) -> None:
    """A UDF with this name travels by name. The receiver has UDFs with similar names, too.

    The call resolves to the UDF with exactly this name.
    """
    udf, session = times(family, 7, NAMES[name]), receiver(subject, mode)
    for other in sorted(_near(udf.name)):
        subject.register(session, function_of(subject, times(family, 2, other)))
    subject.register(session, function_of(subject, udf))
    data = subject.to_bytes(call_of(subject, udf), strict_session(subject))
    expr = assert_succeeds(partial(subject.from_bytes, data, session), "a registered name")
    assert_result(
        evaluate_rows(subject, family, expr, session), expected_values(family, 7), "times 7"
    )


@clause("BOUNDARY-05")
@in_pairs(count=COUNTS[1:], artifact=ENDS, family=FAMILIES)
def test_arguments(subject: Subject, count: int, artifact: Artifact, family: Family) -> None:
    """A UDF has so many arguments. Each of them has its place and its weight in the result."""
    Specimen(family, arguments=count).assert_trip(subject, artifact)


@clause("BOUNDARY-06")
@in_pairs(count=FEW, artifact=LAYER)
def test_state_counts(subject: Subject, count: int, artifact: Artifact) -> None:
    """An aggregate UDF has so many state fields. Each keeps its place and its name."""
    Specimen("aggregate", states=(INT,) * count).assert_trip(subject, artifact)


FIELDS: dict[str, tuple[pa.Field, ...]] = {
    "out-of-order": tuple(pa.field(name, INT) for name in ("b", "a", "10", "9", "B")),
    "nullability": (pa.field("x", INT, nullable=False), pa.field("y", INT)),
    "same-names": (pa.field("x", INT), pa.field("x", pa.utf8()), pa.field("x", INT)),
    **{key: (pa.field("x", INT, metadata=tags),) for key, tags in METADATA.items()},
}


@clause("BOUNDARY-06")
@pytest.mark.parametrize("fields", FIELDS)
def test_state_fields(subject: Subject, fields: str) -> None:
    """Another writer declared state fields with these names and this metadata.

    The decoded UDF is written with the same state fields.
    """
    state = handmade_frames.encode_schema(*FIELDS[fields])
    content = handmade_frames.payload_members("aggregate", state=state)
    data = handmade_frames.make_expression(subject, "aggregate", content)
    again = handmade_frames.reencode(subject, data).state_schema
    assert_equal(describe_schema(again or b""), describe_schema(state), "the state fields")


@clause("BOUNDARY-07")
@in_pairs(metadata=METADATA, artifact=LAYER, nullable=(True, False))
def test_metadata(subject: Subject, metadata: str, artifact: Artifact, nullable: bool) -> None:
    """The return field of a scalar UDF has this metadata. It is the same at the receiver."""
    field = pa.field("r", INT, nullable, METADATA[metadata])
    Specimen("scalar", returns=field).assert_trip(subject, artifact)


@clause("BOUNDARY-08")
@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("family", ["scalar", "aggregate"])
def test_types(subject: Subject, family: Family, type_: str) -> None:
    """A UDF has an argument, a result and a state of this type.

    The bytes, and those of the decoded UDF, have the type with all its parameters. The result of
    a scalar UDF is not nullable.
    """
    wanted = TYPES[type_]
    field = pa.field("r", wanted, nullable=pa.types.is_null(wanted))
    returns = field if family == "scalar" else wanted
    specimen = Specimen(family, inputs=(wanted,), returns=returns, states=(INT, wanted))
    specimen.assert_kept(subject, "expression", subject.session())


@clause("BOUNDARY-08")
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("family", ["scalar", "aggregate"])
def test_types_in_types(subject: Subject, family: Family, container: str) -> None:
    """Arguments, result and states of a UDF have nearly every type inside of another type.

    The bytes, and those of the decoded UDF, have these types with all their parameters.
    """
    kept = [type_ for key, type_ in TYPES.items() if key != "ordered-dictionary"]  # a case alone
    inner = list(map(CONTAINERS[container], kept))
    returns = pa.struct([(f"c{n}", type_) for n, type_ in enumerate(inner)])
    specimen = Specimen(family, inputs=tuple(inner), returns=returns, states=(INT, *inner))
    specimen.assert_kept(subject, "expression", subject.session())


@clause("BOUNDARY-05")
@pytest.mark.parametrize("volatility", get_args(Volatility))
@each_family
def test_no_arguments(subject: Subject, family: Family, volatility: Volatility) -> None:
    """A UDF has no arguments. It keeps its volatility, and a scalar one its return field."""
    field = pa.field("r", INT, nullable=False, metadata={"unit": "mm"})
    returns = field if family == "scalar" else INT
    specimen = Specimen(family, "none", volatility, arguments=0, returns=returns)
    specimen.assert_kept(subject, "expression", subject.session())


@clause("BOUNDARY-08")
@each_family
def test_many_types(subject: Subject, family: Family) -> None:
    """A UDF has ten numbers and two texts as arguments. Each type keeps its place."""
    inputs = (*(INT,) * 10, pa.utf8(), pa.utf8())
    Specimen(family, inputs=inputs).assert_kept(subject, "expression", subject.session())


@clause("BOUNDARY-09")
@pytest.mark.parametrize("count", FEW)
def test_frames(subject: Subject, count: int) -> None:
    """A UDF has so many arguments, each of which is a call of another UDF.

    Each call gives its own result, and a strict session refuses the expression.
    """
    outer = Specimen("scalar", "outer", arguments=count, factor=1)
    inner = [Specimen("scalar", f"inner_{n}", factor=n + 2) for n in range(count)]
    calls: tuple[Node, ...] = tuple(Call(one.udf, (Col("c0"),)) for one in inner)
    functions = {one.udf: function_of(subject, one.udf) for one in (outer, *inner)}
    data = subject.to_bytes(subject.expr(Call(outer.udf, calls), functions))
    assert_equal(len(wire.find(data)), count + 1, "the number of frames")
    expr, session = subject.from_bytes(data), subject.session()
    rows = [pa.RecordBatch.from_pydict({"c0": [1, 10]})]
    weight = sum((n + 1) * (n + 2) for n in range(count))
    values = subject.evaluate(session, expr, rows).to_pylist()
    assert_result(values, [weight, 10 * weight], "the result")
    assert_raises(partial(subject.from_bytes, data, strict_session(subject)), "a strict session")


@clause("BOUNDARY-10")
@in_pairs(size=(*SIZES, *LARGE_SIZES[:2]), family=("scalar", "window"))
def test_positions(subject: Subject, size: int, family: Family) -> None:
    """A message has a text of this size before the frame, and another behind it.

    The result is that of the call, and a strict session refuses the expression.
    """
    # No field of protobuf begins with one of these letters: the texts read as nothing else.
    specimen, text = Specimen(family), Lit("w" * size)
    no_match = Binary("==", text, Lit("y"))
    behind = Case(((Binary("==", Lit("g" * size), Lit("")), Lit(1)),), Lit(0))
    node = Case(((no_match, Lit(0)), (Lit(True), specimen.node)), behind)
    data = subject.to_bytes(subject.expr(node, {specimen.udf: function_of(subject, specimen.udf)}))
    specimen.assert_declared(data, "the bytes")
    session = subject.session()
    specimen.assert_result(subject, "expression", subject.from_bytes(data, session), session)
    assert_raises(partial(subject.from_bytes, data, strict_session(subject)), "a strict session")


ROUNDS = {"scalar": 260, "aggregate": 66, "window": 66}
"""Decodes of different UDFs in one process: more than a cache of 256, or of 64, could hold."""


@clause("BOUNDARY-11")
@each_family
def test_many_udfs(subject: Subject, family: Family) -> None:
    """A process encodes, then decodes, many different UDFs. Each gives its own result."""
    specimens = [Specimen(family, factor=n + 1) for n in range(ROUNDS[family])]
    session = subject.session()
    written = [one.encode(subject, "expression", session) for one in specimens]
    decoded = [subject.from_bytes(data, session) for data in written]
    for specimen, expr in zip(specimens, decoded, strict=True):
        specimen.assert_result(subject, "expression", expr, session)


@clause("BOUNDARY-11")
@each_family
def test_many_refusals(subject: Subject, family: Family) -> None:
    """A strict session refuses 300 different UDFs, each with its own name."""
    session, strict = subject.session(), strict_session(subject)
    for number in range(300):
        data = Specimen(family, f"udf_{number}").encode(subject, "expression", session)
        error = assert_raises(partial(subject.from_bytes, data, strict), "a strict session")
        assert_names(error, f"udf_{number}", f"refusal {number}")


@clause("BOUNDARY-12")
@each_family
def test_many_registrations(subject: Subject, family: Family) -> None:
    """A receiver has 300 UDFs. Each name resolves to its own."""
    session = strict_session(subject)
    chosen = [count for count in COUNTS if count] + [300]
    for factor in range(1, 301):
        udf = times(family, factor, f"times_{factor}")
        subject.register(session, function_of(subject, udf))
    for factor in chosen:
        data = encode_call_by_name(subject, times(family, factor, f"times_{factor}"))
        expr = assert_succeeds(partial(subject.from_bytes, data, session), f"times_{factor}")
        seen = evaluate_rows(subject, family, expr, session)
        assert_result(seen, expected_values(family, factor), f"times_{factor}")


@clause("BOUNDARY-12")
def test_many_sessions(subject: Subject) -> None:
    """A process has 300 sessions, every second of them strict. Each keeps its setting."""
    modes = [("inlining", "strict")[number % 2] for number in range(300)]
    sessions = [receiver(subject, mode) for mode in modes]
    specimen = Specimen("scalar")
    inline = specimen.encode(subject, "expression", subject.session())
    for number, (mode, session) in enumerate(zip(modes, sessions, strict=True)):
        frames = wire.find(specimen.encode(subject, "expression", session))
        assert_equal(len(frames), int(mode == "inlining"), f"the frames of session {number}")
        if mode == "strict":
            assert_raises(partial(subject.from_bytes, inline, session), f"session {number}")
        else:
            assert_succeeds(partial(subject.from_bytes, inline, session), f"session {number}")


@clause("BOUNDARY-13")
@in_pairs(
    name=("one-letter", "257", "65536", "decomposed", "double-quote", "dot", "astral"),
    size=(0, 255, 4097, 32_769, 131_073),
    count=(1, 2, 11, 17, 129),
    states=(1, 2, 11, 17),
    volatility=("immutable", "stable", "volatile"),
    artifact=LAYER,
    family=FAMILIES,
)
def test_combined(
    subject: Subject,
    name: str,
    size: int,
    count: int,
    states: int,
    volatility: Volatility,
    artifact: Artifact,
    family: Family,
) -> None:
    """A UDF has several properties at a boundary. It keeps them all and gives its result."""
    specimen = Specimen(
        family, NAMES[name], volatility, count, size, factor=7, states=(INT,) * states
    )
    specimen.assert_trip(subject, artifact)
    _refused(subject, specimen, artifact)
