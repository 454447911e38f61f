"""Structure-aware mutations: each makes hostile bytes from a seed and a source of choices.

A mutation corrects all lengths around its change, so that a reader reaches the change. The
mutation ``lengths`` damages lengths themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from conformance.hostile.choices import Choices, pick
from conformance.hostile.mutations import envelope, frame, lengths, message, payload, raw
from conformance.hostile.seeds import LEVELS, Level, Seed, Seeds

MAX_SIZE = 1 << 16
"""The most bytes of an input; longer ones are cut."""

_CROSS_READER_ODDS = 24
"""One in so many inputs goes to the decoder of another level."""


@dataclass(frozen=True)
class Input:
    """Hostile bytes, the level that decodes them, their seed and their mutation."""

    level: Level
    data: bytes
    seed: str
    mutation: str


MUTATIONS: Mapping[str, Callable[[Choices, Seed, Seed], bytes]] = {
    "bits": lambda choices, seed, _: raw.bits(choices, seed.data),
    "cuts": lambda choices, seed, other: raw.cuts(choices, seed.data, other.data),
    "lengths": lambda choices, seed, _: lengths.lengths(choices, seed),
    "protobuf": lambda choices, seed, _: message.fields_of(choices, seed.data),
    "nesting": lambda choices, seed, _: message.nesting(choices, seed.data),
    "splice": message.splice,
    "header": lambda choices, seed, _: frame.header(choices, seed),
    "tuple": lambda choices, seed, _: payload.members(choices, seed),
    "schema": payload.schemas,
    "opcodes": lambda choices, seed, _: payload.opcodes(choices, seed),
    "canary": lambda choices, seed, _: frame.canaries(choices, seed),
    "envelope": lambda choices, seed, _: envelope.envelopes(choices, seed),
}
"""The mutations by name. Each takes choices, a seed and another seed of the same level."""

FRAMED = frozenset(("header", "tuple", "schema", "opcodes", "canary", "envelope"))
"""The mutations that damage frames; they need seeds with frames."""

_FRAMED_LEVELS = tuple(level for level in LEVELS for _ in range(2 if "chain" in level else 3))
_PLAIN_LEVELS: tuple[Level, ...] = (
    *("expression", "expression", "logical", "logical", "logical"),
    *("physical", "physical", "physical", "physical", "chain-expression"),
    *("chain-logical", "chain-physical"),
)
_MIXED = "mixed"
_NAMES = (*MUTATIONS, _MIXED)


def mutate(choices: Choices, seeds: Seeds) -> Input:
    """Make one hostile input: choose a mutation, a level and a seed, and apply the mutation."""
    mutation = pick(choices, _NAMES)
    framed = mutation in FRAMED
    level = pick(choices, _FRAMED_LEVELS if framed else _PLAIN_LEVELS)
    level_seeds = seeds[level]
    seed = pick(choices, _seeds_with_frames(level_seeds) if framed else level_seeds)
    other = pick(choices, level_seeds)
    if mutation == _MIXED:
        data = _mixed(choices, seed, other)
    else:
        data = MUTATIONS[mutation](choices, seed, other)
    if not choices.below(_CROSS_READER_ODDS):
        level = pick(choices, LEVELS)
    return Input(level, data[:MAX_SIZE], seed.name, mutation)


def _mixed(choices: Choices, seed: Seed, other: Seed) -> bytes:
    """Apply any mutation, then perhaps those that take any bytes."""
    usable = [name for name in MUTATIONS if seed.located.frames or name not in FRAMED]
    data = MUTATIONS[pick(choices, usable)](choices, seed, other)
    for step in (message.fields_of, raw.bits):
        if choices.below(2):
            data = step(choices, data[:MAX_SIZE])
    return data


_FRAMED_SEEDS: dict[int, tuple[Sequence[Seed], Sequence[Seed]]] = {}


def _seeds_with_frames(level_seeds: Sequence[Seed]) -> Sequence[Seed]:
    kept = _FRAMED_SEEDS.get(id(level_seeds))
    if kept is None or kept[0] is not level_seeds:
        kept = _FRAMED_SEEDS[id(level_seeds)] = (
            level_seeds,
            [seed for seed in level_seeds if seed.located.frames],
        )
    return kept[1]
