"""A magic in the bytes is read, or reported as not read."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.inspection import inspect, summary
from conformance.wire.fields import MAX_FIELDS
from conformance.wire.pickles import MAX_OPCODES
from tests.wire.samples import REAL, field

EXPRESSION = REAL["scalar-expr"]
AT = EXPRESSION.index(b"DFPYUDF")
HEADER = b"DFPYUDF\x01\x03\x0b"


def nested(depth: int) -> bytes:
    data = EXPRESSION
    for _ in range(depth):
        data = field(1, data)
    return data


UNREAD = {
    "cut": EXPRESSION[: AT + 40],
    "deep": nested(120),
    "a length of 4 GiB": b"\x0a\xff\xff\xff\xff\x0f" + EXPRESSION[AT:],
    "field 0": field(0, EXPRESSION[AT:]),
    "text before it": b"see: " + EXPRESSION[AT:],
    "cut, in a pickle of protocol 0": pickle.dumps(EXPRESSION[: AT + 40], 0),
    "cut, in a pickle of protocol 2": pickle.dumps(EXPRESSION[: AT + 40], 2),
    "many fields": b"\x08\x01" * (MAX_FIELDS // 2 + 100_000) + field(1, HEADER),
}


@pytest.mark.parametrize("data", UNREAD.values(), ids=list(UNREAD))
def test_a_magic_that_is_not_reached(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "blob"
    path.write_bytes(data)
    shown = CliRunner().invoke(main, ["inspect", str(path)])
    assert shown.exit_code == 14
    at = data.index(b"DFPYUDF")
    assert f"! {at:#06x} magic DFPYUDF: not reached" in shown.stdout
    assert "no Python UDF" not in shown.stdout
    machine = CliRunner().invoke(main, ["inspect", "--json", str(path)])
    assert machine.exit_code == 14
    (found,) = json.loads(machine.stdout)["files"]
    assert found["unread"] == [{"offset": at, "magic": "DFPYUDF", "inside": None}]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_every_protocol(protocol: int) -> None:
    found = inspect(pickle.dumps(EXPRESSION, protocol))
    assert (found["container"], found["unread"]) == ("pickle", [])
    (entry,) = found["udfs"]
    assert (entry["kind"], entry["name"], entry["field_name"]) == ("scalar UDF", "double", "double")
    assert "error" not in entry


@pytest.mark.parametrize("opcode", [b"2", b"\x94", b"\x85"], ids=["DUP", "MEMOIZE", "TUPLE1"])
def test_a_pickle_of_many_opcodes(opcode: bytes) -> None:
    payload = b"\x80\x04)" + opcode * (MAX_OPCODES + 1) + b"."
    (entry,) = inspect(HEADER + payload)["udfs"]
    assert f"more than {MAX_OPCODES} opcodes" in entry["error"]
    assert entry["error"].startswith("TooManyOpcodes: a pickle is not read to its end: ")
    assert "malformed" not in summary(inspect(HEADER + payload), "x")


def test_bytes_without_a_magic_are_not_walked() -> None:
    data = b"\x08\x01" * (MAX_FIELDS + 1)
    found = inspect(data)
    assert (found["container"], found["udfs"], found["unread"]) == ("protobuf", [], [])
