"""The cells: which engine is judged with which cloudpickle, pyarrow and Python.

Reads ``matrix.toml``, the one table of versions. Imports no other room, so
that ``noxfile.py`` can load it with what nox itself brings.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag, parse_tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TABLE = Path(__file__).with_name("matrix.toml")
ENGINE = "datafusion"

GATE = "gate"
"""The tag of the cells that every change must pass."""

FULL = "full"
"""The tag of every cell."""

CLUSTERS = "clusters"
"""The tag of the cells that `nox -s clusters` judges."""

ALL_CLUSTERS = "clusters-full"
"""The tag of every cell with a cluster library; no other tag has them."""

WRITER = "writer"
"""The tag of the cells that write goldens; pyarrow makes no difference to them."""


class MatrixError(ValueError):
    """The table, or a candidate, is not what it must be; the text says what is wrong."""


@dataclass(frozen=True)
class Cluster:
    """A library that starts clusters, and the chapter of the spec that is judged there."""

    name: str
    package: str
    chapter: str

    @property
    def needs(self) -> str:
        """What must be installed, as clauses name it."""
        return Requirement(self.package).name


@dataclass(frozen=True)
class Cell:
    """One combination of versions.

    ``engine`` is what pip installs, ``version`` what must then be there, or
    empty where only the installation can tell. ``optional`` cells may lack
    their interpreter. ``foreign`` are the libraries of functions for this
    engine, ``strangers`` those for another, ``carriers`` the libraries that
    carry expressions to workers. Where there is a ``cluster``, its chapter
    alone is judged.
    """

    engine: str
    version: str
    cloudpickle: str
    python: str
    pyarrow: str
    tags: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    optional: bool = False
    foreign: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    cluster: Cluster | None = None
    carriers: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """What the plugin's ``--needs`` holds the cell to."""
        parts = {"foreign": self.foreign, "strangers": self.strangers}
        names = (Requirement(carrier).name for carrier in self.carriers)
        return (*(part for part, packages in parts.items() if packages), *names)

    @property
    def name(self) -> str:
        """The cell's name in nox, in CI and in the table."""
        engine = self.version if self.tags else "candidate"
        library = f"-{self.cluster.name}" if self.cluster else ""
        return f"{engine}-py{self.python}-cp{self.cloudpickle}-pa{self.pyarrow}{library}"

    @property
    def requirements(self) -> tuple[str, ...]:
        """What to install: the engine, and what stands beside it."""
        return (
            self.engine,
            f"cloudpickle=={self.cloudpickle}",
            f"pyarrow=={self.pyarrow}",
            *self.beside,
            *([self.cluster.package] if self.cluster else []),
        )

    @property
    def claim(self) -> Mapping[str, str]:
        """The versions that must be installed, as the plugin's ``--cell`` checks them."""
        claim = {
            "engine": self.version,
            "cloudpickle": self.cloudpickle,
            "python": self.python,
            "pyarrow": self.pyarrow,
        }
        return {name: version for name, version in claim.items() if version}


@dataclass(frozen=True)
class Python:
    """One Python and what works on it."""

    version: str
    cloudpickle: str
    pyarrow: tuple[str, str]
    beside_oldest: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Foreign:
    """A library of functions, and the engines that it is built for."""

    package: str
    engines: str


@dataclass(frozen=True)
class Carrier:
    """A library that carries expressions to workers, and the cloudpickles that it takes."""

    package: str
    cloudpickle: str


@dataclass(frozen=True)
class Matrix:
    """The table of versions, oldest first."""

    engines: tuple[str, ...]
    cloudpickles: tuple[str, ...]
    pythons: tuple[Python, ...]
    foreign: tuple[Foreign, ...]
    clusters: tuple[Cluster, ...]
    carriers: tuple[Carrier, ...]

    def cells(self, tag: str = FULL) -> tuple[Cell, ...]:
        """The cells that have ``tag``, each once."""
        if tag in (CLUSTERS, ALL_CLUSTERS):
            return tuple(cell for cell in self._clusters() if tag in cell.tags)
        found: dict[str, Cell] = {}
        for number, python in enumerate(self.pythons):
            # The oldest of everything, on another engine for each Python.
            edge = self.engines[number % len(self.engines)]
            found.update(self._one(edge, python, python.cloudpickle, oldest=True, tag=GATE))
            for engine in self.engines:
                found.update(self._one(engine, python, self.cloudpickles[-1], tag=GATE))
        if tag != GATE:
            for python in self.pythons:
                works = self.cloudpickles[self.cloudpickles.index(python.cloudpickle) :]
                for engine in self.engines:
                    full = [self._one(engine, python, version) for version in works]
                    full.append(self._one(engine, python, works[-1], oldest=True))
                    for one in full:
                        found = {**one, **found}
        found = {name: cell for name, cell in found.items() if tag in cell.tags}
        order = [self.engines, [python.version for python in self.pythons], self.cloudpickles]
        return tuple(
            sorted(
                found.values(),
                key=lambda cell: (
                    *map(_index, order, (cell.version, cell.python, cell.cloudpickle)),
                    Version(cell.pyarrow),
                ),
            )
        )

    def _clusters(self) -> Iterator[Cell]:
        """A cell for each cluster library, engine and Python.

        Judged are those on the newest Python that everybody has, and the
        newest engine's on the oldest.
        """
        everywhere = [python for python in self.pythons if not python.optional]
        edge = (everywhere[0], self.engines[-1])
        yield from (
            Cell(
                *(f"{ENGINE}=={engine}", engine, self.cloudpickles[-1]),
                *(python.version, python.pyarrow[-1]),
                tags=(
                    *([CLUSTERS] if python == everywhere[-1] or (python, engine) == edge else []),
                    ALL_CLUSTERS,
                ),
                optional=python.optional,
                cluster=cluster,
            )
            for cluster in self.clusters
            for engine in self.engines
            for python in self.pythons
        )

    def candidates(self, engine: str) -> tuple[Cell, ...]:
        """The cells that judge ``engine``: a requirement, or the path of a wheel or a source tree.

        Of a wheel, only the Pythons that can install it. Raises ``MatrixError``
        where ``engine`` is none of these, or fits no Python.
        """
        requirement, version, tags = _candidate(engine)
        cells = tuple(
            Cell(
                requirement,
                version,
                self.cloudpickles[-1],
                python.version,
                python.pyarrow[-1],
                optional=python.optional,
                foreign=self._foreign(version, fits=True),
                strangers=self._foreign(version, fits=False),
                carriers=self._carriers(self.cloudpickles[-1]),
            )
            for python in self.pythons
            if any(_fits(tag, python.version) for tag in tags)
        )
        if not cells:
            raise MatrixError(f"--engine {engine}: a wheel for none of the Pythons")
        return cells

    def _foreign(self, engine: str, *, fits: bool) -> tuple[str, ...]:
        """The libraries for this engine, or those for another; none where it is not known."""
        return tuple(
            one.package
            for one in self.foreign
            if engine and SpecifierSet(one.engines).contains(engine, prereleases=True) == fits
        )

    def _carriers(self, cloudpickle: str) -> tuple[str, ...]:
        return tuple(
            one.package for one in self.carriers if cloudpickle in SpecifierSet(one.cloudpickle)
        )

    def _one(
        self,
        engine: str,
        python: Python,
        cloudpickle: str,
        *,
        oldest: bool = False,
        tag: str = "",
    ) -> dict[str, Cell]:
        cell = Cell(
            f"{ENGINE}=={engine}",
            engine,
            cloudpickle,
            python.version,
            python.pyarrow[0 if oldest else -1],
            tags=(*filter(None, [tag]), *([] if oldest else [WRITER]), FULL),
            beside=python.beside_oldest if oldest else (),
            optional=python.optional,
            foreign=self._foreign(engine, fits=True),
            strangers=self._foreign(engine, fits=False),
            carriers=self._carriers(cloudpickle),
        )
        return {cell.name: cell}


def _index(order: Any, version: str) -> int:
    found: int = order.index(version)
    return found


def _fits(tag: Tag, python: str) -> bool:
    minor = tag.interpreter.removeprefix("cp3")
    if tag.interpreter == "py3":
        return True
    if not tag.interpreter.startswith("cp3") or not minor.isdecimal() or tag.abi.endswith("t"):
        return False
    wanted = Version(python).minor
    return int(minor) == wanted or (tag.abi == "abi3" and int(minor) < wanted)


def _candidate(engine: str) -> tuple[str, str, Iterable[Tag]]:
    """What to install, the version that must then be there, the tags of the wheel."""
    anywhere = parse_tag("py3-none-any")
    path = Path(engine)
    is_path = re.search(r"[/\\]", engine) and "://" not in engine
    if path.suffix == ".whl" or is_path or (engine and path.exists()):
        if not path.exists():
            raise MatrixError(f"--engine {engine}: there is no such file")
        if path.suffix != ".whl":
            return str(path.resolve()), "", anywhere
        try:
            name, version, _, tags = parse_wheel_filename(path.name)
        except InvalidWheelFilename as error:
            raise MatrixError(f"--engine {engine}: {error}") from None
        if name != ENGINE:
            raise MatrixError(f"--engine {engine}: a wheel of {name}, not of {ENGINE}")
        return str(path.resolve()), str(version), tags
    try:
        requirement = Requirement(engine)
    except InvalidRequirement:
        raise MatrixError(
            f"--engine {engine}: neither a file nor a requirement such as {ENGINE}==55.0.0"
        ) from None
    if requirement.name != ENGINE:
        raise MatrixError(f"--engine {engine}: a requirement of {requirement.name}, not {ENGINE}")
    pins = [pin.version for pin in requirement.specifier if pin.operator == "=="]
    return engine, pins[0] if len(pins) == 1 and "*" not in pins[0] else "", anywhere


def read(path: Path = TABLE) -> Matrix:
    """The matrix in ``path``.

    Raises ``MatrixError`` for a table that does not parse, a field that is
    missing, unknown or wrong, a version that is none, and versions out of order.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise MatrixError(f"{path}: {error}") from error
    wanted = {"engines", "cloudpickles", "python", "foreign", "cluster", "carrier"}
    if table.keys() != wanted:
        raise MatrixError(f"{path}: fields {sorted(table.keys() ^ wanted)} are missing, or unknown")
    matrix = Matrix(
        _versions(f"{path}: engines", table["engines"]),
        _versions(f"{path}: cloudpickles", table["cloudpickles"]),
        tuple(
            _python(f"{path}: python {number}", row)
            for number, row in enumerate(table["python"], 1)
        ),
        tuple(
            _foreign(f"{path}: foreign {number}", row)
            for number, row in enumerate(table["foreign"], 1)
        ),
        tuple(
            _cluster(f"{path}: cluster {number}", row)
            for number, row in enumerate(table["cluster"], 1)
        ),
        tuple(
            _carrier(f"{path}: carrier {number}", row)
            for number, row in enumerate(table["carrier"], 1)
        ),
    )
    _versions(f"{path}: python", [python.version for python in matrix.pythons])
    for python in matrix.pythons:
        if python.cloudpickle not in matrix.cloudpickles:
            raise MatrixError(
                f"{path}: python {python.version}: cloudpickle {python.cloudpickle} "
                "is not among cloudpickles"
            )
    return matrix


def _python(where: str, row: dict[str, Any]) -> Python:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    try:
        python = Python(**values)
    except TypeError as error:
        raise MatrixError(f"{where}: {error}") from None
    _versions(f"{where}: cloudpickle", [python.cloudpickle])
    if len(_versions(f"{where}: pyarrow", python.pyarrow)) != 2:
        raise MatrixError(f"{where}: pyarrow must be the oldest and the newest")
    return python


def _foreign(where: str, row: dict[str, Any]) -> Foreign:
    try:
        foreign = Foreign(**row)
        Requirement(foreign.package)
        SpecifierSet(foreign.engines)
    except (TypeError, InvalidRequirement, InvalidSpecifier) as error:
        raise MatrixError(f"{where}: {error}") from None
    return foreign


def _cluster(where: str, row: dict[str, Any]) -> Cluster:
    try:
        cluster = Cluster(**row)
        Requirement(cluster.package)
    except (TypeError, InvalidRequirement) as error:
        raise MatrixError(f"{where}: {error}") from None
    return cluster


def _carrier(where: str, row: dict[str, Any]) -> Carrier:
    try:
        carrier = Carrier(**row)
        Requirement(carrier.package)
        SpecifierSet(carrier.cloudpickle)
    except (TypeError, InvalidRequirement, InvalidSpecifier) as error:
        raise MatrixError(f"{where}: {error}") from None
    return carrier


def _versions(where: str, values: Any) -> tuple[str, ...]:
    try:
        known = [Version(value) for value in values]
    except (InvalidVersion, TypeError) as error:
        raise MatrixError(f"{where}: {error}") from None
    if not known or any(one >= following for one, following in pairwise(known)):
        raise MatrixError(f"{where}: must be versions, oldest first, each once")
    return tuple(values)
