"""The refusals of released engines: class and text of each error, as each release raised them.

``golden/refusals/ENGINE.toml`` holds those of one release, with the writers that recorded them.
Nothing here imports an engine.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from conformance.golden.files import Files
from conformance.golden.store import REFUSALS, StoreError, root
from conformance.util.versions import minor_version

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SCHEMA = 1
"""The version of the files; increases when a field changes its meaning or is removed."""

PLACEHOLDERS: Mapping[str, str] = {
    "{python}": rf"(?<=Python ){sys.version_info.major}\.{sys.version_info.minor}(?!\.?\d)",
    "{session}": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "{traceback}": r"Traceback \(most recent call last\).*?(?=\\*\"\) \})",
}
"""What a stored text has in place of the running Python, a session's id, and the traceback of a
pickler, with the pattern that they replace."""

WriterKey = tuple[str, str]
"""A Python minor version and a cloudpickle version."""


def mask(text: str) -> str:
    """Return ``text`` with placeholders; a placeholder that it already contains is doubled."""
    for placeholder in PLACEHOLDERS:
        text = text.replace(placeholder, f"{{{placeholder}}}")
    for placeholder, pattern in PLACEHOLDERS.items():
        text = re.sub(pattern, placeholder, text, flags=re.DOTALL)
    return text


@dataclass(frozen=True)
class Refusal:
    """An error: its Python class, the engine's own class of errors, and its text.

    ``error`` is the module and the qualified name of the class, or ``""`` if the input was
    accepted. ``arguments`` is the number of the exception's arguments. ``chained`` is the
    exception that a traceback shows before this one: its class and text.
    """

    error: str
    kind: str = ""
    text: str = ""
    arguments: int = 1
    chained: str = ""

    def __str__(self) -> str:
        if not self.error:
            return "accepted"
        extra = f" with {self.arguments} arguments" if self.arguments != 1 else ""
        extra += f", after {self.chained}" if self.chained else ""
        return f"{self.error} ({self.kind or 'no class of the engine'}){extra}: {self.text}"


@dataclass(frozen=True)
class Entry:
    """One refusal in a file: the id and the routes that have it, and what was done.

    ``python``, ``cloudpickle`` and ``writers`` select writers; if all are empty, all have it.
    """

    id: str
    routes: tuple[str, ...]
    done: str
    refusal: Refusal
    python: tuple[str, ...] = ()
    cloudpickle: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()

    def selects(self, writer: WriterKey) -> bool:
        """Return whether this writer recorded the entry."""
        python, cloudpickle = writer
        return (
            (not self.python or python in self.python)
            and (not self.cloudpickle or cloudpickle in self.cloudpickle)
            and (not self.writers or " ".join(writer) in self.writers)
        )

    def rows(self) -> Iterator[str]:
        """Yield the ids of the rows: the entry's id and one route."""
        yield from (f"{self.id}/{route}" for route in self.routes)


@dataclass(frozen=True)
class Refusals:
    """The refusals of one engine release, and its writers by Python minor and cloudpickle."""

    engine: str
    writers: Mapping[WriterKey, Mapping[str, str]] = field(default_factory=dict)
    entries: Sequence[Entry] = ()

    def by_row(self, writer: WriterKey) -> dict[str, Refusal]:
        """Return what this writer recorded, by row."""
        chosen = [entry for entry in self.entries if entry.selects(writer)]
        return {row: entry.refusal for entry in chosen for row in entry.rows()}

    def recorded(self, row: str, writer: WriterKey) -> list[Refusal]:
        """Return the refusals of a row: that of this writer if it is known, else all."""
        return [
            entry.refusal
            for entry in self._entries_of.get(row, ())
            if writer not in self.writers or entry.selects(writer)
        ]

    @cached_property
    def _entries_of(self) -> Mapping[str, Sequence[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for row in entry.rows():
                found.setdefault(row, []).append(entry)
        return found


def parse(text: str, name: str) -> Refusals:
    """Parse the content of a file; raise ``StoreError``, which names the file."""
    try:
        document = tomllib.loads(text)
        if document.get("schema") != SCHEMA:
            found = document.get("schema")
            raise StoreError(f"{name}: schema {found!r}; this suite reads schema {SCHEMA}")
        writers = {
            (minor_version(writer["python"]), writer["cloudpickle"]): writer
            for writer in document["writer"]
        }
        entries = [_entry(table) for table in document["refusal"]]
        return Refusals(document["engine"], writers, entries)
    except StoreError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{name}: not a file of refusals: {error}") from error


def _entry(table: dict[str, Any]) -> Entry:
    rest = {"error": "", **table}
    place = (rest.pop("id"), tuple(rest.pop("routes")), rest.pop("done"))
    selected = [tuple(rest.pop(name, ())) for name in ("python", "cloudpickle", "writers")]
    return Entry(*place, Refusal(**rest), *selected)


def read(engine: str, folder: Path | None = None) -> Refusals:
    """Read the refusals of a release; raise ``StoreError`` if they cannot be read."""
    place = root() if folder is None else folder
    name = f"{REFUSALS}/{engine}.toml"
    try:
        text = Files(place).text(name)
    except OSError as error:
        raise StoreError(f"{place / name}: cannot be read: {error.strerror}") from error
    return parse(text, str(place / name))


def engines(folder: Path | None = None) -> list[str]:
    """Return the releases that have a file, oldest first."""
    files = Files(root() if folder is None else folder)
    found = re.findall(rf"^{REFUSALS}/(.+)\.toml$", "\n".join(files.names(REFUSALS)), re.MULTILINE)
    return sorted(found, key=Version)


RECORDED, UNRECORDED = "recorded_refusals", "unrecorded_refusals"
"""What a subject has if the store holds the refusals of its release, or those of an older one."""


@cache
def baseline(engine: str) -> Refusals | None:
    """Return the refusals of this release, else of the newest older one.

    A pre-release counts as its release. Return ``None`` for an engine that is older than every
    release in the store.
    """
    version = Version(Version(engine).base_version)
    older = [one for one in engines() if Version(one) <= version]
    return read(older[-1]) if older else None


def capability(name: str, versions: Mapping[str, str], python: str) -> str | None:
    """Return ``RECORDED``, ``UNRECORDED`` or, for a subject that is no released engine, ``None``.

    A release is recorded if a writer with this Python minor and cloudpickle recorded it.
    """
    engine = versions.get("engine", "")
    try:
        found = baseline(engine) if name == "datafusion" else None
    except (InvalidVersion, StoreError):
        return None  # the run ends with a message of its own
    if found is None:
        return None
    known = Version(found.engine) == Version(engine)
    writer = (minor_version(python), versions.get("cloudpickle", ""))
    return RECORDED if known and writer in found.writers else UNRECORDED
