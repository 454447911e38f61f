"""Goldens: what released engines wrote, read by the one at hand."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import pytest

from conformance import check, matrix, wire
from conformance.catalogue import ENTRIES, get
from conformance.golden.store import Golden, Store
from conformance.golden.trackers import forget
from conformance.subjects.interface import Subject
from conformance.suite.tools import MAGIC, PYTHON, calls, clause, holds, strict

OWN = "{}.{}".format(*PYTHON)


@cache
def _store() -> Store:
    return Store()


@cache
def _data(golden: Golden) -> bytes:
    return _store().data(golden)


@cache
def _of(python: str) -> dict[str, Golden]:
    return dict(_store().of_python(python))


OPTIONAL = {python.version for python in matrix.read().pythons if python.optional}
"""Pythons that nobody may have written goldens on yet; those of all others must be there."""

# Without goldens there is nothing to read; goldens of others are refused all the same.
needs_own = (
    pytest.mark.not_applicable(f"no golden of Python {OWN} is kept")
    if OWN in OPTIONAL and not _of(OWN)
    else ()
)
READABLE: list[Any] = [*_of(OWN)] or [pytest.param("", marks=needs_own, id="none")]
PYTHONS = {python.version for python in matrix.read().pythons} - OPTIONAL
FOREIGN = sorted((PYTHONS | {golden.python for golden in _store().manifest.goldens}) - {OWN})


def _kept(python: str) -> dict[str, Golden]:
    """The goldens of a Python that must have some."""
    check.true(bool(_of(python)), f"no golden of Python {python} is kept")
    return _of(python)


@clause("GOLDEN-01")
@pytest.mark.parametrize("golden", READABLE)
def test_reads(subject: Subject, golden: str) -> None:
    """A golden of this Python decodes, with nothing registered, and gives its result."""
    kept = _kept(OWN)[golden]
    forget()
    expr = subject.from_bytes(_data(kept), subject.session())
    holds(subject, expr, get(kept.case))


@clause("GOLDEN-02")
@pytest.mark.parametrize("python", FOREIGN)
@pytest.mark.parametrize("mode", ["inlining", "strict"])
def test_refuses_other_pythons(subject: Subject, python: str, mode: str) -> None:
    """Every golden of another Python is refused, with that version and this one named."""
    session = strict(subject) if mode == "strict" else subject.session()
    for label, golden in _kept(python).items():
        data = _data(golden)
        error = check.raises(partial(subject.from_bytes, data, session), label)
        check.says(error, [f"Python {python} ", f"Python {OWN}."], label)


@clause("GOLDEN-03")
@pytest.mark.parametrize("python", [pytest.param(OWN, marks=needs_own)])
def test_strict_refuses(subject: Subject, python: str) -> None:
    """Every golden of this Python is refused by a strict session, with a UDF of it named."""
    session = strict(subject)
    for label, golden in _kept(python).items():
        data = _data(golden)
        error = check.raises(partial(subject.from_bytes, data, session), label)
        check.says(error, ["inlining is disabled on this session"], label)
        names = [udf.name for udf in get(golden.case).udfs]
        named = any(check.plain(f"UDF '{name}'") in check.plain(str(error)) for name in names)
        check.true(named, f"{label}: the error names no UDF", error)


@clause("GOLDEN-04")
def test_store_is_whole(subject: Subject) -> None:
    """Each golden in the manifest is there, unchanged, with its disassembly, and no other file."""
    del subject  # the store itself is judged
    check.equal(list(_store().problems()), [], "what is wrong with the golden store")


@clause("GOLDEN-05")
def test_every_golden_is_read(subject: Subject) -> None:
    """Each golden holds its case's UDFs, and is read; each entry has one of each Python."""
    del subject
    for python in {*PYTHONS, *(golden.python for golden in _store().manifest.goldens)}:
        cases = {golden.case for golden in _of(python).values()}
        check.equal(sorted(ENTRIES.keys() - cases), [], f"entries without a golden of {python}")
        check.equal(sorted(cases - ENTRIES.keys()), [], f"goldens of {python} without an entry")
    read = {golden.file for python in (OWN, *FOREIGN) for golden in _of(python).values()}
    listed = {golden.file for golden in _store().manifest.goldens}
    check.equal(read, listed, "the goldens that are read")
    for golden in _store().manifest.goldens:
        check.succeeds(partial(get, golden.case), golden.file)
        check.true(f"/{golden.case}/" in golden.file, f"{golden.file}: another case", golden.case)
        expected = sorted((MAGIC[udf.family], udf.name) for udf in calls(get(golden.case).expr))
        frames = wire.find(_data(golden))
        seen = sorted((found.data[:7], found.name or "") for found in frames)
        check.equal(seen, expected, f"the UDFs in {golden.file}")
