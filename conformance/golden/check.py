"""Check the golden store before a run: files, coverage and contents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice

from conformance import matrix, wire
from conformance.catalogue import ENTRIES
from conformance.catalogue.nodes import Udf, calls
from conformance.golden import negative, refusals
from conformance.golden.cases import CASES
from conformance.golden.store import REFUSALS, Golden, Store, StoreError
from conformance.util.versions import minor_version
from conformance.wire import Family

SHOWN = 10
"""How many problems of a damaged store to show."""


def first_problems() -> list[str]:
    """Return the first problems of the suite's own store; an empty list if it is intact."""
    try:
        return list(islice(problems(Store()), SHOWN))
    except StoreError as error:
        return [str(error)]


def problems(store: Store) -> Iterator[str]:
    """Yield the problems of the store, one sentence each.

    The store must hold exactly the files of the manifest, with their digests and disassemblies.
    Each catalogue entry must have a golden for each Python that is not optional in the version
    table. Each golden must hold the UDFs of its case, where its records say. Each writer must have
    recorded refusals. The negative vectors must be valid.
    """
    found = list(store.problems())
    yield from found
    if found:
        return  # the contents of an incomplete store cannot be checked
    goldens = store.manifest.goldens
    optional = {python.version for python in matrix.read().pythons if python.optional}
    pythons = {python.version for python in matrix.read().pythons} - optional
    for python in sorted(pythons | {golden.python for golden in goldens}):
        cases = {golden.case for golden in goldens if golden.python == python}
        for case in sorted(ENTRIES.keys() - cases):
            yield f"{case}: no golden of Python {python}"
    for golden in goldens:
        yield from _contents(store, golden)
    yield from _refusals(store)
    yield from _negative(store)


def _negative(store: Store) -> Iterator[str]:
    """Yield why the negative vectors cannot be read."""
    try:
        negative.read(store.folder)
    except StoreError as error:
        yield str(error)


def _refusals(store: Store) -> Iterator[str]:
    """Yield the writers of goldens whose refusals are not in the store, and unreadable files."""
    writers: dict[str, set[refusals.WriterKey]] = {}
    for writer in store.manifest.writers.values():
        key = minor_version(writer["python"]), writer["cloudpickle"]
        writers.setdefault(writer["engine"], set()).add(key)
    for engine, keys in writers.items():
        try:
            recorded = refusals.read(engine, store.folder).writers.keys()
        except StoreError as error:
            yield str(error)
            continue
        for python, cloudpickle in sorted(keys - recorded):
            what = f"Python {python} with cloudpickle {cloudpickle}"
            yield f"{REFUSALS}/{engine}.toml: no refusals of {what}"


def _contents(store: Store, golden: Golden) -> Iterator[str]:
    """Yield the differences between a golden's frames and the UDFs of its case."""
    if golden.case not in CASES or f"/{golden.case}/" not in golden.file:
        yield f"{golden.file}: expected a golden of case {golden.case}"
        return
    located = wire.find(store.data(golden))
    places = [(found.offset, found.size) for found in located]
    listed = [(record.get("offset"), record.get("size")) for record in golden.frames]
    if places != listed:
        yield f"{golden.file}: frames at {places}; the manifest says {listed}"
    frames = Counter((found.data[:7], found.name or "") for found in located)
    expected = {(_magic(udf), udf.name) for udf in CASES[golden.case].of.udfs}
    if set(frames) != expected:
        yield f"{golden.file}: expected frames of {expected}, found {set(frames)}"
    if golden.case in ENTRIES and frames != _calls(golden.case):
        yield f"{golden.file}: expected {_calls(golden.case)}, found {frames}"


@cache
def _calls(entry: str) -> Counter[tuple[bytes, str]]:
    """Return how often an entry calls each UDF: many goldens are of one entry."""
    return Counter((_magic(udf), udf.name) for udf in calls(ENTRIES[entry].expr))


def _magic(udf: Udf) -> bytes:
    return Family[udf.family.upper()].value
