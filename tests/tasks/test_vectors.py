"""The release archive of the vectors: what is in it, and the same bytes for the same store."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from conformance import __version__
from conformance.golden.store import DOCUMENTS, Store
from tasks.vectors import NAME, VectorsError, check_archive, write_archive
from tests.conftest import ROOT
from tests.golden.samples import full

LICENSE = ROOT / "LICENSE"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = full(tmp_path_factory.mktemp("golden")).folder
    for name in {*DOCUMENTS} - {"manifest.json"}:
        shutil.copy(ROOT / "golden" / name, folder)
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    shutil.copytree(template, tmp_path / "golden")
    return tmp_path / "golden"


def test_the_archive_of_the_real_store(tmp_path: Path) -> None:
    """Unpacked elsewhere, it is all that its manifest says."""
    path = write_archive(ROOT / "golden", LICENSE, tmp_path)
    assert path.name == f"dfpy-conformance-vectors-{__version__}.tar.gz"
    (tmp_path / "there").mkdir()
    subprocess.run(["tar", "-xzf", str(path), "-C", str(tmp_path / "there")], check=True)
    there = tmp_path / "there" / NAME
    assert [one.name for one in (tmp_path / "there").iterdir()] == [NAME]
    assert (there / "LICENSE").read_bytes() == LICENSE.read_bytes()
    kept = {one.relative_to(there).as_posix() for one in there.rglob("*") if one.is_file()}
    source = ROOT / "golden"
    mine = {one.relative_to(source).as_posix() for one in source.rglob("*") if one.is_file()}
    assert kept == {*mine, "LICENSE"}
    assert check_archive(path) == len(kept)
    goldens = json.loads((there / "manifest.json").read_text(encoding="utf-8"))["goldens"]
    for golden in goldens:
        data = (there / golden["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == golden["sha256"]


def test_equal_stores_give_equal_archives(folder: Path, tmp_path: Path) -> None:
    """Neither the order, nor the times, nor the modes, nor the owners of the files matter."""
    first = write_archive(folder, LICENSE, tmp_path / "first").read_bytes()
    shutil.copytree(folder, tmp_path / "copy")
    for number, path in enumerate(sorted((tmp_path / "copy").rglob("*"), reverse=True)):
        os.utime(path, (number, number))
        path.chmod(0o700)
    assert write_archive(tmp_path / "copy", LICENSE, tmp_path / "second").read_bytes() == first


def test_entries_are_plain_files(folder: Path, tmp_path: Path) -> None:
    with tarfile.open(write_archive(folder, LICENSE, tmp_path)) as archive:
        members = archive.getmembers()
    assert all(one.isfile() and one.name.startswith(f"{NAME}/") for one in members)
    assert {(one.mode, one.uid, one.uname, one.mtime) for one in members} == {
        (0o644, 0, "", 315532800)
    }
    names = [one.name for one in members]
    assert names == sorted(names)


def test_a_damaged_store_makes_no_archive(folder: Path, tmp_path: Path) -> None:
    (folder / "stray.bin").touch()
    with pytest.raises(VectorsError, match=r"stray\.bin: not in the manifest"):
        write_archive(folder, LICENSE, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["frame.ksy", "messages.json", "LICENSE", "a golden"])
def test_an_archive_that_lacks_a_file(name: str, folder: Path, tmp_path: Path) -> None:
    path = write_archive(folder, LICENSE, tmp_path)
    lost = Store(folder).manifest.goldens[0].file if name == "a golden" else name
    with tarfile.open(path) as archive:
        members = [(one, archive.extractfile(one)) for one in archive.getmembers()]
        with tarfile.open(tmp_path / "less.tar.gz", "w:gz") as less:
            for member, content in members:
                if member.name != f"{NAME}/{lost}":
                    less.addfile(member, content)
    with pytest.raises(VectorsError, match=f"{lost} is missing"):
        check_archive(tmp_path / "less.tar.gz")
