"""The content that ``inspect`` describes: imports, frames inside payloads, what is not a tuple."""

from __future__ import annotations

import json
import pickle
import re
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conformance.inspection import details, inspect, summary
from conformance.wire import Envelope, Family
from tests.wire.samples import REAL, damaged, field, likely, scalar

SCHEMA = json.loads((files("conformance.inspection") / "schema.json").read_text())
EXPRESSION = REAL["scalar-expr"]
FRAME = EXPRESSION[EXPRESSION.index(b"DFPYUDF") :]


def valid(found: dict[str, Any]) -> dict[str, Any]:
    document = {
        "schema": "dfpy-conformance/inspect",
        "version": 1,
        "files": [{"file": "x", **found}],
    }
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(document)))
    return found


def described(payload: bytes, **more: Any) -> dict[str, Any]:
    """Describe the frame of a payload."""
    return valid(inspect(scalar(payload, **more)))["udfs"][0]  # type: ignore[no-any-return]


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", REAL)
def test_real_bytes(name: str) -> None:
    found = valid(inspect(REAL[name], opcodes=True))
    assert found["udfs"]
    assert not found["unread"]
    assert all("error" not in one for one in (*found["udfs"], *found["envelopes"]))
    assert "!" not in summary(found, name)
    assert "STOP" in details(found, REAL[name])


def test_keys_have_no_blanks_and_digests_are_whole() -> None:
    (udf,) = inspect(REAL["aggregate-expr"])["udfs"]
    assert not [key for key in udf if " " in key]
    assert re.fullmatch("[0-9a-f]{64}", udf["payload_sha256"])
    assert udf["state_schema"]["fields"] == ["state_0: int64 null"]
    assert "opcodes" not in udf


def test_a_module_that_a_call_imports() -> None:
    subimport = b"ccloudpickle.cloudpickle\nsubimport\n"
    udf = described(b"(" + subimport + b"(Vsubprocess\ntRt.")
    assert udf["imports"] == ["cloudpickle.cloudpickle.subimport"]
    assert udf["modules"] == ["subprocess"]


def test_an_attribute_that_a_call_takes() -> None:
    getattr_ = b"cbuiltins\ngetattr\n(cimportlib\nimport_module\n(Vos\ntRVsystem\ntR"
    assert described(b"(" + getattr_ + b"t.")["imports"][-1] == "os.system"


def test_a_module_whose_name_is_computed() -> None:
    call = b"cimportlib\nimport_module\n(cbuiltins\nstr\n)RtR"
    assert described(b"(" + call + b"t.")["modules"] == ["?"]


def test_names_in_the_code_of_a_function() -> None:
    numbers = b"K\x00" * 7
    code = b"ctypes\nCodeType\n(" + numbers + b")(Vsubprocess\nVrun\nt)tR"
    assert described(b"(" + code + b"t.")["names"] == ["subprocess", "run"]


@pytest.mark.parametrize("payload", [b"cos\nsystem\n.", b"cos\nsystem\n(Vid\ntR\xff"])
def test_a_payload_that_is_no_tuple_shows_its_imports(payload: bytes) -> None:
    found = valid(inspect(scalar(payload), opcodes=True))
    (udf,) = found["udfs"]
    assert udf["imports"] == ["os.system"]
    assert udf["opcodes"][0]["name"] == "GLOBAL"
    assert "error" in udf
    assert "os.system" in summary(found, "x")


def test_a_name_of_the_main_program() -> None:
    text = summary(inspect(scalar(b"(c__main__\nhelper\nt.")), "x")
    assert "! __main__.helper: only the sender's main program defines this name" in text
    assert "every process whose main program has no helper" in text


@pytest.mark.parametrize("protocol", [3, 5])
def test_a_frame_in_a_closure(protocol: int) -> None:
    """The payload of a UDF that holds an expression has the frames of the expression."""
    data = scalar(pickle.dumps((EXPRESSION, "x"), protocol))
    outer, inner = valid(inspect(data))["udfs"]
    assert (outer["inside"], inner["inside"], inner["name"]) == (None, 1, "double")
    assert data[inner["offset"] :][: len(FRAME)] == FRAME
    assert "inside the payload of UDF 1" in summary(inspect(data), "x")


def test_a_magic_in_a_payload_that_is_not_reached() -> None:
    data = scalar(pickle.dumps(("see DFPYUDF here",)))
    found = valid(inspect(data))
    expected = {"offset": data.rindex(b"DFPYUDF"), "magic": "DFPYUDF", "inside": 1}
    assert found["unread"] == [expected]
    assert "in the payload of UDF 1: not reached" in summary(found, "x")


def test_frames_in_frames_end_somewhere() -> None:
    data = FRAME
    for _ in range(20):
        data = scalar(pickle.dumps((data,)))
    found = valid(inspect(data))
    assert len(found["udfs"]) == 9
    assert found["unread"]


def test_metadata_of_nested_fields() -> None:
    pa = pytest.importorskip("pyarrow")
    item = pa.field("item", pa.int64(), metadata={"unit": "m"})
    schema = pa.schema([pa.field("rows", pa.list_(item))]).serialize().to_pybytes()
    end = b"\xff\xff\xff\xff\x00\x00\x00\x00"
    udf = described(pickle.dumps(("f", len, schema + end, schema + end, "stable")))
    assert udf["input_schema"]["fields"][1] == "  rows.item {'unit'='m'}"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"DFPYUDF\x01", "TruncatedHeader: .*Python major"),
        (scalar(b"no pickle"), "MalformedPickle: "),
        (scalar(b"N."), "MalformedTuple: "),
        (scalar(b"N\x85."), "tuple is wrong: a scalar UDF has 5 members; found are None$"),
        (
            Family.AGGREGATE.value + b"\x01\x03\x0c(Va\nNt.",
            "tuple is wrong: an aggregate UDF has 6 members; found are str, None$",
        ),
        (scalar(b"N\x85.rest"), "4 bytes after STOP"),
        (scalar(b"N\x85.", version=2), "no|wire version 2"),
        (Envelope.MAGIC + b"\x01\xff", "TruncatedEnvelope: .*codec id length"),
        (field(1, Family.AGGREGATE.value + b"\x01"), "aggregate UDF"),
    ],
)
def test_what_is_malformed_is_shown_as_far_as_it_goes(data: bytes, words: str) -> None:
    assert re.search(words, summary(valid(inspect(data)), "x"), re.MULTILINE)


@pytest.mark.parametrize("payload", [b"N\x85.", b"no pickle"])
def test_another_wire_version_is_not_malformed(payload: bytes) -> None:
    found = valid(inspect(scalar(payload, version=2)))
    text = summary(found, "x")
    assert "malformed" not in text
    assert "wire version 2, Python 3.12, which no released engine reads" in text
    assert "every released engine: wire version 2 is not 1 to 1" in text
    assert "error" not in found["udfs"][0]


def test_a_blob_from_a_stranger_cannot_draw_on_the_terminal() -> None:
    found = inspect(scalar(b"(\x8c\x04\x1b[2Jcos\x1b\n\x1b\nt."), opcodes=True)
    assert "\x1b" not in summary(found, "\x1b[2J") + details(found, b"")


def test_more_udfs_than_are_described() -> None:
    data = field(1, b"DFPYUDF\x01") * 5_003
    found = valid(inspect(data))
    assert (len(found["udfs"]), found["omitted"]) == (5_000, 3)
    assert "3 more are not described" in summary(found, "x")


real = st.sampled_from(sorted(REAL)).flatmap(lambda name: damaged(REAL[name]))


@settings(max_examples=100)
@given(likely | real | st.binary().map(scalar))
def test_any_bytes_are_described(data: bytes) -> None:
    found = inspect(data, opcodes=True)
    valid(found) if data else None
    summary(found, "x").encode()
    details(found, data)
