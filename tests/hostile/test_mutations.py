"""Mutations: every family damages, by any choices, and the same choices do the same."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings

from conformance import wire
from conformance.hostile.choices import Seeded
from conformance.hostile.fields import fields
from conformance.hostile.mutations import FRAMED, MAX_SIZE, MUTATIONS, Input
from conformance.hostile.seeds import LEVELS, seeds, set_frame_python
from conformance.wire.region import splice
from tasks.fuzz.strategies import hostile, inputs

SEEDS = seeds((3, 12))


def test_every_level_has_seeds_that_read() -> None:
    for level in LEVELS:
        assert SEEDS[level]
        assert any(seed.located.frames for seed in SEEDS[level])
    assert {len(seed.located.envelopes) for seed in SEEDS["chain-logical"]} == {1}


def test_a_python_without_goldens_gets_those_of_another() -> None:
    frames = [found.frame() for seed in seeds((3, 99))["logical"] for found in seed.located.frames]
    assert {frame.python for frame in frames} == {(3, 99)}


def test_for_python_changes_the_headers_alone() -> None:
    (seed,) = [one for one in SEEDS["expression"] if one.name == "scalar/lambda"]
    changed = set_frame_python(seed.data, (3, 10))
    at = seed.located.frames[0].offset + 9
    assert changed == seed.data[:at] + bytes([10]) + seed.data[at + 1 :]


@pytest.mark.parametrize("family", MUTATIONS)
def test_a_family_damages(family: str) -> None:
    """Most of what it makes is new, and differs from one choice to the next."""
    for level in LEVELS:
        framed = [seed for seed in SEEDS[level] if seed.located.frames or family not in FRAMED]
        made = {
            MUTATIONS[family](Seeded(f"{level} {number}"), framed[0], framed[-1])
            for number in range(100)
        }
        assert len(made - {framed[0].data}) > 15


@pytest.mark.parametrize("family", sorted(FRAMED - {"header", "envelope"}))
def test_lengths_around_a_damaged_frame_are_right(family: str) -> None:
    seed = SEEDS["expression"][0]
    for number in range(50):
        made = MUTATIONS[family](Seeded(number), seed, seed)
        assert fields(made), made
        assert len(fields(made)) >= len(fields(seed.data)) - 1


@settings(max_examples=200)
@given(hostile(SEEDS))
def test_an_input_is_for_a_reader_and_no_longer_than_it_may_be(one: Input) -> None:
    assert one.level in LEVELS
    assert one.mutation in {*MUTATIONS, "mixed"}
    assert len(one.data) <= MAX_SIZE


def test_a_number_gives_the_same_inputs_again() -> None:
    first, again = (list(islice(inputs(SEEDS, 7), 700)) for _ in range(2))
    assert first == again
    assert first != list(islice(inputs(SEEDS, 8), 700))
    assert {one.mutation for one in first} == {*MUTATIONS, "mixed"}
    assert {one.level for one in first} == {*LEVELS}


def test_fields_cover_a_message_to_the_byte() -> None:
    for level in LEVELS:
        data = SEEDS[level][0].data
        outer = [one for one in fields(data) if len(one.regions) == 1]
        parts = [data[one.regions[0].tag : one.regions[0].end] for one in outer]
        assert b"".join(parts) == data
        for one in fields(data):
            assert splice(data, [(one.regions, one.value(data))]) == data


@pytest.mark.parametrize(
    "data", [b"", b"\x0a", b"\x0a\x05abc", b"\x00\x01", b"\x08" + b"\xff" * 11]
)
def test_what_is_no_message_has_no_fields(data: bytes) -> None:
    assert fields(data) == ()


def test_fields_find_what_the_wire_finds() -> None:
    for seed in SEEDS["physical"]:
        values = {one.value(seed.data) for one in fields(seed.data)}
        assert {found.data for found in wire.find(seed.data)} <= values
