"""Sample UDFs, expressions and sessions of a subject."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast

from conformance.catalogue import get
from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Family, Udf
from conformance.catalogue.query import Query
from conformance.catalogue.source import compile_udf
from conformance.subjects.interface import Expression, Function, Session, Subject
from conformance.subjects.plans import Plans

SAMPLES: dict[Family, str] = {
    "scalar": "scalar/lambda",
    "aggregate": "aggregate/class",
    "window": "window/whole-partition",
}
"""One simple entry per family, for cases that test the frame rather than the UDF."""

KIND = {"scalar": "scalar UDF", "aggregate": "aggregate UDF", "window": "window UDF"}
"""The engine's words for each family in its error messages."""

P = ParamSpec("P")
R = TypeVar("R")


def once(work: Callable[P, R]) -> Callable[P, R]:
    """Cache the results of ``work``, like ``functools.cache`` but with its signature kept."""
    return cast("Callable[P, R]", cache(work))


def has_unique_names(entry: Entry) -> bool:
    """Return whether no two UDFs of ``entry`` share both name and family."""
    return len({(udf.family, udf.name) for udf in entry.udfs}) == len(entry.udfs)


def plans(subject: Subject) -> Plans:
    """Return the subject's plans.

    Call this only in cases that need plans.
    """
    assert subject.plans is not None
    return subject.plans


def make_functions(subject: Subject, entry: Entry | Query) -> dict[Any, Function]:
    """Compile the UDFs of ``entry`` and return the subject's functions for them."""
    return {udf: subject.function(udf, compile_udf(udf, subject.bases)) for udf in entry.udfs}


def make_locked(subject: Subject, udf: Udf) -> Callable[..., Any]:
    """Return the callable of ``udf`` closed over a lock, which cannot be pickled."""
    lock, inner = threading.Lock(), compile_udf(udf, subject.bases)

    def f(*arguments: Any) -> Any:
        with lock:
            return inner(*arguments)

    return f


def build_expression(subject: Subject, entry: Entry) -> Expression:
    """Return the entry's expression with newly compiled UDFs."""
    return subject.expr(entry.expr, make_functions(subject, entry))


def sample(subject: Subject, family: Family) -> Expression:
    """Return a simple expression that calls one UDF of ``family``."""
    return build_expression(subject, get(SAMPLES[family]))


def sample_function(subject: Subject, family: Family) -> Function:
    """Return a function for the sample's UDF, for example to register it."""
    (function,) = make_functions(subject, get(SAMPLES[family])).values()
    return function


def sample_name(family: Family) -> str:
    """Return the name of the sample's UDF."""
    return get(SAMPLES[family]).udfs[0].name


def strict_session(subject: Subject) -> Session:
    """Return a new session with inlining turned off."""
    return subject.with_inlining(subject.session(), False)


def receiver(subject: Subject, mode: str) -> Session:
    """Return a new session; ``mode`` is ``strict`` or ``inlining``."""
    return strict_session(subject) if mode == "strict" else subject.session()
