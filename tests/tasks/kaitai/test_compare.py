"""The comparison of a reader with the manifest notices every field that differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.golden.store import Golden, Store
from conformance.wire import Envelope
from tasks.kaitai.compare import MAGIC_OF_ENVELOPES, differences
from tests.conftest import ROOT

STORE = Store(ROOT / "golden")
Record = dict[str, Any]


def golden(case: str) -> Golden:
    """Return the first golden of a case of Python 3.12."""
    goldens = STORE.manifest.goldens
    return next(one for one in goldens if (one.case, one.python) == (case, "3.12"))


SCALAR = golden("scalar/lambda")
CHAIN = golden("chain/expression-scalar")


def read(data: bytes) -> Any:
    """Read bytes by hand, with the names of ``frame.ksy``."""
    if data.startswith(Envelope.MAGIC):
        envelope = Envelope.parse(data)
        body = SimpleNamespace(
            version=envelope.version,
            codec_id=envelope.codec_id,
            payload=envelope.blob,
            inner=read(envelope.blob) if envelope.blob.startswith(b"DFPY") else None,
        )
        return SimpleNamespace(magic=MAGIC_OF_ENVELOPES, body=body)
    body = SimpleNamespace(
        version=data[7], python_major=data[8], python_minor=data[9], payload=data[10:]
    )
    return SimpleNamespace(magic=data[:7].decode("latin-1"), body=body)


def found(one: Golden, reader: Callable[[bytes], Any] = read) -> list[str]:
    return list(differences(one, STORE.data(one), reader))


def with_frame(one: Golden, **fields: object) -> Golden:
    return replace(one, frames=({**one.frames[0], **fields},))


def with_envelope(one: Golden, **fields: object) -> Golden:
    return replace(one, envelopes=({**one.envelopes[0], **fields},))


@pytest.mark.parametrize("one", [SCALAR, CHAIN], ids=["frame", "envelope"])
def test_the_real_records(one: Golden) -> None:
    assert found(one) == []


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (with_frame(SCALAR, family="window"), ["family: 'scalar'; the manifest says 'window'"]),
        (with_frame(SCALAR, version=2), ["version: 1; the manifest says 2"]),
        (with_frame(SCALAR, python="3.1"), ["python: '3.12'; the manifest says '3.1'"]),
        (with_frame(SCALAR, payload_sha256="0"), ["payload_sha256"]),
        (with_frame(SCALAR, size=SCALAR.frames[0]["size"] - 1), ["payload_sha256"]),
        (with_frame(SCALAR, offset=21), ["family: None; the manifest says 'scalar'"]),
        (with_envelope(CHAIN, version=3), ["version: 1; the manifest says 3"]),
        (with_envelope(CHAIN, codec_id="x"), ["codec_id: 'conformance.golden'; the manifest"]),
        (with_envelope(CHAIN, payload_sha256="0"), ["payload_sha256"]),
        (with_envelope(CHAIN, offset=52, size=1068), ["magic: 'DFPYUDF'; the manifest says"]),
        (replace(CHAIN, frames=()), ["a frame inside: True, in the manifest: False"]),
        (with_frame(CHAIN, version=2), ["version: 1; the manifest says 2"] * 2),
    ],
)
def test_a_wrong_record(one: Golden, expected: list[str]) -> None:
    lines = found(one)
    assert len(lines) == len(expected)
    for line, part in zip(lines, expected, strict=True):
        assert line.startswith(f"{one.file}: the ")
        assert part in line


def test_a_reader_that_sees_no_frame_in_an_envelope() -> None:
    def blind(data: bytes) -> Any:
        seen = read(data)
        if seen.magic == MAGIC_OF_ENVELOPES:
            seen.body.inner = None
        return seen

    (line,) = found(CHAIN, blind)
    assert line.endswith("a frame inside: False, in the manifest: True")
