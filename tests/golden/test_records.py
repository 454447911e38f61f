"""The manifest keeps records apart and puts them together; wrong ones are reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.golden.records import key_of, merge, share, split
from conformance.golden.store import Manifest, Store
from tasks.goldens.regenerate import plan_update
from tests.conftest import ROOT
from tests.golden.samples import golden_of

ONE = {"offset": 1, "python": "3.12", "call": "f", "state": [], "imports": ["a.b"]}
OTHER = {"offset": 1, "python": "3.12", "call": "g", "state": [], "imports": ["a.b"]}
IMPORTS = {key_of(["a.b"]): ["a.b"]}


def test_what_all_goldens_have_is_shared_and_places_never_are() -> None:
    assert share([[ONE], [ONE]]) == [{"call": "f", "state": []}]
    assert share([[ONE], [OTHER]]) == [{"state": []}]
    assert share([[ONE]]) == [{"call": "f", "state": []}]
    assert share([[ONE], [ONE, OTHER]]) == [{"call": "f", "state": []}, {}]
    without = {name: value for name, value in ONE.items() if name != "state"}
    assert share([[ONE], [without]]) == share([[without], [ONE]]) == [{"call": "f"}]


@pytest.mark.parametrize("lists", [[[ONE], [OTHER]], [[ONE], [ONE, OTHER]], [[], [ONE]]])
def test_records_are_whole_again(lists: list[list[dict[str, Any]]]) -> None:
    shared = share(lists)
    for records in lists:
        own = split("frames", records, shared, "3.12")
        assert all("python" not in one for one in own)
        assert list(merge("frames", own, shared, "3.12", IMPORTS)) == records


def test_another_python_than_that_of_the_golden_is_kept() -> None:
    (own,) = split("frames", [ONE], [{}], "3.11")
    assert own["python"] == "3.12"
    assert merge("frames", [own], [{}], "3.11", IMPORTS)[0]["python"] == "3.12"


def test_null_is_a_value() -> None:
    """A call without a name is not a call whose name is not known."""
    (own,) = split("frames", [{**ONE, "call": None}], [{}], "3.12")
    assert own["call"] is None


def test_keys_are_stable() -> None:
    """``printf 'a\\nb' | sha256sum``; readers of diffs see no key move."""
    assert key_of(["a", "b"]) == "7e18f737"
    assert key_of(["a", "b"]) != key_of(["b", "a"])


def changed(store: Store, change: Callable[[dict[str, Any]], Any]) -> Store:
    """The store with a manifest in which one record of the scalar golden is another."""
    golden = golden_of(store, "scalar")
    record = dict(golden.frames[0])
    change(record)
    goldens = [
        replace(one, frames=(record,)) if one == golden else one for one in store.manifest.goldens
    ]
    text = replace(store.manifest, goldens=tuple(goldens)).text()
    (store.folder / "manifest.json").write_text(text, encoding="utf-8")
    return Store(store.folder)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda r: r.update(offset=23), "frames[0].offset: 22; the manifest says 23"),
        (lambda r: r.update(call="g"), "frames[0].call: 'lambda'; the manifest says 'g'"),
        (lambda r: r.update(python="3.9"), "frames[0].python: '3.12'; the manifest says '3.9'"),
        (lambda r: r.update(state=[]), "frames[0].state: None; the manifest says []"),
        (lambda r: r.pop("volatility"), "frames[0].volatility: 'immutable'; the manifest says No"),
        (lambda r: r["imports"].append("os.system"), "frames[0].imports: ["),
    ],
)
def test_a_wrong_record_is_reported(
    store: Store, change: Callable[[dict[str, Any]], Any], problem: str
) -> None:
    golden = golden_of(store, "scalar")
    after = changed(store, change)
    assert list(after.problems()) == []
    (found,) = after.problems(contents=True)
    assert found.startswith(f"{golden.file}: {problem}")


def test_a_record_too_many_is_reported(store: Store) -> None:
    golden = golden_of(store, "window")
    goldens = tuple(
        replace(one, frames=one.frames * 2) if one == golden else one
        for one in store.manifest.goldens
    )
    text = replace(store.manifest, goldens=goldens).text()
    (store.folder / "manifest.json").write_text(text, encoding="utf-8")
    (found,) = Store(store.folder).problems(contents=True)
    assert found == f"{golden.file}: 1 frames; the manifest says 2"


def test_an_update_writes_the_records_again(store: Store) -> None:
    before = (store.folder / "manifest.json").read_bytes()
    changed(store, lambda record: record.update(call="g"))
    planned = plan_update(store.folder, [])
    assert planned.manifest.text().encode() == before


def test_the_real_store_is_what_an_update_would_write() -> None:
    """Records, disassemblies and cases; no engine is needed, since no bytes are."""
    folder = ROOT / "golden"
    planned = plan_update(folder, [])
    assert (planned.refused, planned.added, planned.stale) == ([], [], [])
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    assert planned.manifest.text() == text == Manifest.read(folder / "manifest.json").text()
    assert len(text.encode()) < 4_000_000
