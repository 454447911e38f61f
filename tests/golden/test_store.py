"""A damaged store is reported by file and field."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.golden.files import Files
from conformance.golden.store import Manifest, Store, StoreError, root
from tests.conftest import ROOT
from tests.golden.samples import CASES, CLOUDPICKLES, PYTHON, golden_of


def rewrite(store: Store, change: Callable[[dict[str, Any]], Any]) -> Path:
    """Change the manifest; return its path."""
    path = store.folder / "manifest.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return path


def written_by(document: dict[str, Any], *writers: str) -> None:
    """Give the first golden these writers."""
    document["writer_sets"]["x"] = list(writers)
    document["goldens"][0]["writers"] = "x"


def test_whole(store: Store) -> None:
    assert list(store.problems(contents=True)) == []


def test_the_real_one_is_small() -> None:
    """Each file takes whole blocks of 4 KiB on the disk."""
    sizes = [len(Files(ROOT / "golden").read(name)) for name in Files(ROOT / "golden").names()]
    assert sum(-(-size // 4096) * 4096 for size in sizes) < 20 * 2**20


def test_the_real_one_is_whole() -> None:
    assert list(Store(ROOT / "golden").problems()) == []


@pytest.mark.parametrize("family", ["scalar", "aggregate", "window"])
def test_any_flipped_byte_is_reported(store: Store, family: str) -> None:
    """The error names the file and both digests."""
    golden = golden_of(store, family)
    path = store.folder / golden.file
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        for flip in (0x01, 0xFF):
            data = whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :]
            path.write_bytes(data)
            with pytest.raises(StoreError) as caught:
                store.data(golden)
            found = hashlib.sha256(data).hexdigest()
            expected = f"{path}: SHA-256 {found}; the manifest says {golden.sha256}"
            assert str(caught.value) == expected
    assert list(store.problems()) == [expected]


def test_missing(store: Store) -> None:
    golden = golden_of(store, "window")
    (store.folder / golden.file).unlink()
    assert list(store.problems()) == [f"{store.folder / golden.file}: the golden is missing"]


def test_cut_short(store: Store) -> None:
    golden = golden_of(store, "aggregate")
    path = store.folder / golden.file
    path.write_bytes(path.read_bytes()[:100])
    assert list(store.problems()) == [f"{path}: 100 bytes; the manifest says {golden.size}"]


def test_the_newest_golden_of_each_case_has_a_disassembly(store: Store) -> None:
    """The newest is that of the newest Python, then of the newest cloudpickle."""
    goldens = store.manifest.disassembled()
    assert sorted(golden.case for golden in goldens) == sorted(CASES)
    for golden in goldens:
        assert golden.python == PYTHON
        versions = {store.manifest.writers[key]["cloudpickle"] for key in golden.writers}
        assert versions >= {CLOUDPICKLES[-1]}
    names = {name for name in store.files.names() if name.endswith(".txt")}
    assert names == {golden.listing for golden in goldens}


def test_missing_disassembly(store: Store) -> None:
    golden = golden_of(store, "aggregate")
    (store.folder / golden.listing).unlink()
    assert list(store.problems()) == [f"{golden.listing}: the disassembly is missing"]


def test_another_disassembly(store: Store) -> None:
    golden = golden_of(store, "aggregate")
    path = store.folder / golden.listing
    path.write_text(path.read_text() + "more\n")
    assert list(store.problems()) == []
    result = [f"{golden.listing}: not the disassembly of {golden.file}"]
    assert list(store.problems(contents=True)) == result


@pytest.mark.parametrize("name", ["stray.bin", "DFPYUDF/v1/scalar/lambda/.new-abc", "x/y/z"])
def test_unlisted(store: Store, name: str) -> None:
    path = store.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert list(store.problems()) == [f"{path}: not in the manifest"]


def test_unknown_case(store: Store) -> None:
    rewrite(store, lambda document: document["cases"].pop("scalar/lambda"))
    result = list(Store(store.folder).problems())
    assert len(result) == len([g for g in store.manifest.goldens if g.case == "scalar/lambda"]) > 0
    for line in result:
        assert line.endswith(": the case scalar/lambda is not in the manifest")


@pytest.mark.parametrize("writers", [["nobody"], []])
def test_unknown_writer(store: Store, writers: list[str]) -> None:
    rewrite(store, lambda document: written_by(document, *writers))
    changed = Store(store.folder)
    golden = changed.manifest.goldens[0]
    who = writers[0] if writers else ""
    result = [f"{golden.file}: the writer {who!r} is not in the manifest"]
    assert list(changed.problems()) == result


def test_not_in_the_manifest_any_more(store: Store) -> None:
    golden = store.manifest.goldens[0]
    rewrite(store, lambda document: document["goldens"].pop(0))
    result = list(Store(store.folder).problems())
    assert result == [f"{store.folder / golden.file}: not in the manifest"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.update(schema=3), r"schema 3, of a newer dfpy-conformance: update this one"),
        (lambda d: d.update(schema=1), r"schema 1, of an older dfpy-conformance; this one reads s"),
        (lambda d: d.update(schema=0), r"schema 0; this suite reads schema 2"),
        (lambda d: d.update(schema=True), r"schema True; this suite reads schema 2"),
        (lambda d: d.pop("writer_sets"), r"a field is missing or unknown: 'writer_sets'"),
        (lambda d: d.pop("import_sets"), r"a field is missing or unknown: 'import_sets'"),
        (lambda d: d["goldens"][0].update(writers="none"), r"missing or unknown: 'none'"),
        (
            lambda d: d["goldens"][0]["frames"][0].update(imports="none"),
            r"missing or unknown: 'none'",
        ),
        (lambda d: d["goldens"][0].update(frames=[12]), r"a field is missing or unknown"),
        (lambda d: d.pop("schema"), r"schema None; this suite reads"),
        (lambda d: d.pop("writers"), r"a field is missing or unknown: 'writers'"),
        (lambda d: d["goldens"][0].pop("sha256"), r"a field is missing or unknown: .*sha256"),
        (lambda d: d["goldens"][0].update(md5=""), r"a field is missing or unknown: .*md5"),
        (lambda d: d.update(goldens=None), r"a field is missing or unknown"),
        (lambda d: d.update(writers=[]), r"a field is missing or unknown"),
        (lambda d: next(iter(d["writers"].values())).pop("engine"), r"or unknown: 'engine'"),
        (
            lambda d: next(iter(d["writers"].values())).update(python="x"),
            r"python: Invalid version",
        ),
        (
            lambda d: d["goldens"][0].update(size="12"),
            r"golden .*\.bin: a field has the wrong type",
        ),
        (
            lambda d: d["goldens"][0].update(case=None),
            r"golden .*\.bin: a field has the wrong type",
        ),
        (
            lambda d: d["goldens"][0].update(python="3.x"),
            r"golden .*\.bin: python 3\.x: expected a minor version",
        ),
        (lambda d: d["goldens"].append(d["goldens"][0]), r"duplicate golden: \S+\.bin"),
        (
            lambda d: written_by(d, *d["writer_sets"][d["goldens"][0]["writers"]] * 2),
            r"duplicate golden: \S+/\S+ by 55\.\S+",
        ),
    ],
)
def test_manifests_of_another_form(
    store: Store, change: Callable[[dict[str, Any]], Any], says: str
) -> None:
    path = rewrite(store, change)
    with pytest.raises(StoreError, match=says) as caught:
        Store(store.folder)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "null", '{"schema": 1', b"\xff\xfe"])
def test_manifests_that_are_none(store: Store, text: str | bytes) -> None:
    path = store.folder / "manifest.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(StoreError, match=r"manifest\.json: (not JSON|schema None)"):
        Store(store.folder)


def test_a_manifest_cut_anywhere(store: Store) -> None:
    path = store.folder / "manifest.json"
    whole = path.read_bytes()
    for size in range(0, len(whole.rstrip()), len(whole) // 40):
        path.write_bytes(whole[:size])
        with pytest.raises(StoreError, match=r"manifest\.json: not JSON"):
            Store(store.folder)


def test_a_record_with_a_duplicate_key(store: Store) -> None:
    """Readers of JSON silently drop one of the two values."""
    path = store.folder / "manifest.json"
    text = path.read_text()
    key, other = sorted(store.manifest.writers)[:2]
    path.write_text(text.replace(f'"{other}": {{', f'"{key}": {{', 1))
    with pytest.raises(StoreError) as caught:
        Store(store.folder)
    assert str(caught.value) == f"{path}: duplicate key {key!r} in a record"


def test_files_that_cannot_be_read(store: Store) -> None:
    path = store.folder / golden_of(store, "scalar").file
    path.unlink()
    path.mkdir()
    assert list(store.problems()) == [f"{path}: cannot be read: Is a directory"]
    path = store.folder / "manifest.json"
    path.write_text("[" * 100_000)
    with pytest.raises(StoreError, match=r"manifest\.json: not JSON"):
        Store(store.folder)
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError, match=r"manifest\.json: cannot be read: Is a directory"):
        Store(store.folder)


def test_a_disassembly_that_is_no_text(store: Store) -> None:
    golden = golden_of(store, "aggregate")
    (store.folder / golden.listing).write_bytes(b"\xff\xfe")
    result = [f"{golden.listing}: not the disassembly of {golden.file}"]
    assert list(store.problems(contents=True)) == result


def test_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"manifest\.json: the golden store has no manifest"):
        Store(tmp_path)


def test_the_manifest_reads_back(store: Store) -> None:
    text = store.manifest.text()
    assert (store.folder / "manifest.json").read_text() == text
    assert Manifest.read(store.folder / "manifest.json").text() == text


def test_labels_tell_goldens_apart(store: Store) -> None:
    for kept in (store, Store(ROOT / "golden")):
        for python in {golden.python for golden in kept.manifest.goldens}:
            labels = dict(kept.of_python(python))
            mine = [golden for golden in kept.manifest.goldens if golden.python == python]
            assert sorted(golden.file for golden in labels.values()) == sorted(g.file for g in mine)


def test_the_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONFORMANCE_GOLDEN", str(tmp_path))
    assert root() == tmp_path
    monkeypatch.delenv("CONFORMANCE_GOLDEN")
    assert root() == ROOT / "golden"


def test_the_store_of_a_checkout_and_of_an_installed_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The archive in the package comes first; a ``golden`` beside the package may be another's."""
    checkout, installed = tmp_path / "golden", tmp_path / "conformance" / "golden" / "store.zip"
    monkeypatch.delenv("CONFORMANCE_GOLDEN", raising=False)
    monkeypatch.setattr("conformance.golden.store._CHECKOUT", checkout)
    monkeypatch.setattr("conformance.golden.store._INSTALLED", installed)
    assert root() == checkout
    installed.parent.mkdir(parents=True)
    installed.touch()
    assert root() == installed
    checkout.mkdir()
    assert root() == installed
