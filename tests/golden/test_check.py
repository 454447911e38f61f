"""A damaged store is found before a run: each kind of damage with its sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import wire
from conformance.golden.check import problems
from conformance.golden.store import Golden, Store
from tests.conftest import ROOT

PYTHON = "3.12"
Goldens = Sequence[Golden]


def _is_of(golden: Golden, case: str) -> bool:
    return (golden.case, golden.python) == (case, PYTHON)


def _store(change: Callable[[Goldens], Goldens]) -> Store:
    """The project's store with a manifest that ``change`` made of its goldens."""
    store = Store(ROOT / "golden")
    goldens = tuple(change(store.manifest.goldens))
    vars(store)["manifest"] = replace(store.manifest, goldens=goldens)
    return store


def _without_the_last(goldens: Goldens) -> Goldens:
    (*_, last) = (golden for golden in goldens if _is_of(golden, "scalar/lambda"))
    return [golden for golden in goldens if golden != last]


def _without_an_entry(goldens: Goldens) -> Goldens:
    return [golden for golden in goldens if not _is_of(golden, "scalar/lambda")]


def _of_another_entry(goldens: Goldens) -> Goldens:
    return [
        replace(golden, case="scalar/def") if _is_of(golden, "scalar/lambda") else golden
        for golden in goldens
    ]


def _of_no_entry(goldens: Goldens) -> Goldens:
    return [
        replace(golden, case="scalar/none") if _is_of(golden, "scalar/lambda") else golden
        for golden in goldens
    ]


def test_the_store_is_whole() -> None:
    assert list(problems(Store(ROOT / "golden"))) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_without_the_last, "not in the manifest"),
        (_without_an_entry, "not in the manifest"),
        (_of_another_entry, "expected a golden of case scalar/def"),
        (_of_no_entry, "the case scalar/none is not in the manifest"),
    ],
)
def test_damage(change: Callable[[Goldens], Goldens], found: str) -> None:
    assert any(found in problem for problem in problems(_store(change)))


def test_a_frame_at_another_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are as the manifest says; its record of the frame is not."""

    def moved(goldens: Goldens) -> Goldens:
        return [
            replace(one, frames=tuple({**record, "offset": 7} for record in one.frames))
            if _is_of(one, "scalar/lambda")
            else one
            for one in goldens
        ]

    monkeypatch.setattr(Store, "problems", lambda _: iter(()))
    found = list(problems(_store(moved)))
    assert len(found) == 4
    assert all("frames at [(22, 1" in one and "says [(7, 1" in one for one in found)


def test_an_entry_without_a_golden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are gone as well, so that the manifest and the folder agree."""
    monkeypatch.setattr(Store, "problems", lambda _: iter(()))
    found = list(problems(_store(_without_an_entry)))
    assert found == [f"scalar/lambda: no golden of Python {PYTHON}"]


def test_a_golden_that_lost_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of two calls of one UDF: the names are all there."""
    read = Store.data

    def data(store: Store, golden: Golden) -> bytes:
        whole = read(store, golden)
        if not _is_of(golden, "expression/same-twice"):
            return whole
        first, *_ = wire.find(whole)
        return wire.remove(whole, [first.path])

    store = _store(lambda goldens: goldens)
    monkeypatch.setattr(Store, "problems", lambda _: iter(()))
    monkeypatch.setattr(Store, "data", data)
    found = list(problems(store))
    assert found
    assert all("/expression/same-twice/" in problem for problem in found)


def test_a_byte_that_rotted(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def rotten(path: Path) -> bytes:
        rots = path.suffix == ".bin" and path.parent.name == "lambda" and PYTHON in path.name
        return read(path)[:-1] + b"?" if rots else read(path)

    monkeypatch.setattr(Path, "read_bytes", rotten)
    found = list(problems(Store(ROOT / "golden")))
    assert any(": SHA-256 " in problem for problem in found)
