"""Negative vectors: hand-made bytes that a decoder refuses, and controls that it accepts.

A case is one demand of one vector. A subject in Python gets the vectors for its own Python, and a
codec those of the golden store.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from conformance.golden import negative
from conformance.negative import Vector, build
from conformance.negative.description import bytes_lines, session_line
from conformance.negative.vector import FIRST, Demand
from conformance.runner.assertions import (
    Mismatch,
    assert_nothing_unpickled,
    fail_message_lacks,
    given,
)
from conformance.subjects.codec import Conditions, Decision
from conformance.subjects.interface import DECISIONS, Subject
from conformance.suite.helpers.decisions import decide, deciding_codec
from conformance.suite.helpers.markers import clause, needs, needs_at, since
from conformance.suite.helpers.samples import once
from conformance.suite.helpers.vector_goldens import ask_once

OWN = sys.version_info[:2]
TYPE_ERRORS = ("PAYLOAD-30",)
"""The clauses whose refusal is, in Python's own words, a TypeError."""


def _cases() -> Iterator[Any]:
    for vector in build(OWN):
        marks = [needs(DECISIONS), *needs_at(vector.artifact)]
        if vector.receiver.codecs:
            marks.append(needs("chain"))
        if vector.since != FIRST:
            marks.append(since(vector.since))
        twice = Counter(demand.clause for demand in vector.demands)
        for number, demand in enumerate(vector.demands):
            id_ = f"{demand.clause}-{vector.id.replace('/', '-')}"
            id_ += "-unpickles" if twice[demand.clause] > 1 and not demand.unpickles else ""
            yield pytest.param(vector.id, number, marks=[*marks, clause(demand.clause)], id=id_)


@once
def _vectors(subject: Subject) -> tuple[str, Mapping[str, Vector]]:
    """Return the receiver's Python and the vectors for it, by id."""
    if deciding_codec(subject):
        stored = negative.read()
        return stored.python, {vector.id: vector for vector in stored.vectors}
    return "{}.{}".format(*OWN), {vector.id: vector for vector in build(OWN)}


@ask_once
def _decision(subject: Subject, id_: str) -> Decision:
    python, vectors = _vectors(subject)
    vector = vectors[id_]
    there = vector.receiver
    conditions = Conditions(python, there.inlining, there.codecs, there.registered)
    any_error = any(demand.clause in TYPE_ERRORS for demand in vector.demands)
    return decide(subject, vector.artifact, vector.data, conditions, any_error=any_error)


@pytest.mark.parametrize(("vector", "demand"), [*_cases()])
def test_demand(subject: Subject, vector: str, demand: int) -> None:
    """The subject gets a vector. Its decision is what one demand of the vector says."""
    python, vectors = _vectors(subject)
    chosen = vectors[vector]
    with given(lambda: _given(chosen, python)):
        found = _decision(subject, vector)
        if chosen.do == "refuse":
            _assert_refused(found, chosen.demands[demand], vector)
        elif not found.accepted:
            raise Mismatch("unexpected-error", f"{vector}: refused", "no error", _seen(found))


def _given(vector: Vector, python: str) -> Mapping[str, str]:
    """Return what the subject got, as a person reads it."""
    return {
        "done": vector.note,
        "session": session_line(vector, python),
        "bytes": bytes_lines(vector.data),
    }


def _assert_refused(found: Decision, wanted: Demand, vector: str) -> None:
    """Assert that a refusal is what a demand says."""
    if not wanted.unpickles:
        assert_nothing_unpickled(["unpickled"] if found.unpickled else [], vector)
        return
    if found.accepted:
        raise Mismatch("no-error", f"{vector}: accepted", "an error", found.message or "accepted")
    if wanted.kind and found.kind != wanted.kind:
        seen = f'kind "{found.kind}", message: {found.message}'
        message = f"{vector}: the error is of another kind"
        raise Mismatch("wrong-error-kind", message, f'kind "{wanted.kind}"', seen)
    for word in wanted.words:
        if word not in found.message:
            fail_message_lacks(word, vector, _seen(found))


def _seen(found: Decision) -> str:
    return f"{found.kind or 'error'}: {found.message}"
