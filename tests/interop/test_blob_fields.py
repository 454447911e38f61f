"""The answer whether a receiver reads a blob: the protobuf around its frames."""

from __future__ import annotations

import functools
import itertools
import pickle

import pytest

from conformance.inspection import inspect, summary
from conformance.wire import Family, Frame
from tests.interop.blobs import (
    COLUMN,
    SCHEMA,
    answer,
    by_value,
    udf,
)
from tests.wire.samples import REAL, field, scalar

NAME_AND_DEFINITION = {
    Family.SCALAR: (20, 1, 3),
    Family.AGGREGATE: (19, 1, 6),
    Family.WINDOW: (18, 9, 10),
}


def call(family: Family, frame: bytes, name: bytes = b"u", column: bytes = COLUMN) -> bytes:
    held_by, named, defined = NAME_AND_DEFINITION[family]
    bounds = field(8, b"") if family is Family.WINDOW else b""
    arguments = field(4 if family is Family.WINDOW else 2, column)
    return field(held_by, field(named, name) + arguments + bounds + field(defined, frame))


@pytest.mark.parametrize(("around", "family"), [*itertools.product(Family, Family)], ids=str)
def test_a_frame_belongs_to_the_call_around_it(around: Family, family: Family) -> None:
    payload = ("u", len, SCHEMA, SCHEMA, *([SCHEMA] if family is Family.AGGREGATE else []))
    frame = Frame(family, 1, (3, 12), pickle.dumps((*payload, "immutable"))).to_bytes()
    found = answer(call(around, frame))
    kind = around.kind.removesuffix(" UDF")
    reason = f"the {kind} call of UDF 1 holds the frame of another kind: {family.kind}"
    expected = ("yes", ()) if around is family else ("no", (reason,))
    assert (found.reads, found.reasons) == expected


def test_a_frame_where_no_call_has_one() -> None:
    found = answer(field(20, field(1, b"u") + field(5, udf())))
    assert (found.reads, found.reasons) == (
        "not judged",
        ("UDF 1 is at a place where no call has its frame",),
    )


TEXT = b"DFPYUDF\x01\x03\x0c"


@pytest.mark.parametrize("python", ["3.12", "3.13"])
@pytest.mark.parametrize(
    ("data", "what"),
    [
        (field(2, field(1, COLUMN) + field(2, TEXT[:7])), "UDF 1"),  # the name of an alias
        (field(3, field(2, TEXT[:7])), "UDF 1"),  # a literal
        (field(3, field(2, TEXT)), "UDF 1"),
        (field(3, field(2, b"DFPYCHN")), "envelope 1"),
        (pickle.dumps([TEXT]), "UDF 1"),
    ],
)
def test_text_or_bytes_that_begin_like_a_frame(data: bytes, what: str, python: str) -> None:
    """An engine reads any text: nobody knows that it does not."""
    found = answer(data, python=python)
    reasons = (f"{what} is at a place where no call has its frame",)
    assert (found.reads, found.reasons) == ("not judged", reasons)
    assert "every engine" not in summary(inspect(data), "x")


def test_a_constant_of_a_payload_that_begins_like_a_frame() -> None:
    found = answer(by_value(functools.partial(print, TEXT[:7])))
    assert found.reasons == ("UDF 2 is at a place where no call has its frame",)


def test_a_definition_that_is_no_frame_needs_a_codec() -> None:
    need = "a codec that reads the definition of 'u': it is no frame"
    damaged = udf().replace(b"DFPYUDF", b"DFPYUD(", 1)
    assert need in answer(call(Family.SCALAR, damaged)).needs
    assert need not in answer(call(Family.SCALAR, udf())).needs


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (call(Family.SCALAR, udf(), name=b"\xff"), "is not UTF-8, if it is one"),
        (call(Family.SCALAR, udf(), column=field(1, field(1, b"\xff"))), "is not UTF-8"),
        (field(1, field(1, b"\xff")), "is not UTF-8, if it is one"),
        (field(100, b""), "neither an expression nor a plan"),
    ],
)
def test_protobuf_that_the_engine_refuses(data: bytes, reason: str) -> None:
    found = answer(data)
    assert (found.reads, reason in found.sentence) == ("not judged", True), found.sentence


@pytest.mark.parametrize("name", REAL)
def test_real_bytes_are_read(name: str) -> None:
    found = answer(REAL[name])
    assert found.reads == "yes"
    assert not [need for need in found.needs if "calls of" in need]


LAMBDA = field(37, field(1, b"array_filter") + field(2, COLUMN))


@pytest.mark.parametrize("data", [LAMBDA, field(20, field(1, b"abs") + field(2, LAMBDA))])
def test_an_older_engine_has_no_lambdas(data: bytes) -> None:
    found = answer(data, engine="54.1.0")
    reason = "datafusion 54.1.0 has no lambdas, as 'array_filter' takes: 55.0.0 added them"
    assert (found.reads, found.reasons) == ("no", (reason,))
    assert answer(data).reads == "yes"


def test_an_older_engine_has_no_lambdas_in_physical_plans() -> None:
    call = field(1, b"array_filter") + field(2, field(16, field(1, b"make_array")))
    found = answer(field(4, field(2, field(24, call)) + field(3, b"z")), engine="54.1.0")
    assert found.reads == "no"
    assert "has no lambdas, as 'array_filter' takes" in found.sentence


def test_a_variable_of_a_lambda_alone() -> None:
    found = answer(field(39, field(1, b"v")), engine="54.0.0")
    assert found.reasons == ("datafusion 54.0.0 has no lambdas: 55.0.0 added them",)


def test_a_field_that_no_released_engine_has() -> None:
    found = answer(field(40, field(1, b"v")))
    assert (found.reads, "neither an expression nor a plan" in found.sentence) == (
        "not judged",
        True,
    )


@pytest.mark.parametrize("data", [COLUMN, b"\x80\x02]cdatafusion.expr\nExpr\na."])
def test_what_else_a_newer_engine_writes_is_a_condition(data: bytes) -> None:
    need = (
        "no newer engine than 54.1.0 on the sender, if it is a plan or uses more than that "
        "engine has"
    )
    assert need in answer(data, engine="54.1.0").needs
    assert need not in answer(data).needs


COLUMN_2 = field(1, field(1, b"b"))
TWICE = "a message has a field twice, or two where one alone can be: no engine writes such bytes"


@pytest.mark.parametrize(
    "data",
    [
        # Protobuf takes the last: the second definition, or none.
        field(20, field(1, b"u") + field(2, COLUMN) + field(3, udf()) + field(3, b"")),
        field(
            20, field(1, b"u") + field(2, COLUMN) + field(3, scalar(version=2)) + field(3, udf())
        ),
        field(16, field(1, b"u") + field(4, b"") + field(3, udf()) + field(3, b"")),
        field(20, field(1, b"u") + field(1, b"v") + field(2, COLUMN)),
        # It joins two calls to one with two arguments.
        call(Family.SCALAR, udf()) * 2,
        field(13, field(1, call(Family.SCALAR, udf()) * 2)),
        call(Family.SCALAR, udf()) + COLUMN,
        COLUMN + COLUMN_2,
        pickle.dumps([call(Family.SCALAR, udf()) * 2]),
    ],
)
def test_a_field_that_is_twice_is_not_judged(data: bytes) -> None:
    found = answer(data)
    assert found.reads == "not judged"
    assert TWICE in found.reasons
    assert f"  ! {TWICE}" in summary(inspect(data), "x")


def test_a_field_that_may_be_twice() -> None:
    two = field(20, field(1, b"abs") + field(2, COLUMN) + field(2, COLUMN_2))
    assert answer(two).reads == "yes"
    assert answer(field(13, field(1, COLUMN) + field(1, COLUMN_2))).reads == "yes"
