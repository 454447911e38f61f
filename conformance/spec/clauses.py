"""Clauses: numbered requirements with their sources, one promise each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from packaging.version import Version

from conformance.util.records import SpecError, parse_record, parse_records, read_tables

DATA = Path(__file__).parent / "data"
SNIPPETS = Path(__file__).parent / "snippets"
BASES = ("documented", "implied", "suite")
SEVERITIES = (
    "code-execution",
    "wrong-result",
    "data-loss",
    "hang",
    "crash",
    "interop",
    "diagnostics",
)
"""The damage to a user when a clause is broken, the worst first."""

COSTS: Mapping[str, str] = {
    "code-execution": "code from the bytes runs where it must not",
    "wrong-result": "a query returns a wrong result and no error",
    "data-loss": "a part of what was sent does not arrive",
    "hang": "a process waits without end",
    "crash": "a process ends or panics",
    "interop": "a peer cannot read what another wrote",
    "diagnostics": "an error does not say what is wrong or what to do",
}
"""What a user pays for a broken clause of each severity."""

PROFILES = ("wire", "engine-api")
INHERITED = ("since", "needs", "profile")
"""The fields that a clause inherits from its chapter, unless it has them itself."""


@dataclass(frozen=True)
class Chapter:
    """A group of clauses with a common prefix of their ids; it has the fields that they share."""

    id: str
    title: str
    introduction: str
    since: str = "54.0.0"
    needs: str = ""
    profile: str = "engine-api"


@dataclass(frozen=True)
class Clause:
    """One requirement.

    ``requirement`` is a sentence with MUST or SHOULD. ``basis`` is ``documented``, ``implied`` or
    ``suite``; ``source`` and ``link`` show where the engine makes the promise. ``severity`` is
    the damage when the clause is broken. ``profile`` is ``wire`` for the content of the bytes and
    the behaviour of any decoder, ``engine-api`` for the engine's own Python API. ``since`` is
    the first engine version that makes the promise. ``needs`` is a capability of the subject,
    such as ``plans``, or a package, such as ``joblib``, that its cases require.
    """

    id: str
    title: str
    requirement: str
    basis: str
    severity: str
    source: str
    since: str
    profile: str
    needs: str = ""
    link: str = ""
    rationale: str = ""

    @property
    def level(self) -> str:
        """``MUST`` or ``SHOULD``, as in the requirement."""
        return "MUST" if re.search(r"\bMUST\b", self.requirement) else "SHOULD"

    @property
    def chapter(self) -> str:
        """The part of the id before the number, such as ``STRICT``."""
        return self.id.rpartition("-")[0]

    @property
    def snippet(self) -> Path | None:
        """A script in plain datafusion that shows on one example whether the clause holds.

        It ends with 0 where it holds. Most clauses have none.
        """
        path = SNIPPETS / f"{self.id}.py"
        return path if path.is_file() else None

    def applies_to(self, engine: Version) -> bool:
        """Return whether ``engine`` makes this promise. A pre-release counts as its release."""
        return applies(self.since, engine)


@dataclass(frozen=True)
class Retired:
    """The id of a clause that no longer exists, and the clauses that replaced it."""

    id: str
    reason: str
    replaced_by: tuple[str, ...] = ()


def applies(since: str, engine: Version) -> bool:
    """Return whether ``engine`` is at least ``since``. A pre-release counts as its release."""
    return Version(engine.base_version) >= Version(since)


@cache
def read_clauses(folder: Path = DATA) -> Mapping[str, Clause]:
    """Read the clauses of all chapters by id, in the order of the files in ``folder``.

    Raises ``SpecError`` for a malformed record or a duplicate id.
    """
    found: dict[str, Clause] = {}
    for path, tables, chapter in documents(folder):
        shared = {name: getattr(chapter, name) for name in INHERITED}
        for clause in parse_records(path, tables, "clause", Clause, **shared):
            if clause.id in found:
                raise SpecError(f"{path}: duplicate clause {clause.id}")
            for problem in _problems(clause, chapter):
                raise SpecError(f"{path}: clause {clause.id}: {problem}")
            found[clause.id] = clause
    return found


@cache
def read_chapters(folder: Path = DATA) -> Mapping[str, Chapter]:
    """Read the chapters by id, in the order of the files in ``folder``."""
    return {chapter.id: chapter for _, _, chapter in documents(folder)}


@cache
def read_retired(folder: Path = DATA) -> Mapping[str, Retired]:
    """Read the retired ids in ``folder/retired.toml``."""
    path = folder / "retired.toml"
    tables = read_tables(path, "retired")
    return {entry.id: entry for entry in parse_records(path, tables, "retired", Retired)}


@cache
def documents(folder: Path) -> Sequence[tuple[Path, Mapping[str, Any], Chapter]]:
    """Return each chapter's file ``NUMBER-NAME.toml`` with its tables and its chapter."""
    found = []
    for path in sorted(folder.glob("[0-9]*.toml")):
        tables = read_tables(path, "chapter", "clause", "divergence")
        if not isinstance(tables.get("chapter"), dict):
            raise SpecError(f"{path}: the table [chapter] is missing")
        chapter = parse_record(f"{path}: chapter", tables["chapter"], Chapter)
        found.append((path, tables, chapter))
    return found


def _problems(clause: Clause, chapter: Chapter) -> Iterator[str]:
    if clause.chapter != chapter.id:
        yield f"expected an id of the chapter {chapter.id}"
    levels = set(re.findall(r"\b(MUST|SHOULD)\b", clause.requirement))
    if len(levels) != 1:
        yield "the requirement must contain either MUST or SHOULD"
    allowed = {"basis": BASES, "severity": SEVERITIES, "profile": PROFILES}
    for name, values in allowed.items():
        if (value := getattr(clause, name)) not in values:
            yield f"{name} {value!r}: expected one of {', '.join(values)}"
    for name in (field.name for field in fields(clause)):
        if name not in ("needs", "link", "rationale") and not getattr(clause, name).strip():
            yield f"the field {name!r} is empty"


CHAPTERS = read_chapters()
CLAUSES = read_clauses()
RETIRED = read_retired()
