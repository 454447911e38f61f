"""Updates of the negative vectors: additions are written, changes are refused unless named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.golden import negative as stored
from conformance.golden.negative import FILE, NegativeVectors, built
from conformance.golden.store import StoreError
from tasks.goldens import negative


def _write(folder: Path, found: NegativeVectors) -> None:
    (folder / FILE).parent.mkdir(exist_ok=True)
    (folder / FILE).write_text(stored.text(found))


def test_a_missing_file_is_written(tmp_path: Path) -> None:
    change = negative.plan_update(tmp_path)
    assert change.added == (f"{FILE}: {len(built().vectors)} vectors",)
    negative.apply(tmp_path, change)
    assert stored.read(tmp_path) == built()
    assert negative.plan_update(tmp_path).added == ()
    assert [*negative.compare(tmp_path)] == []


def test_a_new_vector_is_added(tmp_path: Path) -> None:
    made = built()
    _write(tmp_path, replace(made, vectors=made.vectors[1:]))
    change = negative.plan_update(tmp_path)
    assert (change.added, change.refused) == (
        (f"negative/vectors: {made.vectors[0].id}: not in the file",),
        (),
    )


def _changed() -> NegativeVectors:
    first, *rest = built().vectors
    return replace(built(), vectors=(replace(first, data=b"x"), *rest))


def test_a_changed_vector_is_refused_unless_named(tmp_path: Path) -> None:
    _write(tmp_path, _changed())
    line = f"negative/vectors: {built().vectors[0].id}: changed: data"
    change = negative.plan_update(tmp_path)
    assert (change.added, change.refused) == ((), (line,))
    change = negative.plan_update(tmp_path, replace=True)
    assert (change.added, change.refused) == ((line,), ())
    negative.apply(tmp_path, change)
    assert stored.read(tmp_path) == built()


def test_a_vector_that_nobody_makes_is_refused(tmp_path: Path) -> None:
    made = built()
    extra = replace(made.vectors[0], id="more")
    _write(tmp_path, replace(made, vectors=(*made.vectors, extra)))
    change = negative.plan_update(tmp_path)
    assert change.refused == ("negative/vectors: more: no builder makes it",)


def test_a_comparison_names_the_difference(tmp_path: Path) -> None:
    _write(tmp_path, _changed())
    assert [*negative.compare(tmp_path)] == [
        f"negative/vectors: {built().vectors[0].id}: changed: data"
    ]


def test_another_form_is_a_difference(tmp_path: Path) -> None:
    _write(tmp_path, built())
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes() + b"\n")
    assert negative.plan_update(tmp_path).added == (f"{FILE}: another form",)
    assert len([*negative.compare(tmp_path)]) == 1


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "negative").mkdir()
    (tmp_path / FILE).write_text("{")
    with pytest.raises(StoreError, match="not a file of negative vectors"):
        negative.plan_update(tmp_path)
    (line,) = negative.compare(tmp_path)
    assert str(tmp_path / FILE) in line
