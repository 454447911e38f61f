"""The goldens that cases read, by Python version and label."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from packaging.version import Version

from conformance import matrix
from conformance.golden.cases import CASES, GoldenCase
from conformance.golden.store import Golden, Store
from conformance.runner.assertions import (
    assert_control,
    assert_true,
    is_named,
)
from conformance.runner.results import assert_case_result
from conformance.subjects.interface import Session, Subject
from conformance.suite.helpers.codec import PYTHON

OWN = "{}.{}".format(*PYTHON)


@cache
def store() -> Store:
    """Return the store; it is opened once per process."""
    return Store()


@cache
def read_bytes(golden: Golden) -> bytes:
    """Return the bytes of a golden; each is read once per process."""
    return store().data(golden)


def cases_of(kind: str) -> Mapping[str, GoldenCase]:
    """Return the golden cases of a kind."""
    return {id_: case for id_, case in CASES.items() if case.kind == kind}


@cache
def goldens_of(kind: str, python: str) -> dict[str, Golden]:
    """Return the goldens of a kind and a Python version by label.

    A golden of an unknown case counts as an expression.
    """
    ids = cases_of(kind)
    return {
        label: golden
        for label, golden in store().of_python(python)
        if golden.case in ids or (kind == "expressions" and golden.case not in CASES)
    }


def require_goldens(kind: str, python: str) -> dict[str, Golden]:
    """Return the same goldens; fail the case if there is none."""
    assert_control(bool(goldens_of(kind, python)), f"the store has no golden of Python {python}")
    return goldens_of(kind, python)


OPTIONAL = {python.version for python in matrix.read().pythons if python.optional}
"""Python versions whose goldens may be missing; those of all other versions are required."""

PYTHONS = {python.version for python in matrix.read().pythons} - OPTIONAL
ALL_PYTHONS = PYTHONS | {golden.python for golden in store().manifest.goldens}
OTHERS = sorted(ALL_PYTHONS - {OWN})

# Without goldens of this Python there is nothing to read. Goldens of others are still refused.
NEEDS_OWN = (
    pytest.mark.not_applicable(f"the store has no golden of Python {OWN}")
    if OWN in OPTIONAL and not goldens_of("expressions", OWN)
    else ()
)
OWN_PYTHON = pytest.mark.parametrize("python", [pytest.param(OWN, marks=NEEDS_OWN)])
OTHER_PYTHONS = pytest.mark.parametrize("python", OTHERS)


def golden_params(labels: list[str]) -> list[Any]:
    """Return ``labels`` as parameters, or one placeholder if there are no goldens to read."""
    none = NEEDS_OWN or not labels
    return [pytest.param("", marks=NEEDS_OWN, id="none")] if none else labels


def assert_names_a_udf(golden: str, case: GoldenCase, error: Exception) -> None:
    """Assert that the refusal of a golden names one of the UDFs of its case."""
    named = any(is_named(error, udf.name) for udf in case.of.udfs)
    assert_true(named, f"{golden}: the error names no UDF", error, kind="message-lacks")


def is_newer(subject: Subject, golden: Golden) -> bool:
    """Return whether every writer of the golden is a later release than the subject."""
    own = subject.versions().get("engine")
    return own is not None and oldest_writer(golden) > Version(Version(own).base_version)


def oldest_writer(golden: Golden) -> Version:
    """Return the oldest engine release that wrote the golden."""
    writers = store().manifest.writers
    return min(Version(writers[key]["engine"]) for key in golden.writers)


def assert_golden_result(subject: Subject, golden: Golden, session: Session) -> None:
    """Assert that the golden decodes on ``session``, runs and returns the hand-written result."""
    case = CASES[golden.case]
    assert_case_result(case, subject, read_bytes(golden), session)
