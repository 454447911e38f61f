"""Damaged bytes, which a program must answer: any decision is right, an end or a silence is not."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import pytest

from conformance.hostile.corpus import entries
from conformance.subjects.codec import Artifact, CannotDo, Conditions
from conformance.subjects.interface import Subject
from conformance.suite.helpers.markers import clause, needs
from conformance.suite.helpers.vector_goldens import codec_of, goldens_of
from conformance.wire.region import varint

CORPUS = {id_: entry for id_, entry in entries().items() if entry.target == "datafusion"}
"""Inputs that crashed, hung or panicked a released engine."""

SAMPLES = ("scalar/lambda", "aggregate/class", "window/whole-partition", "expression/nested")
DEPTH = 10_000
PIECES = 100
"""The number of places at which a golden is cut, and at which a byte of it is changed."""


def _ask(subject: Subject, artifact: Artifact, inputs: Iterable[bytes], python: str) -> None:
    """Ask for a decision on inputs, strict and inlining, and take them apart if that is offered."""
    codec = codec_of(subject)
    for data in inputs:
        for inlining in (False, True):
            with suppress(CannotDo):
                codec.decide(artifact, data, Conditions(python, inlining))
        if "take_apart" in codec.operations:
            with suppress(CannotDo):
                codec.take_apart(artifact, data)


def _golden(case: str) -> tuple[str, bytes]:
    """Return the first golden of a case, with its Python."""
    golden, data = next(goldens_of(case))
    return golden.python, data


def _nested(data: bytes) -> bytes:
    """Return ``data`` in ten thousand messages, each the field 1 of the next."""
    parts = [data]
    size = len(data)
    for _ in range(DEPTH):
        head = b"\x0a" + varint(size)
        parts.append(head)
        size += len(head)
    return b"".join(reversed(parts))


@clause("HOSTILE-04")
@needs("decide")
@pytest.mark.parametrize("entry", list(CORPUS))
def test_corpus(subject: Subject, entry: str) -> None:
    """The program gets bytes that ended, hung or panicked an engine. It answers each question."""
    level = CORPUS[entry].level
    artifact: Artifact = (
        "logical" if "logical" in level else "physical" if "physical" in level else "expression"
    )
    _ask(subject, artifact, [CORPUS[entry].data], "3.12")


@clause("HOSTILE-04")
@needs("decide")
@pytest.mark.parametrize("case", SAMPLES)
def test_cut_goldens(subject: Subject, case: str) -> None:
    """The program gets a golden that ends too early, at many places. It answers each question."""
    python, data = _golden(case)
    step = max(1, len(data) // PIECES)
    _ask(subject, "expression", (data[:end] for end in range(0, len(data), step)), python)


@clause("HOSTILE-04")
@needs("decide")
@pytest.mark.parametrize("case", SAMPLES)
def test_changed_goldens(subject: Subject, case: str) -> None:
    """The program gets a golden with one byte set to 255, at many places. It answers each time."""
    python, data = _golden(case)
    step = max(1, len(data) // PIECES)
    changed = (data[:at] + b"\xff" + data[at + 1 :] for at in range(0, len(data), step))
    _ask(subject, "expression", changed, python)


@clause("HOSTILE-05")
@needs("decide")
@pytest.mark.parametrize("case", SAMPLES)
def test_deep(subject: Subject, case: str) -> None:
    """The program gets a golden in ten thousand messages. It answers before the deadline."""
    python, data = _golden(case)
    _ask(subject, "expression", [_nested(data)], python)
