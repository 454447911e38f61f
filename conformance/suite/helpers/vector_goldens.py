"""The goldens as vectors: what a program that runs no UDF is asked about them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from conformance.golden.store import Golden
from conformance.subjects.codec import Artifact, Codec
from conformance.subjects.external import External
from conformance.subjects.interface import Subject
from conformance.suite.helpers.golden_cases import read_bytes, store
from conformance.suite.helpers.markers import clause, needs

if TYPE_CHECKING:
    from conformance.subjects.external.pipe import Request

A = TypeVar("A", bound=Hashable)
R = TypeVar("R")


def ask_once(ask: Callable[[Subject, A], R]) -> Callable[[Subject, A], R]:
    """Cache what a subject answers. A program keeps, for each answer, its request."""

    def answer(subject: Subject, about: A) -> tuple[R, Request | None]:
        found = ask(subject, about)
        return found, subject.asked if isinstance(subject, External) else None

    cached: Any = cache(answer)

    def recall(subject: Subject, about: A) -> R:
        found: R
        found, request = cached(subject, about)
        if isinstance(subject, External):
            subject.asked = request
        return found

    vars(recall)["cache_clear"] = cached.cache_clear  # as of functools.cache
    return recall


@cache
def _by_case() -> Mapping[str, Sequence[Golden]]:
    found: dict[str, list[Golden]] = {}
    for golden in store().manifest.goldens:
        found.setdefault(golden.case, []).append(golden)
    return found


def codec_of(subject: Subject) -> Codec:
    """Return the subject's codec. Call this only in cases that need an operation."""
    assert subject.wire_codec is not None
    return subject.wire_codec


def artifact_of(case: str) -> Artifact:
    """Return what the goldens of a case hold."""
    artifact: Artifact = store().manifest.cases[case].get("layer", "expression")
    return artifact


def codecs_of(case: str) -> tuple[str, ...]:
    """Return the codecs without which the goldens of a case cannot be decoded."""
    codec_id = store().manifest.cases[case].get("codec_id")
    return (codec_id,) if codec_id else ()


def names_of(case: str) -> Sequence[str]:
    """Return the names of the UDFs of a case."""
    return [udf["name"] for udf in store().manifest.cases[case]["udfs"]]


def records_of(golden: Golden) -> Mapping[str, Any]:
    """Return the records of the frames and envelopes of a golden, from the manifest."""
    return {"frames": golden.frames, "envelopes": golden.envelopes}


def goldens_of(case: str) -> Iterator[tuple[Golden, bytes]]:
    """Yield the goldens of a case with their bytes."""
    for golden in _by_case()[case]:
        yield golden, read_bytes(golden)


def each_case(clause_of: Callable[[str], str] | str) -> pytest.MarkDecorator:
    """Parametrize a case of the suite by all cases of goldens; ``clause_of`` gives its clause."""
    found = []
    for case in _by_case():
        id_ = clause_of if isinstance(clause_of, str) else clause_of(case)
        if not id_:
            continue
        marks = [clause(id_)]
        marks += [needs("plans")] if artifact_of(case) != "expression" else []
        marks += [needs("chain")] if codecs_of(case) else []
        found.append(pytest.param(case, marks=marks))
    return pytest.mark.parametrize("case", found)
