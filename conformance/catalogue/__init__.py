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
    shapes,
    signatures,
    window,
)
from conformance.catalogue.entry import Entry
from conformance.catalogue.nodes import Udf


def index_by_id(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Return the entries by id; raise ``ValueError`` for a duplicate id of an entry or of a UDF."""
    found: dict[str, Entry] = {}
    udfs: dict[str, Udf] = {}
    for entry in entries:
        if entry.id in found:
            raise ValueError(f"duplicate catalogue entry id: {entry.id}")
        found[entry.id] = entry
        for udf in entry.udfs:
            if udfs.setdefault(udf.id, udf) != udf:
                raise ValueError(f"duplicate catalogue UDF id: {udf.id}")
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
_ALL = index_by_id(
    [
        *(entry for module in _MODULES for entry in module.ENTRIES),
        *calls.UNANSWERED,
        *shapes.ENTRIES,
    ]
)

UNANSWERED: Mapping[str, Entry] = {entry.id: entry for entry in calls.UNANSWERED}
"""Entries that every released engine gets wrong, even without encoding the expression."""

SHAPES: Mapping[str, Entry] = {entry.id: entry for entry in shapes.ENTRIES}
"""Entries without goldens: UDFs in the shapes of everyday code."""

ENTRIES: Mapping[str, Entry] = {
    id_: entry for id_, entry in _ALL.items() if id_ not in UNANSWERED and id_ not in SHAPES
}
"""All other entries, by id."""


def get(id: str) -> Entry:  # noqa: A002
    """Return the entry with this id, from any of the three."""
    return _ALL[id]
