"""Calls by name, which only a registration resolves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from conformance.negative.artifacts import OUTER, PLACES, call, hold, nest
from conformance.negative.frames import NAME, OTHERS, Python
from conformance.negative.rows import RECEIVERS, accept, refuse
from conformance.negative.vector import (
    ARTIFACTS,
    FAMILIES,
    Family,
    Receiver,
    Vector,
    demand,
    join,
)


def calls(python: Python) -> Iterator[Vector]:
    """Yield calls of a UDF that is registered, is not, or is registered as another kind."""
    del python  # a call by name holds no frame
    for artifact, family, mode in product(ARTIFACTS, FAMILIES, RECEIVERS):
        plan, data = artifact != "expression", hold(artifact, family, None)
        start = artifact if plan else ""
        yield refuse(
            join("by-name", "unregistered", start, family, mode),
            "Nothing is registered. A decoder that leaves the call unresolved fails later, or "
            "takes another function.",
            data,
            demand("BYNAME-04", of=not plan),
            demand("BYNAME-05", NAME, of=not plan),
            demand("PLAN-20", NAME, of=plan),
            artifact=artifact,
            receiver=RECEIVERS[mode],
        )
        by_mode = "BYNAME-01" if mode == "strict" else "BYNAME-02"
        yield accept(
            join("by-name", "registered", start, family, mode),
            "The UDF is registered. The refused calls by name differ in the registration alone.",
            data,
            "PLAN-19" if plan else by_mode,
            artifact=artifact,
            receiver=Receiver(mode == "inlining", registered=((family, NAME),)),
        )
    for family, mode in product(FAMILIES, RECEIVERS):
        other: tuple[tuple[Family, str], ...] = tuple((one, NAME) for one in OTHERS[family])
        yield refuse(
            join("by-name", "other-kinds", family, mode),
            "The name is registered, but as the two other kinds of UDF.",
            hold("expression", family, None),
            demand("BYNAME-06"),
            receiver=Receiver(mode == "inlining", registered=other),
        )


_SIMILAR = ("Times", "TIMES", " times", "times ", '"times"', "time", "timess", "t.times", "times\0")


def similar(python: Python) -> Iterator[Vector]:
    """Yield calls of a UDF of which only similar names are registered."""
    del python
    for family in FAMILIES:
        yield refuse(
            join("by-name", "similar", family),
            "Only similar names are registered. A decoder that folds case or trims spaces takes "
            "one of them.",
            hold("expression", family, None),
            demand("BYNAME-08"),
            receiver=Receiver(registered=tuple((family, name) for name in _SIMILAR)),
        )


def places(python: Python) -> Iterator[Vector]:
    """Yield calls by name inside other expressions."""
    del python
    registered: tuple[tuple[Family, str], ...] = tuple((family, OUTER) for family in FAMILIES)
    for place, around in PLACES.items():
        yield refuse(
            join("by-name", "in", place),
            "The call is inside another expression, whose own calls are registered.",
            around(call("scalar", None)),
            demand("BYNAME-11", NAME),
            receiver=Receiver(inlining=False, registered=registered),
        )


def deep(python: Python) -> Iterator[Vector]:
    """Yield a call by name deep inside an expression, unregistered and registered."""
    del python
    data = nest(call("scalar", None), 45)
    yield refuse(
        join("by-name", "deep"),
        "The call is inside 45 casts. A decoder that does not look as deep leaves it unresolved.",
        data,
        demand("BYNAME-11", NAME),
        receiver=RECEIVERS["strict"],
    )
    yield accept(
        join("by-name", "deep", "registered"),
        "The call is inside 45 casts, and its UDF is registered.",
        data,
        "BYNAME-01",
        receiver=Receiver(inlining=False, registered=(("scalar", NAME),)),
    )
