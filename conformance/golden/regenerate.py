"""Takes up what engines wrote: adds what is missing, refuses what would change."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from conformance import wire
from conformance.catalogue import ENTRIES
from conformance.golden import plain
from conformance.golden.differences import differences
from conformance.golden.store import Golden, Manifest, Store, StoreError, unlisted


@dataclass(frozen=True)
class Writing:
    """What one writer wrote: its versions, and the entries that it wrote inline."""

    writer: Mapping[str, str]
    written: Mapping[str, bytes]

    @property
    def key(self) -> str:
        """The writer's key in the manifest."""
        w = self.writer
        return f"{w['engine']}-{w['cloudpickle']}-{w['pyarrow']}-py{w['python']}-{w['platform']}"

    @property
    def python(self) -> str:
        """The minor version, as in the frames' headers."""
        return ".".join(self.writer["python"].split(".")[:2])

    @classmethod
    def read(cls, path: Path) -> Writing:
        """What ``golden.writer`` put into ``path``; an entry that left by name is left out."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            written = {id_: base64.b64decode(text) for id_, text in document["written"].items()}
            writing = cls(
                document["writer"],
                {
                    id_: data
                    for id_, data in written.items()
                    if len(wire.find(data)) >= len(ENTRIES[id_].udfs)
                },
            )
            assert writing.key  # all that it is made of is there
            return writing
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"{path}: not the work of the golden writer: {error}") from error


@dataclass
class Plan:
    """What taking up would do: the new manifest, files by name, and what is said of it."""

    manifest: Manifest
    files: dict[str, bytes] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether anything would be written."""
        return bool(self.added)


def plan(folder: Path, writings: Iterable[Writing], replace: frozenset[str] = frozenset()) -> Plan:
    """What the store under ``folder`` becomes with these writings.

    A writer that wrote other bytes before, a case whose input or result
    changed, and a case that the catalogue lost are refused, unless the case
    stands in ``replace``. Of a replaced case, what other writers wrote is kept,
    unless its input or result changed. Raises ``StoreError`` for a store that
    cannot be read.
    """
    exists = (folder / "manifest.json").exists()
    old = Manifest.read(folder / "manifest.json") if exists else Manifest()
    unknown = replace - ENTRIES.keys() - old.cases.keys()
    if unknown:
        raise StoreError(f"--replace {min(unknown)}: there is no such case")
    result = Plan(old)
    cases = {id_: plain.case(entry) for id_, entry in ENTRIES.items()}
    lost = {id_ for id_, case in old.cases.items() if cases.get(id_) != case}
    for id_ in sorted(lost):
        how = "changed in" if id_ in cases else "is gone from"
        told = f"{id_}: input or result {how} the catalogue"
        (result.added if id_ in replace else result.refused).append(told)
    bytes_of = _kept(folder, old, lost & replace)
    writers = dict(old.writers)
    for writing in writings:
        writers[writing.key] = writing.writer
        for id_, data in writing.written.items():
            before = bytes_of.get((id_, writing.key))
            if before == data:
                continue
            told = f"{id_} by {writing.key}"
            if before is not None:
                told += f": {'; '.join(map(str, differences(before, data)))}"
            if before is not None and id_ not in replace:
                result.refused.append(told)
            else:
                result.added.append(told)
                bytes_of[id_, writing.key] = data
    goldens = tuple(_goldens(bytes_of, writers, result.files))
    used = {key for golden in goldens for key in golden.writers}
    result.manifest = Manifest({key: writers[key] for key in used}, cases, goldens)
    if result.manifest.text() != old.text() and not result.added:
        result.added.append("manifest.json")
    return result


def _kept(folder: Path, old: Manifest, lost: Set[str]) -> dict[tuple[str, str], bytes]:
    store = Store(folder) if old.goldens else None
    return {
        (golden.case, key): store.data(golden)
        for golden in old.goldens
        if store is not None and golden.case not in lost
        for key in golden.writers
    }


def _goldens(
    bytes_of: Mapping[tuple[str, str], bytes],
    writers: Mapping[str, Mapping[str, str]],
    files: dict[str, bytes],
) -> Iterator[Golden]:
    together: dict[tuple[str, str, bytes], list[str]] = {}
    for (id_, key), data in bytes_of.items():
        python = ".".join(writers[key]["python"].split(".")[:2])
        together.setdefault((id_, python, data), []).append(key)
    for (id_, python, data), keys in sorted(together.items()):
        digest = hashlib.sha256(data).hexdigest()
        name = f"{_folder(data)}/{id_}/py{python}-{digest[:8]}.bin"
        files[name] = data
        yield Golden(id_, name, python, len(data), digest, tuple(sorted(keys)))


def _folder(data: bytes) -> str:
    """``DFPYUDF/v1`` and so on; expressions with frames of several families are ``mixed/v1``."""
    frames = [found.frame() for found in wire.find(data)]
    families = {frame.family.value.decode() for frame in frames}
    version = max(frame.wire_version for frame in frames)
    return f"{families.pop() if len(families) == 1 else 'mixed'}/v{version}"


def carry_out(folder: Path, planned: Plan) -> None:
    """Writes the store: new files first, then the manifest, at last what it lists no more goes.

    Killed at any moment, the manifest that is there lists files that are there;
    what is left over is unlisted, and goes with the next change. Raises
    ``StoreError`` where the folder cannot be written.
    """
    try:
        _carry_out(folder, planned)
    except OSError as error:
        path = error.filename or folder
        raise StoreError(f"{path}: cannot be written: {error.strerror}") from error


def _carry_out(folder: Path, planned: Plan) -> None:
    for name, data in planned.files.items():
        for path, content in (
            (folder / name, data),
            (
                (folder / name).with_suffix(".txt"),
                wire.disassemble(data, short=True).encode(),
            ),
        ):
            if not path.exists():
                _write(path, content)
    _write(folder / "manifest.json", planned.manifest.text().encode())
    for path in unlisted(folder, planned.manifest):
        path.unlink()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
