"""The catalogue: UDFs and expressions with their inputs and hand-written results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.catalogue import (
    aggregate,
    bodies,
    calls,
    exotic,
    families,
    flat,
    functions,
    nested,
    places,
    signatures,
    window,
)
from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Udf


def index(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Index the entries by their ids; an id that names two entries or two UDFs raises."""
    found: dict[str, Entry] = {}
    udfs: dict[str, Udf] = {}
    for entry in entries:
        if entry.id in found:
            raise ValueError(f"two catalogue entries have the id {entry.id}")
        found[entry.id] = entry
        for udf in entry.udfs:
            if udfs.setdefault(udf.id, udf) != udf:
                raise ValueError(f"two catalogue UDFs have the id {udf.id}")
    return found


_MODULES = (
    functions,
    bodies,
    signatures,
    flat,
    nested,
    exotic,
    aggregate,
    window,
    calls,
    families,
    places,
)
_ALL = index([*(entry for module in _MODULES for entry in module.ENTRIES), *calls.FINDINGS])

FINDINGS: Mapping[str, Entry] = {entry.id: entry for entry in calls.FINDINGS}
"""Entries whose right result no released engine gives, with bytes in between or without."""

ENTRIES: Mapping[str, Entry] = {id_: entry for id_, entry in _ALL.items() if id_ not in FINDINGS}
"""All others, by their ids."""


def get(id: str) -> Entry:  # noqa: A002
    """Return the entry with this id, be it a finding."""
    return _ALL[id]
