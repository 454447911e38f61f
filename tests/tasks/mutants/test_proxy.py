"""The wire proxy changes what it names, where it names it, and nothing else."""

from __future__ import annotations

import threading
from typing import Any

import pyarrow as pa
import pytest
from datafusion import Expr, col, lit, udf

from conformance import wire
from conformance.wire import Definition, Frame
from conformance.wire.schema import schema_lines
from tasks.mutants.conditions import CONDITIONS, Call, State, all_frames, of_family
from tasks.mutants.proxy import WireMutant, mutant, mutants
from tasks.mutants.wire_changes import CHANGES

RETURNS = pa.field("out", pa.int64(), nullable=False, metadata={"k": "v"})


def expression() -> Expr:
    one = udf(lambda a: a, [pa.int64()], RETURNS, "stable", name="one")
    two = udf(lambda a: a, [pa.int64()], pa.int64(), "stable", name="two")
    return one(col("a")) + two(col("b")) + lit(3)


DATA = expression().to_bytes()


def definitions(data: bytes) -> list[Definition]:
    return [Definition.read(one.frame()) for one in wire.find(data)]


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_keeps_the_protobuf_whole(change: str) -> None:
    changed = CHANGES[change](DATA, all_frames)
    assert wire.find(changed) is not None
    state = change.startswith("definition-state") or change == "definition-input-field-lost"
    assert (changed == DATA) == state


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ("return-nullability", ["out: int64 null {'k'='v'}"]),
        ("return-key", ["out: int64 not null {'k_'='v'}"]),
        ("return-value", ["out: int64 not null {'k'='v_'}"]),
        ("return-key-lost", ["out: int64 not null"]),
        ("return-name", ["out_: int64 not null {'k'='v'}"]),
    ],
)
def test_one_thing_of_a_schema(change: str, lines: list[str]) -> None:
    first, _ = definitions(CHANGES[f"definition-{change}"](DATA, all_frames))
    before, _ = definitions(DATA)
    schema = wire.schema.read_schema(first.return_schema)
    assert [line.replace('"', "'") for line in schema_lines(schema)] == lines
    assert (first.name, first.volatility) == (before.name, before.volatility)
    assert first.input_schema == before.input_schema


def test_a_name_and_a_volatility() -> None:
    assert [one.name for one in definitions(CHANGES["definition-name"](DATA, all_frames))] == [
        "on_",
        "tw_",
    ]
    changed = definitions(CHANGES["definition-volatility"](DATA, all_frames))
    assert [one.volatility for one in changed] == ["volatile", "volatile"]


def test_frames_of_another_family_are_left_alone() -> None:
    assert CHANGES["frame-dropped"](DATA, of_family(wire.Family.WINDOW)) == DATA


def test_swapped_frames() -> None:
    first, second = wire.find(DATA)
    swapped = wire.find(CHANGES["frames-swapped"](DATA, all_frames))
    assert [one.data for one in swapped] == [second.data, first.data]
    assert Frame.parse(swapped[0].data).payload == second.frame().payload


def call(data: bytes = b"", **state: Any) -> Call:
    made = State(**state)
    made.times["key"] = state.get("calls", 0)
    return Call(data, "key", None, made)


@pytest.mark.parametrize(
    ("condition", "holds", "not_"),
    [
        ("from-second-time", call(calls=2), call(calls=1)),
        ("second-time", call(calls=2), call(calls=3)),
        ("from-17th-time", call(calls=17), call(calls=16)),
        ("every-17th-call", call(calls=34), call(calls=33)),
        ("from-4-kib", call(b"x" * 4096), call(b"x" * 4095)),
        ("from-1-mib", call(bytes(1 << 20)), call(bytes((1 << 20) - 1))),
        ("in-child-process", call(pid=1), call()),
        ("several-frames", call(DATA), call(b"")),
        ("after-an-error", call(failed=True), call()),
    ],
)
def test_conditions(condition: str, holds: Call, not_: Call) -> None:
    assert CONDITIONS[condition](holds)
    assert not CONDITIONS[condition](not_)


def test_a_thread() -> None:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(CONDITIONS["off-main-thread"](call())))
    thread.start()
    thread.join()
    assert (found, CONDITIONS["off-main-thread"](call())) == ([True], False)


def test_names_lead_back() -> None:
    assert all(mutant(one.name) == one for one in list(mutants())[::50])
    with pytest.raises(KeyError):
        mutant("wire/write/nothing/always")


def test_damaged_bytes_are_passed_on() -> None:
    one = WireMutant("read", "frame-dropped", "always")
    assert one.changed(call(b"\xff\xff")) == b"\xff\xff"
