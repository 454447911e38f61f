"""Read the table of the engine's entry points: the ways to use them, and those out of scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from packaging.version import Version

from conformance.subjects.surface import Kind
from conformance.util.records import SpecError, read_tables

FOLDER = Path(__file__).parent
_WAY = frozenset(
    (
        *("at", "code", "since", "calls", "gives", "artifact", "layer"),
        *("name", "volatility", "inputs", "returns", "states"),
    )
)
_GROUP = frozenset(("group", "family", "rows", "ways"))
Scope = Literal["outside", "builtin"]
SCOPES: Mapping[Scope, frozenset[str]] = {
    "outside": frozenset(("reason", "names", "since", "until")),
    "builtin": frozenset(("group", "names", "since")),
}


@dataclass(frozen=True)
class Row:
    """A way in the table: the entry points that it uses, its kind, its code and its fields."""

    points: tuple[str, ...]
    kind: Kind
    group: str
    family: str
    rows: bool
    code: str
    since: str
    fields: Mapping[str, Any]

    def is_in(self, version: str) -> bool:
        """Return whether the engine of this version has the entry points."""
        return Version(version) >= Version(self.since)


@dataclass(frozen=True)
class Names:
    """Entry points that are listed by name: built-in functions, or those out of scope.

    ``detail`` is the reason for which they are out of scope, or the group of a built-in function.
    """

    scope: Scope
    detail: str
    points: tuple[str, ...]
    since: str
    until: str

    def is_in(self, version: str) -> bool:
        """Return whether the list is for the engine of this version: before ``until``, if any."""
        return Version(self.since) <= Version(version) < Version(self.until or "1!0")


@cache
def read_ways() -> Sequence[Row]:
    """Return the ways of ``ways-*.toml``. Raises ``SpecError`` for an unknown field."""
    return [row for path in sorted(FOLDER.glob("ways-*.toml")) for row in parse_ways(path)]


@cache
def read_names() -> Sequence[Names]:
    """Return the lists of ``names.toml``. Raises ``SpecError`` for an unknown field."""
    return list(parse_names(FOLDER / "names.toml"))


def known_points(version: str) -> Mapping[str, int]:
    """Return how often the table lists each entry point of this version."""
    counts: dict[str, int] = {}
    rows: Sequence[Row | Names] = (*read_ways(), *read_names())
    for row in rows:
        for point in row.points if row.is_in(version) else ():
            counts[point] = counts.get(point, 0) + 1
    return counts


def parse_ways(path: Path) -> Iterator[Row]:
    """Yield the ways of a file. Raises ``SpecError`` for an unknown table or field."""
    kinds = get_args(Kind)
    for kind, groups in read_tables(path, *kinds).items():
        for group in groups:
            _check(path, kind, group, _GROUP)
            for way in group["ways"]:
                _check(path, kind, way, _WAY)
                rest = {key: way[key] for key in way.keys() - {"at", "code", "since"}}
                at = way.get("at", ())
                yield Row(
                    (at,) if isinstance(at, str) else tuple(at),
                    kind,  # type: ignore[arg-type]
                    group["group"],
                    group.get("family", "scalar"),
                    group.get("rows", False),
                    way["code"],
                    way.get("since", "54.0.0"),
                    rest,
                )


def parse_names(path: Path) -> Iterator[Names]:
    """Yield the lists of a file. Raises ``SpecError`` for an unknown table or field."""
    for scope, fields in SCOPES.items():
        for table in read_tables(path, *SCOPES).get(scope, ()):
            _check(path, scope, table, fields)
            points = tuple(
                f"{owner}.{name}".lstrip(".")
                for owner, names in table["names"].items()
                for name in names
            )
            detail = table["reason" if scope == "outside" else "group"]
            since, until = table.get("since", "54.0.0"), table.get("until", "")
            yield Names(scope, detail, points, since, until)


def _check(path: Path, key: str, table: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := table.keys() - known:
        raise SpecError(f"{path}: {key}: unknown field {sorted(unknown)[0]!r}")
