"""Takes up what engines wrote: adds what is missing, refuses what would change."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from packaging.version import Version

from conformance import wire
from conformance.golden.cases import CASES
from conformance.golden.store import Golden, Manifest, Store, StoreError, disassemblies, stale_files
from conformance.util import atomic
from conformance.util.versions import minor
from conformance.wire import Envelope
from tasks.goldens import json_values
from tasks.goldens.differences import differences


@dataclass(frozen=True)
class WriterOutput:
    """The output of one writer: its versions, and the cases that it wrote inline."""

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
        return minor(self.writer["python"])

    @classmethod
    def read(cls, path: Path) -> WriterOutput:
        """Return what ``golden.writer`` put into ``path``; a case that left by name is left out."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            written = {id_: base64.b64decode(text) for id_, text in document["written"].items()}
            output = cls(
                document["writer"],
                {
                    id_: data
                    for id_, data in written.items()
                    if len(wire.find(data)) >= len(CASES[id_].of.udfs)
                },
            )
            assert output.key  # all that it is made of is there
            return output
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(f"{path}: not the work of the golden writer: {error}") from error


def equivalent_writer_key(writer: Mapping[str, str]) -> tuple[str, str, str]:
    """Return the key that writers share which differ in a patch release of Python only.

    Pyarrow and the platform do not count.
    """
    return writer["engine"], writer["cloudpickle"], minor(writer["python"])


@dataclass
class StoreUpdate:
    """The update of a store: the new manifest, files by name, and messages about it.

    ``files`` are all that the manifest lists, disassemblies included, ``left`` those that go.
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
    """Return what the store under ``folder`` becomes with these writings.

    A writer that wrote other bytes before, a case whose input or result
    changed, and a case that the catalogue lost are refused, unless the case
    is in ``replace``. Of a replaced case, what other writers wrote is kept,
    unless its input or result changed or its file is broken: then each of its
    writers must be among ``writings``, or one that is ``nearly`` the same.
    Disassemblies that are missing or not up to date are written, and what a run
    that was killed left over goes. Raises ``StoreError`` for a store that cannot be read.
    """
    exists = (folder / "manifest.json").exists()
    if not exists and any(folder.rglob("*.bin")):
        raise StoreError(f"{folder}: there are goldens, and no manifest.json: bring it back first")
    old = Manifest.read(folder / "manifest.json") if exists else Manifest()
    unknown = replace - CASES.keys() - old.cases.keys()
    if unknown:
        raise StoreError(f"--replace {min(unknown)}: there is no such case")
    result = StoreUpdate(old)
    cases = {id_: json_values.case(case) for id_, case in CASES.items()}
    lost = {id_ for id_, case in old.cases.items() if cases.get(id_) != case}
    for id_ in sorted(lost):
        how = "changed in" if id_ in cases else "is gone from"
        told = f"{id_}: input or result {how} the catalogue"
        (result.added if id_ in replace else result.refused).append(told)
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
            told = f"{id_} by {output.key}"
            if before is not None:
                told += f": {'; '.join(map(str, differences(before, data)))}"
            if before is not None and id_ not in replace:
                result.refused.append(told)
            else:
                result.added.append(told)
                bytes_of[id_, output.key] = data
    goldens = tuple(_goldens(bytes_of, writers, result.files))
    used = {key for golden in goldens for key in golden.writers}
    result.manifest = Manifest({key: writers[key] for key in used}, cases, goldens)
    known = {golden.file for golden in old.goldens}
    files = result.files
    for golden, text in disassemblies(
        result.manifest, lambda golden: wire.disassemble(files[golden.file], short=True)
    ):
        files[golden.listing] = text.encode()
        if golden.file in known and _content(folder / golden.listing) != text.encode():
            result.added.append(f"{golden.listing}, a disassembly that was not up to date")
    if result.manifest.text() != old.text() and not result.added:
        result.added.append("manifest.json")
    result.stale = list(stale_files(folder, result.manifest))
    return result


def _split_kept_and_dropped(
    folder: Path, old: Manifest, lost: Set[str], replace: Set[str]
) -> tuple[dict[tuple[str, str], bytes], dict[str, set[str]]]:
    """Return the bytes that stay, by case and writer, and the writers whose bytes go, by case."""
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
    """Yield the messages about cases whose goldens would go and that no writer wrote again."""
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
                f"{id_}: no writer wrote again the goldens of {', '.join(absent)}; "
                f"run with all interpreters: Python {', '.join(pythons)}"
            )


def _content(path: Path) -> bytes | None:
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
        together.setdefault((id_, minor(writers[key]["python"]), data), []).append(key)
    for (id_, python, data), keys in sorted(together.items()):
        digest = hashlib.sha256(data).hexdigest()
        name = f"{_folder(data)}/{id_}/py{python}-{digest[:8]}.bin"
        files[name] = data
        yield Golden(id_, name, python, len(data), digest, tuple(sorted(keys)))


def _folder(data: bytes) -> str:
    """``DFPYUDF/v1`` and so on; ``DFPYCHN`` for envelopes, ``mixed`` for several families."""
    if found := wire.find_envelopes(data):
        return f"{Envelope.MAGIC.decode()}/v{max(one.envelope().version for one in found)}"
    frames = [found.frame() for found in wire.find(data)]
    families = {frame.family.value.decode() for frame in frames}
    version = max(frame.wire_version for frame in frames)
    return f"{families.pop() if len(families) == 1 else 'mixed'}/v{version}"


def apply(folder: Path, change: StoreUpdate) -> None:
    """Write the store: new files first, then the manifest, at last what it lists no more goes.

    Killed at any moment, the manifest that is there lists files that are there;
    what is left over is unlisted, and goes the next time. Raises
    ``StoreError`` where the folder cannot be written.
    """
    try:
        _apply(folder, change)
    except OSError as error:
        path = error.filename or folder
        raise StoreError(f"{path}: cannot be written: {error.strerror}") from error


def _apply(folder: Path, change: StoreUpdate) -> None:
    manifest = folder / "manifest.json"
    if not manifest.exists():
        # Goldens without one would look like a store that lost it.
        atomic.write(manifest, Manifest().text().encode())
    for name, data in change.files.items():
        if _content(folder / name) != data:
            atomic.write(folder / name, data)
    atomic.write(manifest, change.manifest.text().encode())
    for path in stale_files(folder, change.manifest):
        path.unlink()
