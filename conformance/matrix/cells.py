"""The matrix: make cells from the version table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from conformance.matrix.candidate import fits, parse_candidate
from conformance.matrix.cell import (
    ALL_CLUSTERS,
    CLUSTERS,
    ENGINE,
    FULL,
    GATE,
    WRITER,
    Cell,
    Cluster,
    FfiLibraries,
    FreeThreaded,
    MatrixError,
    ParallelBackend,
    Python,
)
from conformance.spec.clauses import CHAPTERS


@dataclass(frozen=True)
class Matrix:
    """The version table, oldest versions first."""

    engines: tuple[str, ...]
    cloudpickles: tuple[str, ...]
    pythons: tuple[Python, ...]
    ffi_libraries: tuple[FfiLibraries, ...]
    clusters: tuple[Cluster, ...]
    parallel_backends: tuple[ParallelBackend, ...]
    free_threaded: tuple[FreeThreaded, ...]
    chapters_on_engine: tuple[str, ...]
    """The chapters that depend on the engine alone: the newest Python judges them."""
    chapters_on_engine_or_python: tuple[str, ...]
    """The chapters that depend on one of both: each engine and each Python judges them once."""
    chapters_on_engine_and_python: tuple[str, ...]
    """The chapters that depend on nothing else: the oldest and the newest Python judge them."""

    def cells(self, tag: str = FULL) -> tuple[Cell, ...]:
        """Return the cells that have ``tag``, each once."""
        if tag in (CLUSTERS, ALL_CLUSTERS):
            return tuple(cell for cell in self._cluster_cells() if tag in cell.tags)
        found: dict[str, Cell] = {}
        for number, python in enumerate(self.pythons):
            # The oldest versions of all libraries; the engine changes from Python to Python.
            edge = self.engines[number % len(self.engines)]
            found.update(self._cell(edge, python, python.cloudpickle, oldest=True, tag=GATE))
            for engine in self.engines:
                found.update(self._cell(engine, python, self.cloudpickles[-1], tag=GATE))
        if tag != GATE:
            for python in self.pythons:
                works = self.cloudpickles[self.cloudpickles.index(python.cloudpickle) :]
                for engine in self.engines:
                    full = [self._cell(engine, python, version) for version in works]
                    full.append(self._cell(engine, python, works[-1], oldest=True))
                    for one in full:
                        found = {**one, **found}
        found = {name: cell for name, cell in found.items() if tag in cell.tags}
        order = [self.engines, [python.version for python in self.pythons], self.cloudpickles]
        in_order = sorted(
            found.values(),
            key=lambda cell: (
                *map(_position, order, (cell.version, cell.python, cell.cloudpickle)),
                Version(cell.pyarrow),
            ),
        )
        return (*in_order, *(self._free_threaded_cells() if tag in (GATE, FULL) else ()))

    def _free_threaded_cells(self) -> Iterator[Cell]:
        """Yield a cell for each engine and build without the GIL, with the newest libraries."""
        for one in self.free_threaded:
            for engine in self.engines:
                yield Cell(
                    f"{ENGINE}=={engine}",
                    engine,
                    self.cloudpickles[-1],
                    one.version,
                    one.pyarrow,
                    tags=(GATE, FULL),
                    optional=True,
                    without=tuple(chapter for chapter in CHAPTERS if chapter not in one.chapters),
                )

    def _cluster_cells(self) -> Iterator[Cell]:
        """Yield a cell for each cluster library, engine and Python that the library has wheels for.

        The tag ``clusters`` has those on the newest non-optional Python, and the newest engine
        on the oldest Python.
        """
        for cluster in self.clusters:
            pythons = [one for one in self.pythons if one.version in _specifiers(cluster.pythons)]
            everywhere = [python for python in pythons if not python.optional]
            edge = (everywhere[0], self.engines[-1])
            yield from (
                Cell(
                    *(f"{ENGINE}=={engine}", engine, self.cloudpickles[-1]),
                    *(python.version, python.pyarrow[-1]),
                    tags=(
                        *(
                            [CLUSTERS]
                            if python == everywhere[-1] or (python, engine) == edge
                            else []
                        ),
                        ALL_CLUSTERS,
                    ),
                    optional=python.optional,
                    cluster=cluster,
                )
                for engine in self.engines
                for python in pythons
            )

    def candidates(self, engine: str) -> tuple[Cell, ...]:
        """Return the cells for a candidate ``engine``, one per Python.

        ``engine`` is a requirement, or the path of a wheel or a source tree. A wheel gets only
        the Pythons that can install it. Raises ``MatrixError`` if ``engine`` is not valid, or
        no Python can install it.
        """
        requirement, version, tags = parse_candidate(engine)
        cells = tuple(
            Cell(
                requirement,
                version,
                self.cloudpickles[-1],
                python.version,
                python.pyarrow[-1],
                optional=python.optional,
                ffi_libraries=self._libraries(version, fits=True),
                incompatible_libraries=self._libraries(version, fits=False),
                parallel_backends=self._parallel_backends(self.cloudpickles[-1]),
            )
            for python in self.pythons
            if any(fits(tag, python.version) for tag in tags)
        )
        if not cells:
            raise MatrixError(
                f"--engine {engine}: expected a wheel for one of the Pythons, found none"
            )
        return cells

    def _left_out(
        self, engine: str, python: Python, cloudpickle: str, oldest: bool
    ) -> tuple[str, ...]:
        """Return the chapters that other cells judge as well."""
        everywhere = [one for one in self.pythons if not one.optional]
        once, either = self.chapters_on_engine, self.chapters_on_engine_or_python
        if oldest or cloudpickle != self.cloudpickles[-1]:
            return (*once, *either, *self.chapters_on_engine_and_python)
        if python == everywhere[-1]:
            return ()
        at_ends = () if python == everywhere[0] else self.chapters_on_engine_and_python
        return (*once, *([] if engine == self.engines[-1] else either), *at_ends)

    def _libraries(self, engine: str, *, fits: bool) -> tuple[str, ...]:
        """Return the libraries that fit this engine, or that do not; none for an unknown engine."""
        return tuple(
            one.package
            for one in self.ffi_libraries
            if engine and _specifiers(one.engines).contains(engine, prereleases=True) == fits
        )

    def _parallel_backends(self, cloudpickle: str) -> tuple[str, ...]:
        return tuple(
            one.package
            for one in self.parallel_backends
            if cloudpickle in _specifiers(one.cloudpickle)
        )

    def _cell(
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
            extra_requirements=python.oldest_extra_requirements if oldest else (),
            optional=python.optional,
            ffi_libraries=self._libraries(engine, fits=True),
            incompatible_libraries=self._libraries(engine, fits=False),
            parallel_backends=self._parallel_backends(cloudpickle),
            without=self._left_out(engine, python, cloudpickle, oldest),
        )
        return {cell.name: cell}


def _position(order: Any, version: str) -> int:
    found: int = order.index(version)
    return found


@cache
def _specifiers(text: str) -> SpecifierSet:
    """Return a limit of the table; thousands of cells ask for the same few."""
    return SpecifierSet(text)
