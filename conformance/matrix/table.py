"""Read ``versions.toml``, the version table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from conformance.matrix.cell import (
    Cluster,
    FfiLibraries,
    FreeThreaded,
    MatrixError,
    ParallelBackend,
    Python,
)
from conformance.matrix.cells import Matrix
from conformance.spec.clauses import CHAPTERS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")

TABLE = Path(__file__).with_name("versions.toml")


def read(path: Path = TABLE) -> Matrix:
    """Return the matrix in ``path``.

    Raises ``MatrixError`` for invalid TOML, missing, unknown or wrong fields, invalid versions,
    and versions out of order.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise MatrixError(f"{path}: {error}") from error
    wanted = {"engines", "cloudpickles", "python", "chapters", "free_threaded"}
    wanted |= {"ffi_library", "cluster", "parallel_backend"}
    if table.keys() != wanted:
        raise MatrixError(f"{path}: fields {sorted(table.keys() ^ wanted)} are missing, or unknown")

    def rows(name: str, make: Callable[[str, dict[str, Any]], T]) -> tuple[T, ...]:
        return tuple(make(f"{path}: {name} {n}", row) for n, row in enumerate(table[name], 1))

    matrix = Matrix(
        _parse_versions(f"{path}: engines", table["engines"]),
        _parse_versions(f"{path}: cloudpickles", table["cloudpickles"]),
        rows("python", _parse_python),
        rows("ffi_library", partial(_parse_library, FfiLibraries, "engines")),
        rows("cluster", partial(_parse_library, Cluster, "pythons")),
        rows("parallel_backend", partial(_parse_library, ParallelBackend, "cloudpickle")),
        rows("free_threaded", _parse_free_threaded),
        *_parse_chapters(f"{path}: chapters", table["chapters"]),
    )
    _parse_versions(f"{path}: python", [python.version for python in matrix.pythons])
    for python in matrix.pythons:
        if python.cloudpickle not in matrix.cloudpickles:
            raise MatrixError(
                f"{path}: python {python.version}: cloudpickle {python.cloudpickle} "
                "is not among cloudpickles"
            )
    return matrix


def _parse_chapters(where: str, row: dict[str, list[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the chapters of each group, in the order of the fields of ``Matrix``."""
    wanted = ("on_engine", "on_engine_or_python", "on_engine_and_python")
    if {*row} != {*wanted}:
        raise MatrixError(f"{where}: expected {', '.join(wanted)}, found {', '.join(row)}")
    for name in wanted:
        yield _known_chapters(f"{where}: {name}", row[name])


def _known_chapters(where: str, names: Iterable[str]) -> tuple[str, ...]:
    if strange := [one for one in names if one not in CHAPTERS]:
        raise MatrixError(f"{where}: there is no chapter {strange[0]!r}")
    return tuple(names)


def _parse_free_threaded(where: str, row: dict[str, Any]) -> FreeThreaded:
    try:
        found = FreeThreaded(**row)
    except TypeError as error:
        raise MatrixError(f"{where}: {error}") from None
    if not found.version.endswith("t"):
        raise MatrixError(f"{where}: version: expected a name such as 3.14t, found {found.version}")
    _parse_versions(f"{where}: version", [found.version.removesuffix("t")])
    return replace(found, chapters=_known_chapters(f"{where}: chapters", found.chapters))


def _parse_python(where: str, row: dict[str, Any]) -> Python:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    try:
        python = Python(**values)
    except TypeError as error:
        raise MatrixError(f"{where}: {error}") from None
    _parse_versions(f"{where}: cloudpickle", [python.cloudpickle])
    if len(_parse_versions(f"{where}: pyarrow", python.pyarrow)) != 2:
        raise MatrixError(f"{where}: pyarrow: expected two versions, the oldest and the newest")
    return python


def _parse_library(kind: Callable[..., T], limit: str, where: str, row: dict[str, Any]) -> T:
    """Parse the row of a library; ``limit`` names its specifier field."""
    try:
        library = kind(**row)
        Requirement(row["package"])
        SpecifierSet(row[limit])
    except (TypeError, InvalidRequirement, InvalidSpecifier) as error:
        raise MatrixError(f"{where}: {error}") from None
    return library


def _parse_versions(where: str, values: Any) -> tuple[str, ...]:
    try:
        known = [Version(value) for value in values]
    except (InvalidVersion, TypeError) as error:
        raise MatrixError(f"{where}: {error}") from None
    if not known or any(one >= following for one, following in pairwise(known)):
        raise MatrixError(f"{where}: expected distinct versions, oldest first")
    return tuple(values)
