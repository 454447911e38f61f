"""How the manifest keeps the records of frames and envelopes: what a case shares, once.

A golden has the fields of each of its frames that are its own; the rest is in its case. The Python
of its frames is its own. Long lists of texts are kept once, too, under a key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat, zip_longest

from conformance.wire.records import Record

KINDS = ("frames", "envelopes")
"""The two lists of records that a case and a golden have."""

OWN = ("offset", "size", "python", "imports", "payload_sha256")
"""The fields that a golden does not share with the others of its case."""


def share(lists: Iterable[Sequence[Record]]) -> list[Record]:
    """Return the fields that the goldens of a case share, by the place of the record.

    ``lists`` has the records of each golden. A field is shared if all goldens have it, with one
    value.
    """
    return [
        {
            name: value
            for name, value in (same[0] or {}).items()
            if name not in OWN and all(one and one.get(name) == value for one in same)
        }
        for same in zip_longest(*lists)
    ]


def split(
    kind: str, records: Sequence[Record], shared: Sequence[Record], python: str
) -> list[Record]:
    """Return the fields of a golden's records that are its own, with keys of lists of imports."""
    return [
        {
            name: key_of(value) if name == "imports" else value
            for name, value in record.items()
            if name not in known or known[name] != value
        }
        for record, known in zip(records, _known(kind, shared, python), strict=False)
    ]


def merge(
    kind: str,
    own: Sequence[Record],
    shared: Sequence[Record],
    python: str,
    import_sets: Mapping[str, Sequence[str]],
) -> tuple[Record, ...]:
    """Return the whole records of a golden; raise ``KeyError`` for an unknown key of imports."""
    whole = []
    for record, known in zip(own, _known(kind, shared, python), strict=False):
        imports = {"imports": [*import_sets[record["imports"]]]} if "imports" in record else {}
        whole.append({**known, **record, **imports})
    return tuple(whole)


def _known(kind: str, shared: Sequence[Record], python: str) -> Iterator[Record]:
    """Yield what is known of each record of a golden without its own fields."""
    common = {"python": python} if kind == "frames" else {}
    for same in chain(shared, repeat({})):
        yield {**common, **same}


def key_of(texts: Iterable[str]) -> str:
    """Return the key of a list of texts: the start of a digest, the same for the same list."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8]
