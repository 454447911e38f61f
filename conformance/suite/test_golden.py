"""Goldens: what released engines wrote, read by the one at hand."""

from __future__ import annotations

from functools import partial

import pytest

from conformance import check, wire
from conformance.catalogue import ENTRIES
from conformance.golden.cases import CASES
from conformance.subjects.interface import Subject
from conformance.suite.shared import kept
from conformance.suite.shared.kept import FOREIGN_PYTHONS, OWN, OWN_PYTHON, readable
from conformance.suite.shared.tools import MAGIC, calls, clause, each_receiver, receiver, strict

KIND = "expressions"


@clause("GOLDEN-01")
@pytest.mark.parametrize("golden", readable([*kept.of(KIND, OWN)]))
def test_reads(subject: Subject, golden: str) -> None:
    """A golden of this Python decodes, with nothing registered, and gives its result."""
    kept.gives_its_result(subject, kept.kept(KIND, OWN)[golden], subject.session())


@clause("GOLDEN-02")
@FOREIGN_PYTHONS
@each_receiver
def test_refuses_other_pythons(subject: Subject, python: str, mode: str) -> None:
    """Every golden of another Python is refused, with that version and this one named."""
    session = receiver(subject, mode)
    for label, golden in kept.kept(KIND, python).items():
        data = kept.data(golden)
        error = check.raises(partial(subject.from_bytes, data, session), label)
        check.says(error, [f"Python {python} ", f"Python {OWN}."], label)


@clause("GOLDEN-03")
@OWN_PYTHON
def test_strict_refuses(subject: Subject, python: str) -> None:
    """Every golden of this Python is refused by a strict session, with a UDF of it named."""
    session = strict(subject)
    for label, golden in kept.kept(KIND, python).items():
        data = kept.data(golden)
        error = check.raises(partial(subject.from_bytes, data, session), label)
        check.says(error, ["inlining is disabled on this session"], label)
        kept.names_a_udf(label, CASES[golden.case], error)


@clause("GOLDEN-04")
def test_store_is_whole(subject: Subject) -> None:
    """Each golden in the manifest is there, unchanged, with its disassembly, and no other file."""
    del subject  # the store itself is judged
    check.equal(list(kept.store().problems()), [], "what is wrong with the golden store")


@clause("GOLDEN-05")
def test_every_golden_is_read(subject: Subject) -> None:
    """Each golden holds its case's UDFs, and is read; each entry has one of each Python."""
    del subject
    for python in kept.ALL:
        cases = {golden.case for golden in kept.of(KIND, python).values()}
        check.equal(sorted(ENTRIES.keys() - cases), [], f"entries without a golden of {python}")
        check.equal(sorted(cases - ENTRIES.keys()), [], f"goldens of {python} without an entry")
    read = [
        golden.file
        for python in kept.ALL
        for kind in kept.KINDS
        for golden in kept.of(kind, python).values()
    ]
    listed = [golden.file for golden in kept.store().manifest.goldens]
    check.equal(sorted(read), sorted(listed), "the goldens that are read")
    for golden in kept.store().manifest.goldens:
        check.true(f"/{golden.case}/" in golden.file, f"{golden.file}: another case", golden.case)
        udfs = set(CASES[golden.case].of.udfs)
        expected = {(MAGIC[udf.family], udf.name) for udf in udfs}
        frames = wire.find(kept.data(golden))
        seen = [(found.data[:7], found.name or "") for found in frames]
        if golden.case in ENTRIES:
            expected_calls = sorted(
                (MAGIC[udf.family], udf.name) for udf in calls(ENTRIES[golden.case].expr)
            )
            check.equal(sorted(seen), expected_calls, f"the UDFs in {golden.file}")
        check.equal(set(seen), expected, f"the UDFs in {golden.file}")
