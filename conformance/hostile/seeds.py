"""Seeds for the mutations: the goldens of one Python, by level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal, get_args

from packaging.version import Version

from conformance import wire
from conformance.golden.store import Golden, Store
from conformance.wire import Located

Level = Literal[
    "expression",
    "logical",
    "physical",
    "chain-expression",
    "chain-logical",
    "chain-physical",
]
"""The decoder of an input: of expressions or of a plan layer, without or with a codec."""

LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Seed:
    """Bytes that decode, and the frames and envelopes in them."""

    name: str
    level: Level
    data: bytes

    @cached_property
    def located(self) -> Located:
        """The frames and envelopes in ``data``."""
        return wire.locate(self.data)


Seeds = Mapping[Level, Sequence[Seed]]


@cache
def seeds(python: tuple[int, int]) -> Seeds:
    """Return the goldens by level, for readers on this Python minor version.

    Each case gives the golden of its newest writer, and the same bytes without frames, as
    sent by name, because a reader that refuses the first frame reads no further. A Python
    without goldens gets those of the newest one, with the Python in their headers replaced.
    """
    store = Store()
    found: dict[Level, list[Seed]] = {level: [] for level in LEVELS}
    for case, golden in _newest(store, python).items():
        layer: str = store.manifest.cases[case].get("layer", "expression")
        data = set_frame_python(store.data(golden), python)
        chained = case.startswith("chain/")
        level: Level = f"chain-{layer}" if chained else layer  # type: ignore[assignment]
        found[level].append(Seed(case, level, data))
        if not chained:
            bare = wire.remove(data, [one.path for one in wire.find(data)])
            found[level].append(Seed(f"{case}, by name", level, bare))
    return found


def _newest(store: Store, python: tuple[int, int]) -> Mapping[str, Golden]:
    def age(golden: Golden) -> tuple[Version, Version]:
        writers = [store.manifest.writers[key] for key in golden.writers]
        return max((Version(one["cloudpickle"]), Version(one["engine"])) for one in writers)

    def of(version: str) -> Iterator[Golden]:
        return (one for one in store.manifest.goldens if one.python == version)

    version = ".".join(map(str, python))
    if not any(of(version)):
        version = max({one.python for one in store.manifest.goldens}, key=Version)
    return {golden.case: golden for golden in sorted(of(version), key=age)}


def set_frame_python(data: bytes, python: tuple[int, int]) -> bytes:
    """Return ``data`` with this Python in all frame headers; the payloads stay as they are."""
    new = {}
    for found in wire.find(data):
        at = wire.Frame.MAJOR_AT
        new[found.path] = found.data[:at] + bytes(python) + found.data[at + 2 :]
    return wire.replace(data, new)
