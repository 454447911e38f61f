"""Known findings: their minimised bytes and their origin.

``corpus/ID.bin`` holds the bytes, ``corpus/corpus.toml`` what readers do with them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import cast

from packaging.specifiers import SpecifierSet

from conformance.hostile.seeds import LEVELS, Level
from conformance.util.records import SpecError, parse_records, read_tables

FOLDER = Path(__file__).parent / "corpus"
_HEAD = """\
# Hostile bytes that crashed, hung or broke a reader, minimised; ID.bin is beside this file.
# `nox -s fuzz` treats these signatures as known on these engines, and the chapter HOSTILE
# runs every subject on the bytes. `python -m tasks.fuzz keep` adds an entry.
"""


@dataclass(frozen=True)
class CorpusEntry:
    """Hostile bytes: their reader and the outcome.

    ``signature`` is that of the run that found them. ``engines`` is a version specifier of the
    engines that are known to fail (of ``wire`` for this project's own readers); empty if all
    are fixed. ``modes`` are the sessions that failed. ``also`` are the signatures of the same
    bytes on other engines.
    """

    id: str
    signature: str
    level: str
    modes: tuple[str, ...]
    engines: str
    sha256: str
    origin: str
    target: str = "datafusion"
    also: tuple[str, ...] = ()

    def data(self, folder: Path = FOLDER) -> bytes:
        """Return the bytes; raise ``SpecError`` if they are missing or changed."""
        path = folder / f"{self.id}.bin"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise SpecError(f"{path}: the bytes of the entry are missing") from None
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise SpecError(f"{path}: its sha256 is not that of the entry")
        return data

    @property
    def reader(self) -> Level:
        """The level of the decoder that reads the bytes."""
        return cast("Level", self.level)

    def is_known_on(self, target: str, engine: str) -> bool:
        """Return whether this version of this reader is known to fail."""
        known = bool(self.engines) and SpecifierSet(self.engines).contains(engine, prereleases=True)
        return self.target == target and known


@cache
def entries(folder: Path = FOLDER) -> Mapping[str, CorpusEntry]:
    """Return all entries by id; raise ``SpecError`` for invalid entries and unlisted files."""
    path = folder / "corpus.toml"
    found: dict[str, CorpusEntry] = {}
    for entry in parse_records(path, read_tables(path, "entry"), "entry", CorpusEntry):
        if entry.id in found:
            raise SpecError(f"{path}: duplicate entry {entry.id}")
        if entry.level not in LEVELS:
            raise SpecError(f"{path}: entry {entry.id}: level must be one of {', '.join(LEVELS)}")
        found[entry.id] = entry
    unlisted = {one.stem for one in folder.glob("*.bin")} - found.keys()
    if unlisted:
        raise SpecError(f"{path}: no entry for {', '.join(sorted(unlisted))}")
    return found


def add_entry(entry: CorpusEntry, data: bytes, folder: Path = FOLDER) -> None:
    """Write an entry; raise ``SpecError`` if its id or signature already exists."""
    existing = entries(folder) if (folder / "corpus.toml").is_file() else {}
    for one in existing.values():
        if one.id == entry.id or (one.signature, one.target) == (entry.signature, entry.target):
            raise SpecError(f"{folder}: {one.id} exists already: {one.signature}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{entry.id}.bin").write_bytes(data)
    text = _HEAD + "".join(map(_to_toml, [*existing.values(), entry]))
    (folder / "corpus.toml").write_text(text, encoding="utf-8")
    entries.cache_clear()


def _to_toml(entry: CorpusEntry) -> str:
    values: Iterable[tuple[str, object]] = (
        (one.name, getattr(entry, one.name)) for one in fields(entry)
    )
    # JSON's strings and lists of strings are TOML's.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=True)}" for name, value in values]
    return "\n".join(["\n[[entry]]", *lines, ""])
