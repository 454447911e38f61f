"""Goldens: what released engines wrote, read by the one at hand."""

from __future__ import annotations

import re
from functools import cache, partial
from typing import Any

import pytest

from conformance import check, wire
from conformance.catalogue import get
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


# A Python that nobody wrote goldens on yet has none to read; the others are refused all the same.
needs_own = pytest.mark.not_applicable(f"no golden of Python {OWN} is kept")
readable: list[Any] = [*_of(OWN)] or [pytest.param("", marks=needs_own, id="none")]
FOREIGN = sorted({golden.python for golden in _store().manifest.goldens} - {OWN})


@clause("GOLDEN-01")
@pytest.mark.parametrize("golden", readable)
def test_reads(subject: Subject, golden: str) -> None:
    """A golden of this Python decodes, with nothing registered, and gives its result."""
    kept = _of(OWN)[golden]
    forget()
    expr = subject.from_bytes(_data(kept), subject.session())
    holds(subject, expr, get(kept.case))


@clause("GOLDEN-02")
@pytest.mark.parametrize("python", FOREIGN)
@pytest.mark.parametrize("mode", ["inlining", "strict"])
def test_refuses_other_pythons(subject: Subject, python: str, mode: str) -> None:
    """Every golden of another Python is refused, with that version and this one named."""
    session = strict(subject) if mode == "strict" else subject.session()
    for label, golden in _of(python).items():
        data = _data(golden)
        error = check.raises(partial(subject.from_bytes, data, session), label)
        check.says(error, [f"Python {python} ", f"Python {OWN}."], label)


def _plain(text: str) -> str:
    """``text`` without quotes and backslashes, with which errors escape a name."""
    return re.sub(r"[\\\"]", "", text)


@clause("GOLDEN-03")
@pytest.mark.parametrize("python", [OWN] if _of(OWN) else [pytest.param(OWN, marks=needs_own)])
def test_strict_refuses(subject: Subject, python: str) -> None:
    """Every golden of this Python is refused by a strict session, with a UDF of it named."""
    session, seen = strict(subject), 0
    for label, golden in _of(python).items():
        data = _data(golden)
        error = check.raises(partial(subject.from_bytes, data, session), label)
        check.says(error, ["inlining is disabled on this session"], label)
        names = [udf.name for udf in get(golden.case).udfs]
        named = any(_plain(f"UDF '{name}'") in _plain(str(error)) for name in names)
        check.true(named, f"{label}: the error names no UDF", error)
        seen += 1
    check.true(seen > 0, f"no golden of Python {python}")


@clause("GOLDEN-04")
def test_store_is_whole(subject: Subject) -> None:
    """Each golden in the manifest is there, unchanged, with its disassembly, and no other file."""
    del subject  # the store itself is judged
    check.equal(list(_store().problems()), [], "what is wrong with the golden store")


@clause("GOLDEN-05")
def test_every_golden_is_read(subject: Subject) -> None:
    """Each golden holds its case's UDFs, and is read as one of this Python or another."""
    del subject
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
