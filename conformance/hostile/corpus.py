"""Findings that are known: their bytes, minimised, with where they came from.

``corpus/ID.bin`` are the bytes, ``corpus/corpus.toml`` says of each what readers do with them.
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
from conformance.spec.toml import SpecError, document, records

FOLDER = Path(__file__).parent / "corpus"
_HEAD = """\
# Hostile bytes that some reader did not survive, each minimised; ID.bin beside this file.
# A run of `nox -s fuzz` takes these signatures for known on these engines, and the chapter
# HOSTILE judges every subject by the bytes. `python -m tasks.fuzz keep` adds an entry.
"""


@dataclass(frozen=True)
class CorpusEntry:
    """Hostile bytes: who reads them, and what was seen.

    ``signature`` is that of the run which found them; ``engines`` says which
    engines are known to do so (a version specifier, of ``wire`` for our own
    readers; empty where all are fixed). ``modes`` are the sessions that did it.
    ``also`` are signatures that the same bytes have on other engines.
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
        """Return the bytes; raises ``SpecError`` where they are not those that were kept."""
        path = folder / f"{self.id}.bin"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise SpecError(f"{path}: the bytes of the entry are missing") from None
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise SpecError(f"{path}: not the bytes of the entry")
        return data

    @property
    def reader(self) -> Level:
        """The level at which the bytes are read."""
        return cast("Level", self.level)

    def is_known_on(self, target: str, engine: str) -> bool:
        """Return whether this reader, in this version, is known to do so."""
        known = bool(self.engines) and SpecifierSet(self.engines).contains(engine, prereleases=True)
        return self.target == target and known


@cache
def entries(folder: Path = FOLDER) -> Mapping[str, CorpusEntry]:
    """All entries by id; raises ``SpecError`` for one that is wrong, and for strange files."""
    path = folder / "corpus.toml"
    found: dict[str, CorpusEntry] = {}
    for entry in records(path, document(path, "entry"), "entry", CorpusEntry):
        if entry.id in found:
            raise SpecError(f"{path}: duplicate entry {entry.id}")
        if entry.level not in LEVELS:
            raise SpecError(f"{path}: entry {entry.id}: level is none of {', '.join(LEVELS)}")
        found[entry.id] = entry
    strange = {one.stem for one in folder.glob("*.bin")} - found.keys()
    if strange:
        raise SpecError(f"{path}: no entry for {', '.join(sorted(strange))}")
    return found


def add_entry(entry: CorpusEntry, data: bytes, folder: Path = FOLDER) -> None:
    """Write an entry; raises ``SpecError`` where the id or the signature is there."""
    there = entries(folder) if (folder / "corpus.toml").is_file() else {}
    for one in there.values():
        if one.id == entry.id or (one.signature, one.target) == (entry.signature, entry.target):
            raise SpecError(f"{folder}: {one.id} is there: {one.signature}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{entry.id}.bin").write_bytes(data)
    text = _HEAD + "".join(map(_to_toml, [*there.values(), entry]))
    (folder / "corpus.toml").write_text(text, encoding="utf-8")
    entries.cache_clear()


def _to_toml(entry: CorpusEntry) -> str:
    values: Iterable[tuple[str, object]] = (
        (one.name, getattr(entry, one.name)) for one in fields(entry)
    )
    # JSON's strings and lists of strings are TOML's.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=True)}" for name, value in values]
    return "\n".join(["\n[[entry]]", *lines, ""])
