"""Damaged goldens, and bytes that claim, nest and repeat much: read, or a ``WireError``."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings

from conformance import wire
from conformance.cli import main
from conformance.hostile.limits import limit_memory
from conformance.hostile.mutations import Input
from conformance.hostile.seeds import seeds
from conformance.inspection import inspect, summary
from conformance.wire import Envelope, WireError
from conformance.wire.region import varint
from tasks.fuzz.strategies import hostile

SEEDS = seeds((3, 12))
HEADER = b"DFPYUDF\x01\x03\x0c"
MANY = 20_000

READERS: tuple[Callable[[bytes], object], ...] = (
    wire.locate,
    wire.listing,
    lambda data: summary(inspect(data), "file"),
)


def field(number: int, value: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(value)) + value


def deep(value: bytes, depth: int) -> bytes:
    for _ in range(depth):
        value = field(1, value)
    return value


def pickled(opcodes: bytes) -> bytes:
    return HEADER + b"\x80\x05" + opcodes + b"."


CLAIMS = {
    "no fields": b"\x0a" + varint(2**63),
    "an id without end": Envelope.MAGIC + b"\x01" + b"\xff" * 4,
    "a pickle frame without end": pickled(b"\x95" + b"\xff" * 8),
    "a text without end": pickled(b"\x8d" + struct.pack("<Q", 2**62)),
    "bytes without end": pickled(b"B" + struct.pack("<I", 2**32 - 1)),
    "an integer of less than nothing": pickled(b"\x8b" + struct.pack("<i", -1)),
    "a schema without end": pickled(b"(C\x08\xff\xff\xff\xff\xff\xff\xff\x7ft"),
    "a line without end": HEADER + b"V" + b"a" * MANY,
    "memos": pickled(b"N" + b"".join(b"r" + struct.pack("<I", at) for at in range(MANY))),
    "one high memo": pickled(b"Nr\xff\xff\xff\xff"),
    "tuples in tuples": pickled(b"N" + b"2\x86" * MANY),
    "marks": pickled(b"(" * MANY + b"t" * MANY),
    "a number of many digits": pickled(b"L" + b"9" * MANY + b"L\n"),
    "many frames": field(1, pickled(b"N")) * (MANY // 20),
    "many bytes objects": b"\x80\x05(" + (b"C\x0c" + pickled(b"")[:11] + b".") * 2000 + b"t.",
    "many fields": field(1, b"abcdefghij") * MANY,
    "messages in messages": deep(b"DFPYUDF", 5000),
    "groups in groups": b"\x0b" * MANY + b"\x0c" * MANY,
    "groups without end": b"\x0b" * MANY,
    "envelopes in envelopes": Envelope("x", b"").to_bytes() * MANY + pickled(b"N"),
}


def read_or_error(reader: Callable[[bytes], object], data: bytes) -> str:
    """Return the error of a reader, or an empty text."""
    try:
        reader(data)
    except WireError as error:
        return str(error)
    return "read"


@settings(max_examples=100)
@given(hostile(SEEDS))
def test_damaged_goldens(one: Input) -> None:
    assert all(read_or_error(reader, one.data) for reader in READERS)


@pytest.mark.parametrize("reader", READERS, ids=["locate", "listing", "inspect"])
@pytest.mark.parametrize("claim", CLAIMS)
def test_claims(claim: str, reader: Callable[[bytes], object]) -> None:
    """Within 128 MiB, and the time that a test has."""
    with limit_memory():
        assert read_or_error(reader, CLAIMS[claim])


@pytest.mark.parametrize("claim", CLAIMS)
def test_inspect_prints_findings_or_one_error(claim: str, tmp_path: Path) -> None:
    """Print the findings and exit with 0 or 1, or print one line of error and exit with 2."""
    path = tmp_path / "hostile"
    path.write_bytes(CLAIMS[claim])
    shown = CliRunner().invoke(main, ["inspect", "--json", str(path)])
    assert shown.exception is None or isinstance(shown.exception, SystemExit)
    if shown.exit_code == 2:
        assert len(shown.stderr.strip().splitlines()) == 1
        assert shown.stderr.startswith(f"{path}: ")
    else:
        assert shown.exit_code in (0, 1, 14)
        (shown_file,) = json.loads(shown.stdout)["files"]
        assert shown_file["size"] == len(CLAIMS[claim])
