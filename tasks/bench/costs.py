"""Measure the cost of a frame for sender and receiver: bytes and microseconds.

``measure`` runs in the environment of the engine that is measured.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from conformance.catalogue import ENTRIES
from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Family
from conformance.catalogue.source import compile_udf
from conformance.golden.cloudpickle_state import clear_class_tracker
from conformance.subjects import Subject, installed_engine
from conformance.util.versions import minor_version, with_platform

FAMILIES: tuple[Family, ...] = ("scalar", "aggregate", "window")


ROUNDS = 40

PASSES = 3
"""How often all environments are measured, one after the other."""


@dataclass(frozen=True)
class Cost:
    """Medians over the ``entries`` of a family, each a median of many rounds.

    ``most`` is the size of the largest entry; ``encode`` and ``decode`` are microseconds.
    """

    engine: str
    cloudpickle: str
    python: str
    family: Family
    form: str
    entries: int
    bytes: int
    most: int
    encode: float
    decode: float


def measure(rounds: int = ROUNDS) -> list[Cost]:
    """Return the costs of the installed engine, inline and by name."""
    subject = installed_engine()
    versions = with_platform(subject.versions())
    python = minor_version(versions["python"])
    return [
        Cost(versions["engine"], versions["cloudpickle"], python, family, form, *numbers)
        for family in FAMILIES
        for form in ("inline", "by name")
        for numbers in [_numbers(subject, _entries(family), form, rounds)]
    ]


def least(passes: Sequence[Sequence[Cost]]) -> list[Cost]:
    """Return the costs of equal passes over all environments, with the least of each time.

    What else a machine does for a minute would otherwise be the cost of one engine.
    """
    return [
        replace(
            same[0],
            encode=min(one.encode for one in same),
            decode=min(one.decode for one in same),
        )
        for same in zip(*passes, strict=True)
    ]


def _entries(family: Family) -> Sequence[Entry]:
    """Return the entries with UDFs of this family only, whose names are unique."""
    return [
        entry
        for entry in ENTRIES.values()
        if entry.families == {family} and len({udf.name for udf in entry.udfs}) == len(entry.udfs)
    ]


def _numbers(
    subject: Subject, entries: Sequence[Entry], form: str, rounds: int
) -> tuple[int, int, int, float, float]:
    sizes, encoding, decoding = zip(
        *(_entry(subject, entry, form, rounds) for entry in entries), strict=True
    )
    size = round(median(sizes))
    return len(entries), size, max(sizes), median(encoding), median(decoding)


def _entry(subject: Subject, entry: Entry, form: str, rounds: int) -> tuple[int, float, float]:
    """Return the size, and the microseconds to encode and to decode without cached classes."""
    sender = subject.with_inlining(subject.session(), form == "inline")
    receiver = subject.session()
    functions = {udf: subject.function(udf, compile_udf(udf, subject.bases)) for udf in entry.udfs}
    expr = subject.expr(entry.expr, functions)
    data = subject.to_bytes(expr, sender)
    if form == "by name":
        for function in functions.values():
            subject.register(receiver, function)
    encode = _microseconds(lambda: subject.to_bytes(expr, sender), rounds)
    decode = _microseconds(lambda: subject.from_bytes(data, receiver), rounds)
    return len(data), encode, decode


def _microseconds(call: Callable[[], Any], rounds: int) -> float:
    return median(_times(call, rounds)) * 1e6


def _times(call: Callable[[], Any], rounds: int) -> Iterator[float]:
    call()
    gc.disable()
    try:
        for _ in range(rounds):
            clear_class_tracker()
            start = time.perf_counter()
            call()
            yield time.perf_counter() - start
    finally:
        gc.enable()
