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
"""One plain entry a family, for cases about the frame and not about the UDF."""

KIND = {"scalar": "scalar UDF", "aggregate": "aggregate UDF", "window": "window UDF"}

P = ParamSpec("P")
R = TypeVar("R")


def once(work: Callable[P, R]) -> Callable[P, R]:
    """``work``, which keeps its result for each of its arguments."""
    return cast("Callable[P, R]", cache(work))


def has_unique_names(entry: Entry) -> bool:
    """Return whether each UDF of ``entry`` has a name of its own in its family."""
    return len({(udf.family, udf.name) for udf in entry.udfs}) == len(entry.udfs)


def plans(subject: Subject) -> Plans:
    """Return the subject's plans; the cases of who asks need them."""
    assert subject.plans is not None
    return subject.plans


def make_functions(subject: Subject, entry: Entry | Query) -> dict[Any, Function]:
    """Return the subject's UDFs for ``entry``, their sources freshly compiled."""
    return {udf: subject.function(udf, compile_udf(udf, subject.bases)) for udf in entry.udfs}


def make_locked(subject: Subject, udf: Udf) -> Callable[..., Any]:
    """Return the callable of ``udf`` behind a lock, which no pickler takes."""
    lock, inner = threading.Lock(), compile_udf(udf, subject.bases)

    def f(*arguments: Any) -> Any:
        with lock:
            return inner(*arguments)

    return f


def build_expression(subject: Subject, entry: Entry) -> Expression:
    """Return the entry's expression, with UDFs of its own."""
    return subject.expr(entry.expr, make_functions(subject, entry))


def sample(subject: Subject, family: Family) -> Expression:
    """Return a plain expression with one UDF of ``family``."""
    return build_expression(subject, get(SAMPLES[family]))


def sample_function(subject: Subject, family: Family) -> Function:
    """Return the UDF of that sample, to register it."""
    (function,) = make_functions(subject, get(SAMPLES[family])).values()
    return function


def sample_name(family: Family) -> str:
    """Return the name of the sample's UDF."""
    return get(SAMPLES[family]).udfs[0].name


def strict_session(subject: Subject) -> Session:
    """Return a session with inlining off."""
    return subject.with_inlining(subject.session(), False)


def receiver(subject: Subject, mode: str) -> Session:
    """Return a fresh session, ``strict`` or ``inlining``."""
    return strict_session(subject) if mode == "strict" else subject.session()
