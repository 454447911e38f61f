"""Update the store with writers' output: add missing goldens, refuse changes."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from packaging.version import Version

from conformance import wire
from conformance.golden.cases import CASES
from conformance.golden.store import Golden, Manifest, Store, StoreError, stale_files
from conformance.inspection.differences import differences
from conformance.util import atomic
from conformance.util.versions import minor_version
from conformance.wire import Envelope
from tasks.goldens import json_values


@dataclass(frozen=True)
class WriterOutput:
    """The output of one writer: its versions, and the bytes of each case written inline."""

    writer: Mapping[str, str]
    data: Mapping[str, bytes]

    @property
    def key(self) -> str:
        """The writer's key in the manifest."""
        w = self.writer
        return f"{w['engine']}-{w['cloudpickle']}-{w['pyarrow']}-py{w['python']}-{w['platform']}"

    @property
    def python(self) -> str:
        """The minor version, as in the frames' headers."""
        return minor_version(self.writer["python"])

    @classmethod
    def read(cls, path: Path) -> WriterOutput:
        """Read the writer's file ``path``; cases that were written by name are dropped."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            written = {id_: base64.b64decode(text) for id_, text in document["written"].items()}
            output = cls(
                document["writer"],
                {
                    id_: data
                    for id_, data in written.items()
                    if _count_frames(data) >= len(CASES[id_].of.udfs)
                },
            )
            assert output.key  # raises if a version is missing
            return output
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"{path}: not a file of the golden writer: {error}") from error


@cache
def _count_frames(data: bytes) -> int:
    """Return the number of frames in ``data``, which many writers have written."""
    return len(wire.find(data))


def equivalent_writer_key(writer: Mapping[str, str]) -> tuple[str, str, str]:
    """Return a key that writers share if only patch release, pyarrow or platform differ."""
    return writer["engine"], writer["cloudpickle"], minor_version(writer["python"])


@dataclass
class StoreUpdate:
    """An update of the store: the new manifest, files by name, and messages.

    ``files`` are all that the manifest lists, with disassemblies; ``stale`` ones are removed.
    """

    manifest: Manifest
    files: dict[str, bytes] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stale: list[Path] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Return whether anything would be written or removed."""
        return bool(self.added or self.stale)


def plan_update(
    folder: Path, outputs: Iterable[WriterOutput], replace: frozenset[str] = frozenset()
) -> StoreUpdate:
    """Return the update of the store under ``folder`` with these outputs.

    The update refuses changed bytes of a writer, a changed input or result of a case, and a
    case that is no longer in the catalogue, unless ``replace`` names the case. Goldens of a
    replaced case by other writers stay, unless its input or result changed or a file is
    damaged: then ``outputs`` must include each of its writers, or an equivalent one.
    The update also writes missing and outdated disassemblies and removes what a killed run
    left behind. Raises ``StoreError`` for a store that cannot be read.
    """
    exists = (folder / "manifest.json").exists()
    if not exists and any(folder.rglob("*.bin")):
        raise StoreError(f"{folder}: there are goldens but no manifest.json: restore it first")
    old = Manifest.read(folder / "manifest.json") if exists else Manifest()
    unknown = replace - CASES.keys() - old.cases.keys()
    if unknown:
        raise StoreError(f"--replace {min(unknown)}: unknown case")
    result = StoreUpdate(old)
    cases = {id_: json_values.case_record(case) for id_, case in CASES.items()}
    lost = {id_ for id_, case in old.cases.items() if cases.get(id_) != case}
    for id_ in sorted(lost):
        how = "changed in" if id_ in cases else "is gone from"
        message = f"{id_}: input or result {how} the catalogue"
        (result.added if id_ in replace else result.refused).append(message)
    bytes_of, dropped = _split_kept_and_dropped(folder, old, lost & replace, replace)
    outputs = list(outputs)
    result.refused += _not_rewritten(old, {k: v for k, v in dropped.items() if k in cases}, outputs)
    writers = dict(old.writers)
    for output in outputs:
        writers[output.key] = output.writer
        for id_, data in output.data.items():
            before = bytes_of.get((id_, output.key))
            if before == data:
                continue
            message = f"{id_} by {output.key}"
            if before is not None:
                message += f": {'; '.join(map(str, differences(before, data)))}"
            if before is not None and id_ not in replace:
                result.refused.append(message)
            else:
                result.added.append(message)
                bytes_of[id_, output.key] = data
    goldens = tuple(_goldens(bytes_of, writers, result.files))
    used = {key for golden in goldens for key in golden.writers}
    result.manifest = Manifest({key: writers[key] for key in used}, cases, goldens)
    known = {golden.file for golden in old.goldens}
    files = result.files
    for golden in result.manifest.disassembled():
        files[golden.listing] = text = wire.listing(files[golden.file]).encode()
        if golden.file in known and _read_or_none(folder / golden.listing) != text:
            result.added.append(f"{golden.listing}, a missing or outdated disassembly")
    if result.manifest.text() != old.text() and not result.added:
        result.added.append("manifest.json")
    result.stale = list(stale_files(folder, result.manifest))
    return result


def _split_kept_and_dropped(
    folder: Path, old: Manifest, lost: Set[str], replace: Set[str]
) -> tuple[dict[tuple[str, str], bytes], dict[str, set[str]]]:
    """Return the bytes to keep, by case and writer, and the writers of the rest, by case."""
    store = Store(folder) if old.goldens else None
    kept: dict[tuple[str, str], bytes] = {}
    dropped: dict[str, set[str]] = {}
    for golden in old.goldens:
        assert store is not None
        try:
            data = None if golden.case in lost else store.data(golden)
        except StoreError:
            if golden.case not in replace:
                raise
            data = None
        if data is None:
            dropped.setdefault(golden.case, set()).update(golden.writers)
        else:
            kept.update(((golden.case, key), data) for key in golden.writers)
    return kept, dropped


def _not_rewritten(
    old: Manifest, dropped: Mapping[str, Set[str]], outputs: Iterable[WriterOutput]
) -> Iterator[str]:
    """Yield a message for each case whose dropped goldens have no new output."""
    written = {
        (id_, equivalent_writer_key(output.writer)) for output in outputs for id_ in output.data
    }
    for id_, keys in dropped.items():
        absent = sorted(
            key for key in keys if (id_, equivalent_writer_key(old.writers[key])) not in written
        )
        if absent:
            pythons = sorted(
                {equivalent_writer_key(old.writers[key])[2] for key in absent}, key=Version
            )
            yield (
                f"{id_}: no output replaces the goldens of {', '.join(absent)}; "
                f"run with all interpreters: Python {', '.join(pythons)}"
            )


def _read_or_none(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _goldens(
    bytes_of: Mapping[tuple[str, str], bytes],
    writers: Mapping[str, Mapping[str, str]],
    files: dict[str, bytes],
) -> Iterator[Golden]:
    together: dict[tuple[str, str, bytes], list[str]] = {}
    for (id_, key), data in bytes_of.items():
        together.setdefault((id_, minor_version(writers[key]["python"]), data), []).append(key)
    for (id_, python, data), keys in sorted(together.items()):
        digest = hashlib.sha256(data).hexdigest()
        name = f"{_folder(data)}/{id_}/py{python}-{digest[:8]}.bin"
        files[name] = data
        yield Golden(id_, name, python, len(data), digest, tuple(sorted(keys))).with_records(data)


def _folder(data: bytes) -> str:
    """Return the folder of a golden: ``DFPYUDF/v1``, ``DFPYCHN/v1`` or, for families, ``mixed``."""
    if found := wire.find_envelopes(data):
        return f"{Envelope.MAGIC.decode()}/v{max(one.envelope().version for one in found)}"
    frames = [found.frame() for found in wire.find(data)]
    families = {frame.family.value.decode() for frame in frames}
    version = max(frame.wire_version for frame in frames)
    return f"{families.pop() if len(families) == 1 else 'mixed'}/v{version}"


def apply(folder: Path, change: StoreUpdate) -> None:
    """Write the update: new files first, then the manifest; then remove unlisted files.

    If the process is killed at any moment, the manifest lists only existing files, and the next
    update removes the unlisted ones. Raises ``StoreError`` if the folder cannot be written.
    """
    try:
        _apply(folder, change)
    except OSError as error:
        path = error.filename or folder
        raise StoreError(f"{path}: cannot be written: {error.strerror}") from error


def _apply(folder: Path, change: StoreUpdate) -> None:
    manifest = folder / "manifest.json"
    if not manifest.exists():
        # Goldens without a manifest would look like a store that lost it.
        atomic.write(manifest, Manifest().text().encode())
    for name, data in change.files.items():
        if _read_or_none(folder / name) != data:
            atomic.write(folder / name, data)
    atomic.write(manifest, change.manifest.text().encode())
    for path in stale_files(folder, change.manifest):
        path.unlink()
