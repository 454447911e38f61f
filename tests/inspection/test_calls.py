"""Calls by name, in the bytes of the real engine."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from conformance.inspection import inspect, summary
from conformance.inspection.calls import Call, CallSearch
from tests.wire.samples import REAL, field, scalar

BY_NAME = {
    path.stem: bytes.fromhex(path.read_text().replace("\n", ""))
    for path in sorted((Path(__file__).parent / "by_name").glob("*.hex"))
}
"""Plans of strict sessions, which datafusion 55.0.0 wrote from SQL: `abs`, a UDF and so on."""


def calls(data: bytes) -> dict[Call, int]:
    search = CallSearch()
    search.message(data)
    assert search.is_complete
    return search.counts


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("scalar", {("scalar", "abs"), ("scalar", "mine")}),
        (
            "aggregate",
            {
                ("aggregate", "sum"),
                ("aggregate", "first_value"),
                ("aggregate", "avg"),
                ("scalar", "abs"),
            },
        ),
        ("window", {("aggregate", "count"), ("window", "lag"), ("aggregate", "avg")}),
    ],
)
@pytest.mark.parametrize("layer", ["logical", "physical"])
def test_plans_of_the_real_engine(name: str, names: set[tuple[str, str]], layer: str) -> None:
    found = calls(BY_NAME[f"{name}-{layer}"])
    assert {(call.kind, call.name) for call in found} == names


@pytest.mark.parametrize("name", REAL)
def test_a_udf_that_travels_inline_is_no_call_by_name(name: str) -> None:
    assert calls(REAL[name]) == {}


NAMED = {
    "scalar": (field(20, field(1, b"abs") + field(2, field(1, b""))), Call("scalar", "abs")),
    "an argument of over 1 MiB": (
        field(20, field(1, b"wrap") + field(2, field(3, field(2, b"some text " * 200_000)))),
        Call("scalar", "wrap"),
    ),
    "a name with a line end": (field(20, field(1, b"nl\nx")), Call("scalar", "nl\nx")),
    "no arguments": (field(20, field(1, b"now")), Call("scalar", "now")),
    "aggregate": (field(19, field(1, b"sum") + b"\x28\x01"), Call("aggregate", "sum")),
    "aggregate as window": (field(18, field(3, b"sum") + field(8, b"")), Call("aggregate", "sum")),
    "window": (field(18, field(9, b"rank") + field(8, b"")), Call("window", "rank")),
    "physical": (
        field(16, field(1, b"abs") + field(4, field(10, b"")) + b"\x28\x01" + field(6, b"x")),
        Call("scalar", "abs"),
    ),
    "physical aggregate": (
        field(4, field(4, b"sum") + field(8, b"sum(a)")),
        Call("aggregate", "sum"),
    ),
    "physical window": (
        field(2, field(10, b"rank") + field(7, b"") + field(8, b"rank()")),
        Call("window", "rank"),
    ),
}


@pytest.mark.parametrize(("data", "call"), NAMED.values(), ids=list(NAMED))
def test_a_call_by_name(data: bytes, call: Call) -> None:
    assert calls(data) == {call: 1}
    assert calls(field(1, field(7, data)) + data) == {call: 2}


NOT_CALLS = {
    "a definition of another codec": field(20, field(1, b"f") + field(3, b"bytes")),
    "a catalog": field(20, field(1, b"catalog") + b"\x10\x01"),
    "a binary expression": field(4, field(1, field(1, b"")) + field(3, b"Plus")),
    "a union": field(19, field(1, field(3, b""))),
    "a text": field(20, b"\x0a\x03abs\xff"),
}


@pytest.mark.parametrize("data", NOT_CALLS.values(), ids=list(NOT_CALLS))
def test_what_only_looks_like_one(data: bytes) -> None:
    assert calls(data) == {}


def test_a_search_that_is_too_deep_says_so() -> None:
    data = b"x"
    for _ in range(120):
        data = field(1, data)
    search = CallSearch()
    search.message(data)
    assert not search.is_complete


LAMBDA = bytes.fromhex(
    "aa02350a0c61727261795f66696c74657212050a030a0178121eb2021b0a"
    "0176121622140a06ba02030a01760a041a0238011a04506c7573"
)
"""``array_filter(col("x"), lambda v: v + lit(1))``, which datafusion 55.0.0 wrote."""


def test_a_call_that_takes_a_lambda() -> None:
    assert calls(LAMBDA) == {Call("higher-order", "array_filter"): 1}
    within = field(20, field(1, b"abs") + field(2, LAMBDA))
    assert calls(within) == {Call("scalar", "abs"): 1, Call("higher-order", "array_filter"): 1}
    pickled = pickle.dumps(lambda_holder(LAMBDA))
    for data in (LAMBDA, within, pickled):
        found = inspect(data)
        assert found["engine_since"] == "55.0.0"
        assert "engines before datafusion 55.0.0: they have no lambdas" in summary(found, "x")


PHYSICAL_LAMBDA = field(
    4,
    bytes.fromhex(
        "128401c20180010a0f61727261795f7472616e73666f726d12438201400a0a6d616b655f6172726179120b0a"
        "090a07636f6c756d6e311204120238012211ca010e0a0c0a046974656d1202520018012801320a6d616b655f"
        "61727261791228ca01250a017612201a1e1a04506c75732210d2010d080112090a0176120252001801220412"
        "0238011a017a"
    ),
)
"""A projection of ``array_transform(make_array(a, 1), lambda v: v + lit(1))``, by 55.0.0."""


def test_a_call_that_takes_a_lambda_in_a_physical_plan() -> None:
    assert calls(PHYSICAL_LAMBDA) == {
        Call("higher-order", "array_transform"): 1,
        Call("scalar", "make_array"): 1,
    }
    assert inspect(PHYSICAL_LAMBDA)["engine_since"] == "55.0.0"


def lambda_holder(data: bytes) -> list[bytes]:
    """Return an object with these bytes, as an expression in a pickle has them."""
    return [data]


def test_a_lambda_in_the_payload_of_a_udf() -> None:
    found = inspect(scalar(pickle.dumps(("datafusion", LAMBDA))))
    assert [one["name"] for one in found["calls_by_name"]] == ["array_filter"]


@pytest.mark.parametrize(
    ("data", "since"),
    [
        (field(39, field(1, b"v")), "55.0.0"),
        (field(38, field(1, b"v") + field(2, field(39, field(1, b"v")))), "55.0.0"),
        # A physical plan has other messages in these fields.
        (field(38, field(1, field(1, b""))), None),
        (field(37, field(1, field(1, b"")) + b"\x10\x01"), None),
        (field(20, field(1, b"abs")), None),
    ],
)
def test_the_first_engine_that_has_all_expressions(data: bytes, since: str | None) -> None:
    assert inspect(data).get("engine_since") == since
