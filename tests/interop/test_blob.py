"""The answer whether a receiver reads a blob: imports, schemas and the members of a tuple."""

from __future__ import annotations

import datetime
import io
import pickle
import sys
from typing import Any

import pyarrow as pa
import pytest

from conformance.inspection import inspect, summary
from conformance.wire import Family, Frame
from conformance.wire.flat_schema import strange
from tests.interop.blobs import (
    SCHEMA,
    answer,
    imported,
    members,
    udf,
)
from tests.wire.samples import REAL, scalar


@pytest.mark.parametrize(
    ("module", "name", "missing"),
    [
        ("pyarrow.nosuch", "k", "pyarrow.nosuch"),
        ("json", "k3", "json.k3"),
        ("nosuchpackage.part", "k", "nosuchpackage.part"),
        ("test.helpers_of_mine", "k", "test.helpers_of_mine"),
        ("nosuch_c_module_of_python", "h", "nosuch_c_module_of_python"),
    ],
)
def test_here_whole_modules_are_looked_for(module: str, name: str, missing: str) -> None:
    found = answer(imported(module, name), here=True)
    assert (found.reads, found.reasons) == ("no", (f"it has no {missing}",))


def test_here_says_what_was_not_compared() -> None:
    found = answer(imported("jsonschema", "validate"), here=True)
    assert found.reads == "yes"
    assert "versions of jsonschema that fit: nobody has compared them" in found.needs
    # Nothing is imported to see a name of a module that no one has imported.
    assert "this" not in sys.modules
    found = answer(imported("this", "s"), here=True)
    assert "that it has this.s: nothing was imported to see it" in found.needs
    assert "this" not in sys.modules


@pytest.mark.parametrize("protocol", [0, 2])
def test_persistent_ids_are_never_loaded(protocol: int) -> None:
    class Pickler(pickle.Pickler):
        def persistent_id(self, one: Any) -> Any:
            return "7" if one is datetime.date else None

    out = io.BytesIO()
    Pickler(out, protocol).dump(members(datetime.date))
    found = answer(scalar(out.getvalue()))
    assert found.reads == "no", found.sentence
    assert "persistent ids" in found.sentence


def test_without_pyarrow_the_schemas_are_a_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = "schemas that it can read: there is no pyarrow here to look at them"
    assert needs not in answer(REAL["scalar-expr"]).needs
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert needs in answer(REAL["scalar-expr"]).needs


def test_a_pickle_with_persistent_ids() -> None:
    found = answer(b"\x80\x02]P7\na.")
    assert (found.reads, found.reasons) == (
        "no",
        ("a pickle has persistent ids, which no engine loads",),
    )


def bad_metadata() -> bytes:
    fields = [pa.field("a", pa.int64(), metadata={b"k\xff": b"v"})]
    return bytes(pa.schema(fields).serialize())


def bad_unit(type_: pa.DataType) -> bytes:
    """Return a schema of a type whose unit or precision is 64, as pyarrow still reads it."""
    good = bytes(pa.schema([pa.field("a", type_)]).serialize())
    for at in range(8, len(good) - 1):
        bad = good[:at] + b"\x40" + good[at + 1 :]
        if good[at] in (1, 2) and good[at + 1] == 0:
            try:
                pa.ipc.read_schema(pa.BufferReader(bad))
            except (pa.ArrowException, OSError, ValueError):
                continue
            if any(" 64 of a type" in one for one in strange(bad)):
                return bad
    raise AssertionError(good)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (udf(returns=pa.schema([]).serialize().to_pybytes()), "expected one field, found none"),
        (udf(inputs=bad_metadata()), "input schema is wrong: a text of its metadata is not UTF-8"),
        (udf(inputs=bad_unit(pa.duration("us"))), "unit 64 of a type"),
        (udf(returns=bad_unit(pa.list_(pa.timestamp("us")))), "unit 64 of a type"),
        (udf(inputs=bad_unit(pa.float64())), "precision 64 of a type"),
        (udf(name="\ud800"), "name is wrong: '\\ud800' holds half of a surrogate pair"),
    ],
)
def test_what_the_engine_refuses_in_a_tuple(data: bytes, reason: str) -> None:
    found = answer(data)
    assert (found.reads, reason in found.sentence) == ("no", True), found.sentence


@pytest.mark.parametrize("protocol", [2, 5])
def test_a_return_schema_of_two_fields_is_read(protocol: int) -> None:
    """The engine takes the first field."""
    two = pa.schema([pa.field(name, pa.int64()) for name in "ab"]).serialize().to_pybytes()
    assert answer(udf(returns=two, protocol=protocol)).reads == "yes"


def test_another_wire_version() -> None:
    frame = Frame(Family.SCALAR, 2, (3, 12), pickle.dumps(members())).to_bytes()
    found = answer(frame)
    assert (found.reads, found.reasons) == ("no", ("no released engine reads wire version 2",))


def test_a_pickle_that_is_too_large_is_not_judged() -> None:
    found = answer(scalar(b"\x80\x04" + b")0" * 150_001 + pickle.dumps(members())[2:]))
    reason = "the payload of UDF 1 has more opcodes than this suite reads"
    assert (found.reads, found.reasons) == ("not judged", (reason,))


@pytest.mark.parametrize("family", Family)
def test_a_callable_that_cannot_be_called_is_not_judged(family: Family) -> None:
    """A decoder must refuse it (PAYLOAD-30), and no released engine does."""
    payload = ("u", 7, SCHEMA, SCHEMA, *([SCHEMA] if family is Family.AGGREGATE else []))
    frame = Frame(family, 1, (3, 12), pickle.dumps((*payload, "immutable"))).to_bytes()
    found = answer(frame)
    assert found.reads == "not judged"
    assert "the callable of UDF 1 cannot be called" in found.sentence
    text = summary(inspect(frame), "x")
    assert "is wrong: expected callable, found int" in text
    assert "every engine" not in text


def test_a_callable_that_is_not_the_only_damage() -> None:
    assert answer(udf(7, returns=b"")).reads == "no"
