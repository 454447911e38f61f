"""Extrapolation, ratios and their bounds, on made-up seconds."""

from __future__ import annotations

import pytest

from tasks.bench.comparison import (
    BARE,
    DISTINCT,
    ENTRY,
    PAIR,
    Bare,
    Ratio,
    Round,
    Sample,
    ratios,
)


def made(exchange: float = 10.0, entry: float = 20.0) -> Round:
    """40 processes in ``entry`` seconds represent 1,800; 3 in 6 seconds represent 9."""
    return Round(
        exchange,
        entry=Sample(entry, 40, 1800),
        pair=Sample(6.0, 3, 9),
        bare=Bare(loops=16.0, starts=4.0, jobs=2),
        distinct=Bare(loops=6.0, starts=4.0, jobs=2),
    )


def test_a_sample_is_extrapolated() -> None:
    assert Sample(seconds=20.0, taken=40, needed=1800).total == 900.0
    assert Sample(seconds=6.0, taken=3, needed=9).total == 18.0


def test_bare_loops_and_starts_share_the_jobs() -> None:
    assert Bare(loops=16.0, starts=4.0, jobs=2).total == 10.0


def test_each_ratio_is_of_its_way() -> None:
    seen = {one.title: one.value for one in ratios([made()])}
    assert seen == {ENTRY: 90.0, PAIR: 1.8, BARE: 1.0, DISTINCT: 2.0}


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_seconds() -> None:
    rounds = [made(exchange=10.0), made(exchange=30.0, entry=40.0), made(exchange=9.0, entry=2.0)]
    # 90, 60 and 10; the medians of the seconds would give 900 / 10
    assert next(iter(ratios(rounds))).value == 60.0


@pytest.mark.parametrize(
    ("ratio", "ok", "bound"),
    [
        (Ratio("x", 50.0, least=50.0), True, "at least 50"),
        (Ratio("x", 49.9, least=50.0), False, "at least 50"),
        (Ratio("x", 2.0, most=2.0), True, "at most 2"),
        (Ratio("x", 2.1, most=2.0), False, "at most 2"),
        (Ratio("x", 1000.0), True, ""),
    ],
)
def test_a_bound_holds_up_to_itself(ratio: Ratio, ok: bool, bound: str) -> None:
    assert (ratio.ok, ratio.bound) == (ok, bound)


def test_what_is_bound() -> None:
    slow = {one.title: one.ok for one in ratios([made(exchange=100.0)])}
    assert slow == {ENTRY: False, PAIR: True, BARE: False, DISTINCT: True}
