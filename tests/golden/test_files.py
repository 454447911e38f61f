"""The files of a store read the same from a folder and from an archive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from conformance.golden.files import Files
from conformance.golden.store import Golden, Store, StoreError, digest
from tests.golden.samples import write_archive


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Path:
    """The archive of ``store``."""
    path = tmp_path / "store.zip"
    write_archive(store.folder, path)
    return path


def test_both_have_the_same_files(store: Store, archive: Path) -> None:
    folder, packed = Files(store.folder), Files(archive)
    names = list(folder.names())
    assert names == list(packed.names())
    assert "manifest.json" in names
    for name in names:
        assert name in packed
        assert name in folder
        assert packed.read(name) == folder.read(name)
        assert folder.text(name) == packed.text(name)


def test_a_folder_and_an_unknown_name_are_no_files(store: Store, archive: Path) -> None:
    for name in ("DFPYUDF", "none.json"):
        assert name not in Files(store.folder)
        assert name not in Files(archive)


def test_a_store_in_an_archive(
    store: Store, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = Store(archive)
    assert packed.manifest == store.manifest
    for golden in store.manifest.goldens:
        assert packed.data(golden) == store.data(golden)
    assert list(packed.problems(contents=True)) == []
    monkeypatch.setenv("CONFORMANCE_GOLDEN", str(store.folder))
    expected = digest()
    monkeypatch.setenv("CONFORMANCE_GOLDEN", str(archive))
    assert digest() == expected != ""


@pytest.mark.parametrize("packed", [False, True])
def test_a_missing_file(store: Store, archive: Path, packed: bool) -> None:
    place = archive if packed else store.folder
    with pytest.raises(FileNotFoundError) as caught:
        Files(place).read("DFPYUDF/nowhere.bin")
    assert caught.value.filename == str(place / "DFPYUDF/nowhere.bin")


def _remove(store: Store, golden: Golden) -> str:
    (store.folder / golden.file).unlink()
    return "the golden is missing"


def _truncate(store: Store, golden: Golden) -> str:
    (store.folder / golden.file).write_bytes(b"x")
    return f"1 bytes; the manifest says {golden.size}"


@pytest.mark.parametrize("damage", [_remove, _truncate])
def test_a_damaged_golden_in_an_archive(
    store: Store, tmp_path: Path, damage: Callable[[Store, Golden], str]
) -> None:
    golden = store.manifest.goldens[0]
    message = damage(store, golden)
    archive = tmp_path / "store.zip"
    write_archive(store.folder, archive)
    packed = Store(archive)
    assert list(packed.problems()) == [f"{archive / golden.file}: {message}"]
    with pytest.raises(StoreError, match=message):
        packed.data(golden)


def test_a_truncated_archive_is_one_clear_error(archive: Path) -> None:
    whole = archive.read_bytes()
    for size in range(0, len(whole), len(whole) // 40):
        archive.write_bytes(whole[:size])
        with pytest.raises(StoreError) as caught:
            Store(archive)
        assert str(caught.value).startswith(f"{archive / 'manifest.json'}: cannot be read: ")


def test_a_flipped_byte_in_an_archive_is_a_store_error(archive: Path) -> None:
    """No other error comes out; bytes that no digest covers, such as dates, are no problem."""
    whole = archive.read_bytes()
    for place in range(0, len(whole), len(whole) // 200):
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with suppress(StoreError):
            packed = Store(archive)
            list(packed.problems())
