"""The ways in a subject's public surface, and what they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from conformance.catalogue.nodes import Family, Udf
from conformance.catalogue.source import compile_udf
from conformance.subjects.interface import Expression, Session, Subject
from conformance.subjects.surface import Kind, Surface, Way
from conformance.suite.helpers.markers import needs, since
from conformance.suite.helpers.same_name_udfs import call_of, times
from conformance.suite.helpers.samples import once, receiver

GROUPS: Mapping[Kind, Sequence[str]] = {
    "function": ("udf", "udaf", "udwf", "keywords", "lookup"),
    "expression": (
        *("calls", "operators", "methods", "builders", "windows", "parsers", "operands", "lambdas"),
        *("builtins", "builtin-methods", "spark", "spark-only", "spark-renamed", "spark-results"),
    ),
    "plan": ("frames", "sessions", "nodes"),
    "encode": ("encode", "encode-plans"),
    "decode": ("decode", "decode-plans"),
    "copy": ("copies",),
    "session": ("constructors", "changes", "table-functions", "table-providers"),
}
"""Groups of ways with cases of their own, so that a failure of one does not hide the others."""

OTHER_GROUPS = "any-other"
MARK = "a callable stays out of strict bytes"
"""A text in every callable that the ways use."""

_MARKS = {"keywords": since("55.0.0"), "lambdas": since("55.0.0")}
"""Older releases have no UDFs made by keyword, and cannot encode the engine's lambda functions."""


def each_group(*kinds: Kind) -> pytest.MarkDecorator:
    """Parametrize a case with the groups of these kinds, and with all other groups."""
    parameters = [
        pytest.param(
            group,
            marks=[
                *([needs("plans")] if kind == "plan" or group.endswith("-plans") else []),
                *([_MARKS[group]] if group in _MARKS else []),
            ],
        )
        for kind in kinds
        for group in GROUPS[kind]
    ]
    return pytest.mark.parametrize("group", [*parameters, OTHER_GROUPS])


def surface(subject: Subject) -> Surface:
    """Return the subject's surface. Call this only in cases that need it."""
    assert subject.surface is not None
    return subject.surface


def find_ways(subject: Subject, group: str, *kinds: Kind) -> Iterator[tuple[str, Way]]:
    """Yield the ways of these kinds in ``group``, with their names.

    ``OTHER_GROUPS`` means the groups that are not in ``GROUPS``. A group that the subject lacks
    yields nothing.
    """
    for name, way in _all_ways(subject).items():
        case = way.group if way.group in GROUPS[way.kind] else OTHER_GROUPS
        if way.kind in kinds and case == group:
            yield name, way


@once
def _all_ways(subject: Subject) -> Mapping[str, Way]:
    return surface(subject).ways()


def udf_of(family: Family) -> Udf:
    """Return the UDF ``times`` that multiplies by 7; its callable holds ``MARK``."""
    udf = times(family, 7)
    return replace(udf, id=f"surface/{family}", source=f"{udf.source}f.__doc__ = {MARK!r}\n")


@once
def start(subject: Subject, family: Family, mode: str) -> tuple[Session, Any]:
    """Return a session that is ``inlining`` or ``strict``, and the start of the ways on it."""
    session, udf = receiver(subject, mode), udf_of(family)
    return session, surface(subject).start(session, udf, compile_udf(udf, subject.bases))


@once
def make_expression(subject: Subject, way: Way, mode: str) -> Expression:
    """Return the expression that ``way`` makes, or a call of the UDF that it makes."""
    made = way.make(start(subject, way.family, mode)[1])
    if way.kind == "expression":
        return made
    return call_of(subject, replace(udf_of(way.family), name=way.name), made)


@once
def encode_inline(subject: Subject, way: Way) -> bytes:
    """Return the inline bytes of the expression that ``way`` makes."""
    return subject.to_bytes(make_expression(subject, way, "inlining"), subject.session())


@once
def make_plan(subject: Subject, way: Way, mode: str) -> Any:
    """Return the plan that ``way`` makes on a session that is ``inlining`` or ``strict``."""
    return way.make(start(subject, way.family, mode)[1])
