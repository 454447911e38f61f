"""Known findings: their minimised bytes and their origin.

``corpus.toml`` holds the bytes, in base64, and what readers do with them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import cast

from packaging.specifiers import SpecifierSet

from conformance.hostile.seeds import LEVELS, Level
from conformance.util import atomic
from conformance.util.records import SpecError, parse_records, read_tables

CORPUS = Path(__file__).with_name("corpus.toml")
_HEAD = """\
# Hostile bytes that crashed, hung or broke a reader, minimised.
# `nox -s fuzz` treats these signatures as known on these engines, and the chapter HOSTILE
# runs every subject on the bytes. `python -m tasks.fuzz keep` adds an entry.
"""


@dataclass(frozen=True)
class CorpusEntry:
    """Hostile bytes, in ``base64``: their reader and the outcome.

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
    base64: str
    origin: str
    target: str = "datafusion"
    also: tuple[str, ...] = ()

    @property
    def data(self) -> bytes:
        """The bytes; raises ``SpecError`` if they are not those that were kept."""
        try:
            data = base64.b64decode(self.base64)
        except binascii.Error as error:
            raise SpecError(f"entry {self.id}: {error}") from None
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise SpecError(f"entry {self.id}: the bytes do not have the sha256 {self.sha256}")
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
def entries(path: Path = CORPUS) -> Mapping[str, CorpusEntry]:
    """Return all entries by id; raise ``SpecError`` for invalid entries."""
    found: dict[str, CorpusEntry] = {}
    for entry in parse_records(path, read_tables(path, "entry"), "entry", CorpusEntry):
        if entry.id in found:
            raise SpecError(f"{path}: duplicate entry {entry.id}")
        if entry.level not in LEVELS:
            raise SpecError(f"{path}: entry {entry.id}: level must be one of {', '.join(LEVELS)}")
        found[entry.id] = entry
    return found


def add_entry(entry: CorpusEntry, path: Path = CORPUS) -> None:
    """Write an entry; raise ``SpecError`` if its id or signature exists or its bytes changed."""
    existing = entries(path) if path.is_file() else {}
    for one in existing.values():
        if one.id == entry.id or (one.signature, one.target) == (entry.signature, entry.target):
            raise SpecError(f"{path}: {one.id} exists already: {one.signature}")
    text = _HEAD + "".join(map(_to_toml, [*existing.values(), entry]))
    atomic.write(path, text.encode())
    entries.cache_clear()


def _to_toml(entry: CorpusEntry) -> str:
    # JSON's strings and lists of strings are TOML's.
    values = {name: json.dumps(value) for name, value in asdict(entry).items()}
    lines = base64.encodebytes(entry.data).decode()
    values["base64"] = f'"""\n{lines}"""'
    return "\n[[entry]]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())
