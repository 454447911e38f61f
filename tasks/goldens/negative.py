"""Update the negative vectors in the store with what the builders make, and compare the two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.golden import negative
from conformance.golden.negative import FILE, built, differences
from conformance.golden.store import StoreError
from conformance.util import atomic

NAME = FILE.removesuffix(".json")
"""What ``--replace`` names to change or remove vectors that the store holds."""

_NEW = ": not in the file"


@dataclass(frozen=True)
class NegativeUpdate:
    """The new content of the file, and messages: what was added, and what is refused."""

    content: bytes
    added: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def plan_update(folder: Path, *, replace: bool = False) -> NegativeUpdate:
    """Return the update of the vectors under ``folder``; raise ``StoreError`` for a broken file.

    New vectors are added. A changed vector, and one that no builder makes any longer, are refused
    unless ``replace``: their ids are names that others rely on.
    """
    made = built()
    content = negative.text(made).encode()
    if not (folder / FILE).exists():
        return NegativeUpdate(content, (f"{FILE}: {len(made.vectors)} vectors",))
    lines = [f"{NAME}: {line}" for line in differences(negative.read(folder), made)]
    kept = [line for line in lines if not (replace or line.endswith(_NEW))]
    added = tuple(line for line in lines if line not in kept)
    if not lines and (folder / FILE).read_bytes() != content:
        added = (f"{FILE}: another form",)
    return NegativeUpdate(content, added, tuple(kept))


def apply(folder: Path, change: NegativeUpdate) -> None:
    """Write the file if it changes; raise ``StoreError`` if it cannot be written."""
    if not change.added:
        return
    path = folder / FILE
    try:
        path.parent.mkdir(exist_ok=True)
        atomic.write(path, change.content)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}") from error


def compare(folder: Path) -> Iterator[str]:
    """Yield how the file differs from what the builders make, or why it cannot be read."""
    try:
        lines = [*differences(negative.read(folder), built())]
    except StoreError as error:
        yield str(error)
        return
    yield from (f"{NAME}: {line}" for line in lines)
    if not lines and (folder / FILE).read_bytes() != negative.text(built()).encode():
        yield f"{FILE}: another form than the builders give it"
