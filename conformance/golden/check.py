"""Check the store of goldens before a run: whole, covered, and of the cases it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from conformance import matrix, wire
from conformance.catalogue import ENTRIES
from conformance.catalogue.nodes import Udf, calls
from conformance.golden.cases import CASES
from conformance.golden.store import Golden, Store, StoreError
from conformance.wire import Family

SHOWN = 10
"""How many problems of a damaged store are shown."""


def first_problems() -> list[str]:
    """Return the first problems of the store that the suite judges by."""
    try:
        return list(islice(problems(Store()), SHOWN))
    except StoreError as error:
        return [str(error)]


def problems(store: Store) -> Iterator[str]:
    """Yield what is wrong with the store, a sentence each.

    Each file of the manifest must be there with its digest and disassembly, and no other; each
    entry of the catalogue must have a golden of each Python that the version table does not
    call optional; each golden must hold the UDFs of its case.
    """
    found = list(store.problems())
    yield from found
    if found:
        return  # what cannot be read cannot be looked into
    goldens = store.manifest.goldens
    optional = {python.version for python in matrix.read().pythons if python.optional}
    pythons = {python.version for python in matrix.read().pythons} - optional
    for python in sorted(pythons | {golden.python for golden in goldens}):
        cases = {golden.case for golden in goldens if golden.python == python}
        for case in sorted(ENTRIES.keys() - cases):
            yield f"{case}: no golden of Python {python}"
    for golden in goldens:
        yield from _contents(store, golden)


def _contents(store: Store, golden: Golden) -> Iterator[str]:
    """Yield where a golden does not hold the UDFs of its case."""
    if golden.case not in CASES or f"/{golden.case}/" not in golden.file:
        yield f"{golden.file}: not a golden of {golden.case}"
        return
    frames = Counter((found.data[:7], found.name or "") for found in wire.find(store.data(golden)))
    expected = {(_magic(udf), udf.name) for udf in CASES[golden.case].of.udfs}
    if set(frames) != expected:
        yield f"{golden.file}: expected frames of {expected}, found {set(frames)}"
    if golden.case in ENTRIES:
        of_calls = Counter((_magic(udf), udf.name) for udf in calls(ENTRIES[golden.case].expr))
        if frames != of_calls:
            yield f"{golden.file}: expected {of_calls}, found {frames}"


def _magic(udf: Udf) -> bytes:
    return Family[udf.family.upper()].value
