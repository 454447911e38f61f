"""The release archive of the vectors: the store and the license, for those who vendor them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

from conformance import __version__
from conformance.golden.store import DOCUMENTS as STORE_DOCUMENTS
from conformance.golden.store import Store
from conformance.util import atomic

NAME = f"dfpy-conformance-vectors-{__version__}"
"""The name of the archive without its suffix, and of the one folder in it."""

MODIFIED = 315532800
"""The time of each file, 1980-01-01, so that equal stores give equal bytes."""

DOCUMENTS = ("LICENSE", *STORE_DOCUMENTS)
"""The files that the archive must have beside those that the manifest names."""


class VectorsError(ValueError):
    """The store or the archive lacks a file, or holds one that does not belong there."""


def write_archive(store: Path, license_: Path, folder: Path) -> Path:
    """Write the archive of a store into ``folder``; return its path.

    Raises ``VectorsError`` for a store that is not as its manifest says.
    """
    for problem in Store(store).problems():
        raise VectorsError(problem)
    files = {path.relative_to(store).as_posix(): path for path in store.rglob("*")}
    content = {name: path.read_bytes() for name, path in files.items() if path.is_file()}
    content["LICENSE"] = license_.read_bytes()
    packed = io.BytesIO()
    with (
        gzip.GzipFile("", "wb", 9, packed, mtime=MODIFIED) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name in sorted(content):
            entry = tarfile.TarInfo(f"{NAME}/{name}")
            entry.size, entry.mtime, entry.mode = len(content[name]), MODIFIED, 0o644
            archive.addfile(entry, io.BytesIO(content[name]))
    path = folder / f"{NAME}.tar.gz"
    atomic.write(path, packed.getvalue())
    return path


def check_archive(path: Path) -> int:
    """Return the number of files in an archive; raise ``VectorsError`` if one is missing."""
    with tarfile.open(path) as archive:
        names = {name.removeprefix(f"{NAME}/") for name in archive.getnames()}
        for name in DOCUMENTS:
            if name not in names:
                raise VectorsError(f"{path.name}: {name} is missing")
        member = archive.extractfile(f"{NAME}/manifest.json")
        assert member is not None
        for golden in json.load(member)["goldens"]:
            if golden["file"] not in names:
                raise VectorsError(f"{path.name}: {golden['file']} is missing")
    return len(names)
