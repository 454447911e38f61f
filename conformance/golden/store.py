"""The store of golden bytes: a manifest, the bytes of each golden, a disassembly of each case.

``golden/FAMILY/vN/NAME.bin`` holds the bytes that an engine wrote. Beside the newest golden of
each case, ``NAME.txt`` holds their disassembly. ``golden/manifest.json`` lists the writers, the
case and the expected result of each. Nothing here imports an engine.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from conformance import wire
from conformance.golden.files import Files
from conformance.util import atomic

SCHEMA = 1
"""The version of the manifest; increases when a field changes its meaning or is removed."""

REFUSALS = "refusals"
"""The folder of the refusals, which have a file per release and no record in the manifest."""

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
    """Return the digest of the manifest, which holds that of each golden, and of the refusals.

    Return ``""`` if they cannot be read.
    """
    files = Files(root())
    try:
        names = ["manifest.json", *files.names(REFUSALS)]
        return hashlib.sha256(b"".join(map(files.read, names))).hexdigest()
    except OSError:
        return ""


class StoreError(ValueError):
    """The store cannot be read or is incomplete; the text names the file and the problem."""


@dataclass(frozen=True)
class Golden:
    """One byte string and its writers.

    ``file`` is relative to the store. ``python`` is the minor version in the frames' headers.
    ``writers`` are keys of the manifest's ``writers``.
    """

    case: str
    file: str
    python: str
    size: int
    sha256: str
    writers: tuple[str, ...]

    @property
    def listing(self) -> str:
        """The file of the disassembly, if the store holds that of this golden."""
        return self.file.removesuffix(".bin") + ".txt"


@dataclass(frozen=True)
class Manifest:
    """The manifest: ``writers`` by key, ``cases`` by case id, and the goldens in order."""

    writers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    goldens: tuple[Golden, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read the manifest in ``path``; raise ``StoreError`` if it is not valid."""
        try:
            document = json.loads(
                Files(path.parent).read(path.name), object_pairs_hook=_reject_duplicate_keys
            )
        except FileNotFoundError:
            raise StoreError(f"{path}: the golden store has no manifest") from None
        except OSError as error:
            raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
        except StoreError as error:
            raise StoreError(f"{path}: {error}") from None
        except (ValueError, RecursionError) as error:
            raise StoreError(f"{path}: not JSON: {error}") from error
        found = document.get("schema") if isinstance(document, dict) else None
        if isinstance(found, int) and found > SCHEMA:
            raise StoreError(
                f"{path}: schema {found}, of a newer dfpy-conformance: update this one, "
                f"which reads schema {SCHEMA}"
            )
        if found != SCHEMA:
            raise StoreError(f"{path}: schema {found!r}; this suite reads schema {SCHEMA}")
        try:
            goldens = tuple(
                Golden(**{**entry, "writers": tuple(entry["writers"])})
                for entry in document["goldens"]
            )
            manifest = cls(document["writers"], document["cases"], goldens)
            for wrong in manifest._faults():
                raise StoreError(f"{path}: {wrong}")
        except (KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"{path}: a field is missing or unknown: {error}") from error
        return manifest

    def _faults(self) -> Iterator[str]:
        """Yield the contradictions in the manifest."""
        for key, writer in self.writers.items():
            try:
                for name in ("engine", "cloudpickle", "python"):
                    Version(writer[name])
            except InvalidVersion as error:
                yield f"writer {key}: {name}: {error}"
        seen = set()
        for golden in self.goldens:
            texts = (golden.case, golden.file, golden.python, golden.sha256, *golden.writers)
            if not isinstance(golden.size, int) or not all(isinstance(one, str) for one in texts):
                yield f"golden {golden.file}: a field has the wrong type"
            elif not re.fullmatch(r"\d+\.\d+", golden.python):
                yield f"golden {golden.file}: python {golden.python}: expected a minor version"
            for one in (golden.file, *(f"{golden.case} by {key}" for key in golden.writers)):
                if one in seen:
                    yield f"duplicate golden: {one}"
                seen.add(one)

    def disassembled(self) -> list[Golden]:
        """Return the goldens whose disassemblies the store holds: the newest of each case.

        The newest is that of the newest Python, then of the newest cloudpickle, then engine.
        """
        names = ("cloudpickle", "engine", "python")
        ages = {key: [Version(one[name]) for name in names] for key, one in self.writers.items()}

        def age(golden: Golden) -> tuple[Version, list[Version], str]:
            known = [ages[key] for key in golden.writers if key in ages]
            return Version(golden.python), max(known, default=[]), golden.file

        return list({golden.case: golden for golden in sorted(self.goldens, key=age)}.values())

    def text(self) -> str:
        """Return the manifest as JSON; equal manifests give equal text."""
        # One record per line, so that a diff shows whole records.
        writers = _lines(self.writers)
        cases = _lines(self.cases)
        goldens = ",\n".join(_line(asdict(golden)) for golden in self.goldens)
        return (
            f'{{"schema": {SCHEMA},\n"writers": {{\n{writers}\n}},\n'
            f'"cases": {{\n{cases}\n}},\n"goldens": [\n{goldens}\n]}}\n'
        )


def _reject_duplicate_keys(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return a record of JSON; raise for a duplicate key, which would lose a value."""
    record: dict[str, Any] = {}
    for key, value in pairs:
        if key in record:
            raise StoreError(f"duplicate key {key!r} in a record")
        record[key] = value
    return record


def _line(record: object) -> str:
    return json.dumps(record, ensure_ascii=False)


def _lines(records: Mapping[str, object]) -> str:
    return ",\n".join(f"{_line(key)}: {_line(records[key])}" for key in sorted(records))


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

    def problems(self, *, listings: bool = False) -> Iterator[str]:
        """Yield the problems of the store's files, one sentence each, with the file.

        With ``listings``, also compare each stored disassembly with a new one.
        """
        disassembled = set(self.manifest.disassembled())
        for golden in self.manifest.goldens:
            try:
                data = self.data(golden)
                if golden in disassembled:
                    stored = self.files.text(golden.listing)
                    if listings and stored != wire.listing(data):
                        yield f"{golden.listing}: not the disassembly of {golden.file}"
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


def unlisted_files(files: Files, manifest: Manifest) -> Iterator[str]:
    """Yield the names of the files that the manifest does not list."""
    listed = {"manifest.json", "README.md", *(golden.file for golden in manifest.goldens)}
    listed |= {golden.listing for golden in manifest.disassembled()}
    for name in files.names():
        if name not in listed and not re.fullmatch(rf"{REFUSALS}/[\w.]+\.toml", name):
            yield name


def stale_files(folder: Path, manifest: Manifest) -> Iterator[Path]:
    """Yield the unlisted files that a killed or an older update left behind.

    Files with other names are not the store's, and are not listed.
    """
    for name in unlisted_files(Files(folder), manifest):
        if _STORE_FILE.fullmatch(name):
            yield folder / name
