"""The goldens that cases read, by Python and label."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from packaging.version import Version

from conformance import matrix
from conformance.golden.cases import CASES, Case
from conformance.golden.store import Golden, Store
from conformance.runner.assertions import (
    assert_case_result,
    assert_control,
    assert_true,
    without_escapes,
)
from conformance.subjects.interface import Session, Subject
from conformance.suite.helpers.codec import PYTHON

OWN = "{}.{}".format(*PYTHON)


@cache
def store() -> Store:
    """Return the store, read once."""
    return Store()


@cache
def read_bytes(golden: Golden) -> bytes:
    """Return the golden's bytes, read once."""
    return store().data(golden)


KINDS = ("expressions", "plans", "chain")
"""What the chapters share out among them: each golden is read by one."""


def cases_of(kind: str) -> Mapping[str, Case]:
    """Return the cases that goldens of this kind must be of."""
    return {id_: case for id_, case in CASES.items() if _kind(case) == kind}


def _kind(case: Case) -> str:
    if case.codec_id is not None:
        return "chain"
    return "expressions" if case.layer == "expression" else "plans"


@cache
def goldens_of(kind: str, python: str) -> dict[str, Golden]:
    """Return the goldens of a kind and a Python by label.

    A golden of an unknown case counts for the first kind.
    """
    mine = cases_of(kind)
    return {
        label: golden
        for label, golden in store().of_python(python)
        if golden.case in mine or (kind == "expressions" and golden.case not in CASES)
    }


def require_goldens(kind: str, python: str) -> dict[str, Golden]:
    """Return the goldens of a kind and a Python that must have some."""
    assert_control(bool(goldens_of(kind, python)), f"no golden of Python {python} is kept")
    return goldens_of(kind, python)


OPTIONAL = {python.version for python in matrix.read().pythons if python.optional}
"""Pythons that nobody may have written goldens on yet; those of all others must be there."""

PYTHONS = {python.version for python in matrix.read().pythons} - OPTIONAL
ALL_PYTHONS = PYTHONS | {golden.python for golden in store().manifest.goldens}
OTHERS = sorted(ALL_PYTHONS - {OWN})

# Without goldens there is nothing to read; goldens of others are refused all the same.
NEEDS_OWN = (
    pytest.mark.not_applicable(f"no golden of Python {OWN} is kept")
    if OWN in OPTIONAL and not goldens_of("expressions", OWN)
    else ()
)
OWN_PYTHON = pytest.mark.parametrize("python", [pytest.param(OWN, marks=NEEDS_OWN)])
OTHER_PYTHONS = pytest.mark.parametrize("python", OTHERS)


def golden_params(labels: list[str]) -> list[Any]:
    """Parameters for what must be read, or for the one sentence that there is no golden."""
    none = NEEDS_OWN or not labels
    return [pytest.param("", marks=NEEDS_OWN, id="none")] if none else labels


def assert_names_a_udf(golden: str, case: Case, error: Exception) -> None:
    """Assert that the refusal of a golden names one of the UDFs of its case."""
    text = without_escapes(str(error))
    named = any(without_escapes(f"UDF '{udf.name}'") in text for udf in case.of.udfs)
    assert_true(named, f"{golden}: the error names no UDF", error, kind="message-lacks")


def is_newer(subject: Subject, golden: Golden) -> bool:
    """Return whether only later releases than the subject wrote the golden."""
    own = subject.versions().get("engine")
    return own is not None and oldest_writer(golden) > Version(Version(own).base_version)


def oldest_writer(golden: Golden) -> Version:
    """Return the oldest release that wrote the golden."""
    writers = store().manifest.writers
    return min(Version(writers[key]["engine"]) for key in golden.writers)


def assert_golden_result(subject: Subject, golden: Golden, session: Session) -> None:
    """Assert that the golden decodes on ``session``, runs, and gives the result written by hand."""
    case = CASES[golden.case]
    assert_case_result(case, subject, read_bytes(golden), session)
