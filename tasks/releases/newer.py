"""Releases that the version table lacks, and the lines with which they enter it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from conformance.matrix import ENGINE, Matrix
from conformance.matrix.cell import Cluster, FfiLibraries, ParallelBackend, Python
from tasks.releases import pythons
from tasks.releases.index import Index, NotAskedError, UnresolvedError

Row = FfiLibraries | Cluster | ParallelBackend
"""A row of the table that pins one package."""

Kind = Literal[
    "engine", "cloudpickle", "pyarrow", "ffi_library", "cluster", "parallel_backend", "python"
]

PYTHON: Literal["python"] = "python"


@dataclass(frozen=True)
class Newer:
    """A release that the table lacks.

    ``known`` is the version of the table before it. ``line`` enters it into the table at
    ``place``, and ``matrix`` is the table with this line. ``why`` is why it cannot be judged.
    """

    kind: Kind
    package: str
    version: str
    known: str
    place: str
    line: str
    matrix: Matrix
    why: str = ""

    @property
    def name(self) -> str:
        """The package and the version."""
        return f"{'Python' if self.kind == PYTHON else self.package} {self.version}"


def packages(matrix: Matrix) -> list[str]:
    """Return what the table has versions of: the packages, and ``python``."""
    named = [ENGINE, "cloudpickle", "pyarrow"]
    named += [Requirement(row.package).name for row in _rows(matrix)]
    return list(dict.fromkeys([*named, PYTHON]))


def newest_known(package: str, matrix: Matrix, python: Python) -> str:
    """Return the newest version of ``package`` in the table, for this Python."""
    known = {
        ENGINE: matrix.engines[-1],
        "cloudpickle": matrix.cloudpickles[-1],
        "pyarrow": python.pyarrow[-1],
    }
    own = [_version(row) for row in _rows(matrix) if _same(Requirement(row.package).name, package)]
    return known[package] if package in known else str(max(own))


def find(package: str, matrix: Matrix, index: Index, *, pre: bool = False) -> Sequence[Newer]:
    """Return the releases of ``package`` that the table lacks, oldest first.

    With ``pre``, the newest pre-release alone, if no final release is newer than it. Raises
    ``NotAskedError``.
    """
    find_one: Mapping[str, Callable[[Matrix, Index], Iterator[Newer]]] = {
        "cloudpickle": _cloudpickles,
        "pyarrow": _pyarrows,
        PYTHON: _pythons,
    }
    if package == ENGINE:
        return [*_engines(matrix, index, pre)]
    if package in find_one:
        return [*find_one[package](matrix, index)]
    return [*_pinned(package, matrix, index)]


def merge(matrix: Matrix, found: Sequence[Newer]) -> Matrix:
    """Return the table with all newer engines and cloudpickles: a new Python may need them."""
    engines = {one for newer in found for one in newer.matrix.engines}
    cloudpickles = {one for newer in found for one in newer.matrix.cloudpickles}
    return replace(
        matrix,
        engines=tuple(sorted({*matrix.engines, *engines}, key=Version)),
        cloudpickles=tuple(sorted({*matrix.cloudpickles, *cloudpickles}, key=Version)),
    )


def _pythons_of(matrix: Matrix) -> list[str]:
    return [python.version for python in matrix.pythons]


def _engines(matrix: Matrix, index: Index, pre: bool) -> Iterator[Newer]:
    known = matrix.engines[-1:] if pre else matrix.engines
    found = index.lacking(ENGINE, known, _pythons_of(matrix), pre=pre)
    if pre:
        found = [one for one in found[-1:] if Version(one).is_prerelease]
    for version in found:
        engines, before = _inserted(matrix.engines, version)
        table = replace(matrix, engines=engines)
        yield Newer("engine", ENGINE, version, before, "in `engines`", f'"{version}",', table)


def _cloudpickles(matrix: Matrix, index: Index) -> Iterator[Newer]:
    for version in index.lacking("cloudpickle", matrix.cloudpickles, _pythons_of(matrix)):
        cloudpickles, before = _inserted(matrix.cloudpickles, version)
        table = replace(matrix, cloudpickles=cloudpickles)
        line = f'"{version}",'
        yield Newer("cloudpickle", "cloudpickle", version, before, "in `cloudpickles`", line, table)


def _inserted(known: Sequence[str], version: str) -> tuple[tuple[str, ...], str]:
    """Return the versions with ``version`` at its place, and the one before it."""
    found = tuple(sorted((*known, version), key=Version))
    return found, found[found.index(version) - 1]


def _pyarrows(matrix: Matrix, index: Index) -> Iterator[Newer]:
    """Yield each pyarrow that is the newest with a wheel for some of the Pythons."""
    by_version: dict[str, list[Python]] = {}
    for python in matrix.pythons:
        wanted = f"pyarrow>={python.pyarrow[-1]}"
        try:
            answer = index.resolve(wanted, python=python.version, wheels=True)
        except UnresolvedError as error:
            message = f"{wanted} of Python {python.version} was not found: {error}"
            raise NotAskedError(message) from None
        if Version(answer["pyarrow"]) > Version(python.pyarrow[-1]):
            by_version.setdefault(answer["pyarrow"], []).append(python)
    for version in sorted(by_version, key=Version):
        found = by_version[version]
        rows = {one: replace(one, pyarrow=(one.pyarrow[0], version)) for one in found}
        table = replace(matrix, pythons=tuple(rows.get(one, one) for one in matrix.pythons))
        place = f"in [[python]] {', '.join(one.version for one in found)}, in place of pyarrow"
        line = "\n".join(
            dict.fromkeys(f'pyarrow = ["{one.pyarrow[0]}", "{version}"]' for one in found)
        )
        yield Newer("pyarrow", "pyarrow", version, found[-1].pyarrow[-1], place, line, table)


def _pinned(package: str, matrix: Matrix, index: Index) -> Iterator[Newer]:
    """Yield the newer releases of a package that the table pins in one row or in several."""
    kinds: Mapping[Kind, str] = {
        "ffi_library": "ffi_libraries",
        "cluster": "clusters",
        "parallel_backend": "parallel_backends",
    }
    for kind, field in kinds.items():
        rows: Sequence[Row] = getattr(matrix, field)
        own = [row for row in rows if _same(Requirement(row.package).name, package)]
        if not own:
            continue
        row = max(own, key=_version)
        known = str(_version(row))
        for version in index.lacking(package, [known], _pythons_of(matrix)):
            if isinstance(row, FfiLibraries):
                yield _ffi_library(row, known, version, matrix, index)
                continue
            new = replace(row, package=f"{Requirement(row.package).name}=={version}")
            changed: dict[str, Any] = {field: tuple(new if one == row else one for one in rows)}
            table = replace(matrix, **changed)
            line = f'package = "{new.package}"'
            place = f"in [[{kind}]], in place of {row.package}"
            yield Newer(kind, package, version, known, place, line, table)


def _ffi_library(
    row: FfiLibraries, known: str, version: str, matrix: Matrix, index: Index
) -> Newer:
    """Return the newer release of a library, for the newest engine of the table that it takes."""
    name = Requirement(row.package).name
    new = f"{name}=={version}"
    limit = f"{ENGINE}<={matrix.engines[-1]}"
    try:
        found = index.resolve_anywhere(new, limit, pythons=_pythons_of(matrix), dependencies=True)
    except UnresolvedError as error:
        line = f'[[ffi_library]]\npackage = "{new}"\nengines = "..."'
        why = f"it is built for no engine of the table: {error}"
        return Newer("ffi_library", name, version, known, "at the end", line, matrix, why)
    major = Version(found[ENGINE]).major
    library = FfiLibraries(new, f">={major},<{major + 1}")
    rows = matrix.ffi_libraries
    if library.engines == row.engines:
        place, line = f"in [[ffi_library]], in place of {row.package}", f'package = "{new}"'
        table = replace(matrix, ffi_libraries=tuple(library if one == row else one for one in rows))
    else:
        place = "behind the last [[ffi_library]]"
        line = f'[[ffi_library]]\npackage = "{new}"\nengines = "{library.engines}"'
        table = replace(matrix, ffi_libraries=(*rows, library))
    return Newer("ffi_library", name, version, known, place, line, table)


def _pythons(matrix: Matrix, index: Index) -> Iterator[Newer]:
    for minor in pythons.newer(_pythons_of(matrix)):
        last = matrix.pythons[-1]
        new = replace(last, version=minor, cloudpickle=matrix.cloudpickles[-1], optional=True)
        why = ""
        try:
            ends = [
                index.resolve(
                    f"pyarrow>={last.pyarrow[0]}",
                    python=minor,
                    wheels=True,
                    options=["--resolution", order],
                )["pyarrow"]
                for order in ("lowest", "highest")
            ]
            new = replace(new, pyarrow=(ends[0], ends[1]))
        except UnresolvedError as error:
            why = f"pyarrow has no wheel for it: {error}"
        row = {
            "version": f'"{minor}"',
            "cloudpickle": f'"{new.cloudpickle}"',
            "pyarrow": "[{}]".format(", ".join(f'"{one}"' for one in new.pyarrow)),
            "optional": "true",
        }
        line = "\n".join(["[[python]]", *(f"{name} = {value}" for name, value in row.items())])
        table = replace(matrix, pythons=(*matrix.pythons, new))
        yield Newer(PYTHON, PYTHON, minor, last.version, "at the end", line, table, why)


def _rows(matrix: Matrix) -> Sequence[Row]:
    return (*matrix.ffi_libraries, *matrix.clusters, *matrix.parallel_backends)


def _version(row: Row) -> Version:
    (pin,) = Requirement(row.package).specifier
    return Version(pin.version)


def _same(one: str, other: str) -> bool:
    return canonicalize_name(one) == canonicalize_name(other)
