"""The store of golden bytes: a manifest, the bytes of each golden, a disassembly of each case.

``golden/FAMILY/vN/NAME.bin`` holds the bytes that an engine wrote. Beside the newest golden of
each case, ``NAME.txt`` holds their disassembly. ``golden/manifest.json`` lists the writers, the
case, the frames and the expected result of each. Nothing here imports an engine.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from packaging.version import Version

from conformance import wire
from conformance.golden.files import Files
from conformance.golden.manifest import Golden, Manifest, StoreError
from conformance.util import atomic
from conformance.wire.records import take_apart

__all__ = ["Golden", "Manifest", "Store", "StoreError", "digest", "root"]

FUNCTIONS = "functions.json"
"""The names of the functions that every session has."""

MESSAGES = "messages.json"
"""The protobuf messages that lead to a call."""

DOCUMENTS = (
    *("README.md", "frame.ksy", FUNCTIONS, "manifest.json", "manifest.schema.json", MESSAGES),
)
"""The files at the top of the store."""

REFUSALS = "refusals"
"""The folder of the refusals, which have a file per release and no record in the manifest."""

NEGATIVE = "negative"
"""The folder of the negative vectors, which have no record in the manifest."""

_KNOWN_FILE = re.compile(rf"{REFUSALS}/[\w.]+\.toml|{NEGATIVE}/(vectors|schema)\.json")
"""Names of files that belong to the store and that the manifest does not list."""

_STORE_FILE = re.compile(
    rf"(.+/)?{re.escape(atomic.PREFIX)}[^/]+|\w+/v\d+/[^/]+/[^/]+/py[\d.]+-[0-9a-f]{{8}}\.(bin|txt)"
)
"""Names of files that an update writes, and of its unfinished temporary files."""

_CHECKOUT = Path(__file__).parents[2] / "golden"
_INSTALLED = Path(__file__).with_name("store.zip")


def root() -> Path:
    """Return the path of the store.

    It is ``$CONFORMANCE_GOLDEN`` if set, else the installed package's archive, else the
    checkout's folder.
    """
    if given := os.environ.get("CONFORMANCE_GOLDEN"):
        return Path(given)
    return _INSTALLED if _INSTALLED.is_file() else _CHECKOUT


def digest() -> str:
    """Return the digest of the manifest, which holds that of each golden, and of the other files.

    Those are the refusals and the negative vectors.

    Return ``""`` if they cannot be read.
    """
    files = Files(root())
    try:
        names = ["manifest.json", *files.names(REFUSALS), *files.names(NEGATIVE)]
        return hashlib.sha256(b"".join(map(files.read, names))).hexdigest()
    except OSError:
        return ""


class Store:
    """The golden store under ``folder``."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = root() if folder is None else folder
        self.files = Files(self.folder)
        self.manifest = Manifest.read(self.folder / "manifest.json")

    def of_python(self, python: str) -> list[tuple[str, Golden]]:
        """Return the goldens of a Python minor, each with a unique label.

        The label is ``CASE-by-cloudpickle-VERSION``, with the oldest writer's cloudpickle, plus
        ``-engine-VERSION`` if that label is taken.
        """
        labelled: dict[str, Golden] = {}
        for golden in self.manifest.goldens:
            if golden.python == python:
                writers = [self.manifest.writers[key] for key in golden.writers]
                oldest = min(
                    writers, key=lambda w: (Version(w["cloudpickle"]), Version(w["engine"]))
                )
                label = f"{golden.case}-by-cloudpickle-{oldest['cloudpickle']}"
                if label in labelled:
                    label += f"-engine-{oldest['engine']}"
                labelled[label] = golden
        return list(labelled.items())

    def data(self, golden: Golden) -> bytes:
        """Return the golden's bytes, checked against the manifest.

        Raise ``StoreError``, which names the file.
        """
        path = self.folder / golden.file
        try:
            data = self.files.read(golden.file)
        except FileNotFoundError:
            raise StoreError(f"{path}: the golden is missing") from None
        except OSError as error:
            raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
        if len(data) != golden.size:
            raise StoreError(f"{path}: {len(data)} bytes; the manifest says {golden.size}")
        found = hashlib.sha256(data).hexdigest()
        if found != golden.sha256:
            raise StoreError(f"{path}: SHA-256 {found}; the manifest says {golden.sha256}")
        return data

    def problems(self, *, contents: bool = False) -> Iterator[str]:
        """Yield the problems of the store's files, one sentence each, with the file.

        With ``contents``, also compare what follows from the bytes: each disassembly, and the
        records of frames and envelopes.
        """
        disassembled = set(self.manifest.disassembled())
        for golden in self.manifest.goldens:
            try:
                data = self.data(golden)
                if golden in disassembled:
                    stored = self.files.text(golden.listing)
                    if contents and stored != wire.listing(data):
                        yield f"{golden.listing}: not the disassembly of {golden.file}"
                if contents:
                    yield from _record_problems(golden, data)
            except FileNotFoundError:
                yield f"{golden.listing}: the disassembly is missing"
            except OSError as error:
                yield f"{golden.listing}: cannot be read: {error.strerror}"
            except (StoreError, wire.WireError) as error:
                yield str(error)
            if golden.case not in self.manifest.cases:
                yield f"{golden.file}: the case {golden.case} is not in the manifest"
            for writer in golden.writers or ("",):
                if writer not in self.manifest.writers:
                    yield f"{golden.file}: the writer {writer!r} is not in the manifest"
        for name in unlisted_files(self.files, self.manifest):
            yield f"{self.folder / name}: not in the manifest"


def _record_problems(golden: Golden, data: bytes) -> Iterator[str]:
    """Yield the differences between a golden's records and its bytes."""
    for kind, records in take_apart(data).items():
        listed = getattr(golden, kind)
        if len(listed) != len(records):
            yield f"{golden.file}: {len(records)} {kind}; the manifest says {len(listed)}"
            continue
        for place, (found, said) in enumerate(zip(records, listed, strict=True)):
            for name in sorted(found.keys() | said.keys()):
                if found.get(name) != said.get(name):
                    yield (
                        f"{golden.file}: {kind}[{place}].{name}: {found.get(name)!r}; "
                        f"the manifest says {said.get(name)!r}"
                    )


def unlisted_files(files: Files, manifest: Manifest) -> Iterator[str]:
    """Yield the names of the files that the manifest does not list."""
    listed = {*DOCUMENTS, *(golden.file for golden in manifest.goldens)}
    listed |= {golden.listing for golden in manifest.disassembled()}
    for name in files.names():
        if name not in listed and not _KNOWN_FILE.fullmatch(name):
            yield name


def stale_files(folder: Path, manifest: Manifest) -> Iterator[Path]:
    """Yield the unlisted files that a killed or an older update left behind.

    Files with other names are not the store's, and are not listed.
    """
    for name in unlisted_files(Files(folder), manifest):
        if _STORE_FILE.fullmatch(name):
            yield folder / name
