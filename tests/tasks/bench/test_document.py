"""The documents, on made-up numbers."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.bench import document, machine
from tasks.bench.comparison import Step, ratios
from tasks.bench.costs import Cost, least
from tasks.bench.machine import Machine
from tasks.bench.plot import series
from tests.tasks.bench.test_comparison import made

ON = Machine("A CPU", 2, "Linux 6.1", "3.12.1", 0.25, "2026-11-22")
STEPS = [Step(3, 4.5, 6, 1800, 1500), Step(6, 8.0, 12, 7200, 4000)]


def cost(engine: str, cloudpickle: str, form: str, encode: float = 10.0) -> Cost:
    size = 1234 if form == "inline" else 24
    return Cost(engine, cloudpickle, "3.12", "scalar", form, 86, size, 21000, encode, 5.25)


COSTS = [
    cost(engine, cloudpickle, form)
    for engine in ("55.0.0", "54.0.0")
    for cloudpickle in ("3.1.2", "2.2.1")
    for form in ("inline", "by name")
]


def tables(text: str) -> list[list[Sequence[str]]]:
    """The cells of each table, heads and all; the row of dashes is left out."""
    found: list[list[Sequence[str]]] = [[]]
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            found[-1].append([part.strip() for part in line.strip("|").split("|")])
        elif not line.startswith("|") and found[-1]:
            found.append([])
    return [table for table in found if table]


def test_a_slow_minute_is_no_cost_of_an_engine() -> None:
    passes = [[cost("55.0.0", "3.1.2", "inline", time)] for time in (10.0, 9.0, 21.0)]
    assert least(passes) == [cost("55.0.0", "3.1.2", "inline", 9.0)]


def test_the_exchange_is_shown_with_its_ratios_and_its_growth() -> None:
    rounds = [made(), made(), made(exchange=11.0)]
    names = [f"peer-{number}" for number in range(6)]
    text = document.exchange(ON, names, 3, rounds, ratios(rounds), STEPS, 2)
    assert str(ON) in text
    assert "3 x 3 peers, 200 entries each: 1,800 readings." in text
    ways, compared, growth = tables(text)
    assert [row[1] for row in ways[1:]] == ["10.0", "900.0", "18.0", "10.0", "5.0"]
    assert ways[2][2] == "extrapolated from 40 processes a round, of 1,800"
    assert ways[3][2] == "extrapolated from 3 processes a round, of 9"
    assert [row[1:] for row in compared[1:]] == [
        *(["90.00", "at least 50: ok"], ["1.80", ""]),
        *(["1.00", "at most 2: ok"], ["2.00", ""]),
    ]
    assert growth[1:] == [
        ["3", "9", "4.5", "6", "1,800", "1,500", "1.50"],
        ["6", "36", "8.0", "12", "7,200", "4,000", "1.33"],
    ]
    assert [line for line in text.splitlines() if line.endswith(". peer-5")] == ["6. peer-5"]


def test_a_ratio_out_of_its_bound_is_reported() -> None:
    rounds = [made(exchange=100.0)]
    text = document.exchange(ON, ["a"], 1, rounds, ratios(rounds), STEPS, 2)
    assert [row[2] for row in tables(text)[1][1:]] == ["at least 50: OUT", "", "at most 2: OUT", ""]


def test_inline_is_beside_by_name_oldest_first() -> None:
    (table,) = tables(document.costs(ON, COSTS))
    assert [row[:4] for row in table[1:]] == [
        ["scalar", engine, cloudpickle, "3.12"]
        for engine in ("54.0.0", "55.0.0")
        for cloudpickle in ("2.2.1", "3.1.2")
    ]
    assert table[1][4:] == ["1,234", "21,000", "24", "10.0", "10.0", "5.2", "5.2"]
    assert {len(row) for row in table} == {11}


def test_a_line_is_of_one_family_form_and_engine_by_cloudpickle() -> None:
    lines = series(COSTS)
    assert {*lines} == {
        ("scalar", form, engine)
        for form in ("inline", "by name")
        for engine in ("54.0.0", "55.0.0")
    }
    assert all([one.cloudpickle for one in line] == ["2.2.1", "3.1.2"] for line in lines.values())


def test_a_machine_is_named_by_its_processor() -> None:
    assert machine._cpu("processor : 0\nmodel name\t: A CPU @ 3 GHz\n") == "A CPU @ 3 GHz"
    assert machine._cpu("processor : 0\n")
    assert machine.machine().cores > 0
