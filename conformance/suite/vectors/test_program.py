"""Goldens and envelopes, as a program sees them that runs no UDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from conformance.golden.store import Golden
from conformance.runner.assertions import Mismatch, assert_equal, assert_same_bytes, assert_true
from conformance.subjects.codec import CannotDo, Conditions, Decision
from conformance.subjects.interface import Subject
from conformance.suite.helpers.codec import MAGIC
from conformance.suite.helpers.golden_cases import read_bytes, store
from conformance.suite.helpers.markers import clause, each_family, needs
from conformance.suite.helpers.vector_goldens import (
    artifact_of,
    ask_once,
    codec_of,
    codecs_of,
    each_case,
    goldens_of,
    names_of,
    records_of,
)

Record = Mapping[str, Any]

PYTHONS = {
    "3.10": b"\x03\x0a",
    "3.13": b"\x03\x0d",
    "3.15": b"\x03\x0f",
    "3.16": b"\x03\x10",
    "3.128": b"\x03\x80",
    "3.255": b"\x03\xff",
    "4.0": b"\x04\x00",
    "255.255": b"\xff\xff",
}
PAYLOAD = b"\x80\x04(\x8c\x01a\x8c\x08builtins\x8c\x03len\x93C\x00C\x00\x8c\x08volatilet."
"""A pickle of a tuple. The schemas in it are empty: to frame a payload is not to read it."""

LARGE = b"\x80\x04\x8d" + (100_000).to_bytes(8, "little") + b"x" * 100_000 + b"."
"""A pickle of a text of 100 kB."""

WRAPPED = (PAYLOAD, b"", b"a\0", LARGE)
"""Payloads of an envelope: one of them empty, one with NUL at its end, one large."""

ENVELOPES = {
    "short": ("a", b"DFPYCHN\x01\x01\x00\x00\x00a"),
    "empty-id": ("", b"DFPYCHN\x01\x00\x00\x00\x00"),
    "not-ascii": ("zählen", b"DFPYCHN\x01\x07\x00\x00\x00z\xc3\xa4hlen"),
    "long": ("x" * 300, b"DFPYCHN\x01\x2c\x01\x00\x00" + b"x" * 300),
    "of-three-bytes": ("x" * 70_000, b"DFPYCHN\x01\x70\x11\x01\x00" + b"x" * 70_000),
    "byte-order-mark": ("\ufeffa", b"DFPYCHN\x01\x04\x00\x00\x00\xef\xbb\xbfa"),
    "decomposed": ("e\u0301", b"DFPYCHN\x01\x03\x00\x00\x00e\xcc\x81"),
    "astral": ("\U0001f600", b"DFPYCHN\x01\x04\x00\x00\x00\xf0\x9f\x98\x80"),
    "nul": ("a\0b", b"DFPYCHN\x01\x03\x00\x00\x00a\x00b"),
}
MALFORMED = {
    "empty": b"",
    "a-frame": b"DFPYUDF\x01\x03\x0c" + PAYLOAD,
    "only-magic": b"DFPYCHN",
    "version-2": b"DFPYCHN\x02\x01\x00\x00\x00aX",
    "cut-length": b"DFPYCHN\x01\x01\x00\x00",
    "cut-id": b"DFPYCHN\x01\x02\x00\x00\x00a",
    "length-past-end": b"DFPYCHN\x01\xff\xff\xff\xffaX",
    "not-utf-8": b"DFPYCHN\x01\x01\x00\x00\x00\xffX",
}
OTHER = {"3.10": "3.11", "3.11": "3.12", "3.12": "3.13", "3.13": "3.14", "3.14": "3.15"}
"""Another Python minor version for each; ``3.10`` for the newest."""


def _clauses(expressions: str, plans: str, chain: str) -> Callable[[str], str]:
    """Return a function that gives the clause of a case: one of these three, ``""`` for none."""
    of = {"expressions": expressions, "plans": plans, "chain": chain}
    return lambda case: of[store().manifest.kind(case)]


def _decide(subject: Subject, case: str, golden: Golden, data: bytes, **others: Any) -> Decision:
    conditions = {"python": golden.python, "codecs": codecs_of(case), **others}
    return codec_of(subject).decide(artifact_of(case), data, Conditions(**conditions))


def _assert_refused(decision: Decision, parts: Sequence[str], golden: Golden) -> None:
    """Assert that a golden is refused, with an error that contains all ``parts``."""
    if decision.accepted:
        raise Mismatch("no-error", f"{golden.file}: no refusal", "a refusal", "accepted")
    for part in parts:
        if part not in decision.message:
            message = f"{golden.file}: the error does not contain {part!r}"
            raise Mismatch("message-lacks", message, f"... {part} ...", decision.message)


@needs("decide")
@each_case("PROGRAM-01")
def test_accepts(subject: Subject, case: str) -> None:
    """An inlining session on the Python of a golden, with its codec, decodes the golden."""
    for golden, data in goldens_of(case):
        decision = _decide(subject, case, golden, data)
        assert_true(decision.accepted, f"{golden.file}: refused", decision.message)


@needs("decide")
@each_case(_clauses("GOLDEN-02", "GOLDENPLAN-04", "GOLDENCHAIN-04"))
def test_refuses_other_pythons(subject: Subject, case: str) -> None:
    """A session on another Python refuses a golden; the error names both versions."""
    for golden, data in goldens_of(case):
        other = OTHER.get(golden.python, "3.10")
        decision = _decide(subject, case, golden, data, python=other)
        _assert_refused(decision, [golden.python, other], golden)


@needs("decide")
@each_case(_clauses("GOLDEN-03", "GOLDENPLAN-03", ""))
def test_strict_refuses(subject: Subject, case: str) -> None:
    """A strict session refuses a golden; the error names one of its UDFs."""
    for golden, data in goldens_of(case):
        decision = _decide(subject, case, golden, data, inlining=False)
        _assert_refused(decision, [], golden)
        named = any(name in decision.message for name in names_of(case))
        assert_true(
            named, f"{golden.file}: no UDF is named", decision.message, kind="message-lacks"
        )


@needs("decide")
@each_case(_clauses("", "", "GOLDENCHAIN-02"))
def test_refuses_without_the_codec(subject: Subject, case: str) -> None:
    """A session without the codec refuses a golden and names the codec's id."""
    for golden, data in goldens_of(case):
        decision = _decide(subject, case, golden, data, codecs=("another",))
        _assert_refused(decision, codecs_of(case), golden)


@ask_once
def _take_apart(subject: Subject, golden: Golden) -> Record:
    """Return what the program says of a golden."""
    return codec_of(subject).take_apart(artifact_of(golden.case), read_bytes(golden))


def _assert_fields(subject: Subject, case: str, fields: Mapping[str, Sequence[str]]) -> None:
    """Assert that the records of frames and envelopes have these fields as the manifest has."""
    for golden, _ in goldens_of(case):
        seen, expected = _take_apart(subject, golden), records_of(golden)
        for kind, names in fields.items():
            assert_equal(
                _pick(seen[kind], names), _pick(expected[kind], names), f"{kind} of {golden.file}"
            )


def _pick(records: Sequence[Record], names: Sequence[str]) -> list[Record]:
    """Return the records in the order of their places, each with these fields.

    A call without a name is ``null`` or empty: for a parser of protobuf the two are the same.
    """
    in_order = sorted(records, key=lambda one: (one.get("offset", 0), one.get("size", 0)))
    named = [{**one, "call": ""} if one.get("call") is None else one for one in in_order]
    return [{name: one.get(name) for name in names} for one in named]


@each_case("PROGRAM-02")
def test_places(subject: Subject, case: str) -> None:
    """The offset, the size and the path of each frame and envelope are those of the manifest."""
    place = ("offset", "size", "path")
    _assert_fields(subject, case, {"frames": place, "envelopes": place})


@each_case("PROGRAM-03")
def test_headers_and_names(subject: Subject, case: str) -> None:
    """Family, versions and names of each frame, version and id of each envelope are right."""
    frame = ("family", "version", "python", "name", "call")
    _assert_fields(subject, case, {"frames": frame, "envelopes": ("version", "codec_id")})


@each_case("PROGRAM-04")
def test_signatures(subject: Subject, case: str) -> None:
    """The schemas and the volatility of each frame are those of the manifest."""
    _assert_fields(subject, case, {"frames": ("inputs", "returns", "state", "volatility")})


@each_case("PROGRAM-05")
def test_imports_and_digests(subject: Subject, case: str) -> None:
    """The imports and the digest of each payload are those of the manifest."""
    digests = {"frames": ("imports", "payload_sha256"), "envelopes": ("payload_sha256",)}
    _assert_fields(subject, case, digests)


@each_case("PROGRAM-06")
def test_writes_back(subject: Subject, case: str) -> None:
    """A golden is parsed and written back without a change."""
    artifact, codec = artifact_of(case), codec_of(subject)
    for golden, data in goldens_of(case):
        assert_same_bytes(codec.write_back(artifact, data), data, golden.file)


def _write_frames(
    subject: Subject, family: str, payload: bytes = PAYLOAD
) -> Sequence[tuple[str, bytes]]:
    """Return the frames that the program writes, each with the Python of its sender."""
    codec = codec_of(subject)
    return [(python, codec.write_frame(family, python, payload)) for python in PYTHONS]


@clause("FRAME-02")
@needs("write_frame")
@each_family
def test_writes_the_magic(subject: Subject, family: str) -> None:
    """The program writes a frame. It begins with the magic of the family."""
    for python, frame in _write_frames(subject, family):
        assert_equal(frame[:7], MAGIC[family], f"the magic of a frame of Python {python}")


@clause("FRAME-03")
@needs("write_frame")
@each_family
def test_writes_the_wire_version(subject: Subject, family: str) -> None:
    """The program writes a frame. Byte 7 is the wire version 1."""
    for python, frame in _write_frames(subject, family):
        assert_equal(frame[7:8], b"\x01", f"byte 7 of a frame of Python {python}")


@clause("FRAME-04")
@needs("write_frame")
@each_family
def test_writes_the_python_version(subject: Subject, family: str) -> None:
    """The program writes a frame. Bytes 8 and 9 are the Python version of the sender."""
    for python, frame in _write_frames(subject, family):
        assert_equal(frame[8:10], PYTHONS[python], f"bytes 8 and 9 for Python {python}")


@clause("PROGRAM-07")
@each_family
def test_frames_the_payload_unchanged(subject: Subject, family: str) -> None:
    """The program writes a frame. The payload follows the header of ten bytes."""
    for payload in (PAYLOAD, LARGE):
        for python, frame in _write_frames(subject, family, payload):
            assert_same_bytes(frame[10:], payload, f"the payload of a frame of Python {python}")


@clause("PROGRAM-08")
@pytest.mark.parametrize("envelope", list(ENVELOPES))
def test_wraps(subject: Subject, envelope: str) -> None:
    """The program wraps payloads for a codec id."""
    codec_id, header = ENVELOPES[envelope]
    for payload in WRAPPED:
        seen = codec_of(subject).wrap(codec_id, payload)
        assert_same_bytes(seen, header + payload, f"the {envelope} envelope")


@clause("PROGRAM-09")
@pytest.mark.parametrize("envelope", list(ENVELOPES))
def test_unwraps(subject: Subject, envelope: str) -> None:
    """The program unwraps an envelope: it returns the id and the payload."""
    codec_id, header = ENVELOPES[envelope]
    for payload in WRAPPED:
        seen = codec_of(subject).unwrap(header + payload)
        assert_equal(seen, (codec_id, payload), "what the envelope holds")


@clause("PROGRAM-09")
@pytest.mark.parametrize("envelope", list(MALFORMED))
def test_unwraps_no_malformed_envelope(subject: Subject, envelope: str) -> None:
    """The program replies with an error to what is no envelope, or a malformed one."""
    try:
        seen = codec_of(subject).unwrap(MALFORMED[envelope])
    except CannotDo:
        return
    raise Mismatch("no-error", "a malformed envelope was unwrapped", "an error", repr(seen))
