"""Cells, their tags, and the rows of the version table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.requirements import Requirement

ENGINE = "datafusion"

GATE = "gate"
"""The tag of the cells that every change must pass."""

FULL = "full"
"""The tag of every cell."""

CLUSTERS = "clusters"
"""The tag of the cells that `nox -s clusters` runs."""

ALL_CLUSTERS = "clusters-full"
"""The tag of every cell with a cluster library; no other tag has them."""

WRITER = "writer"
"""The tag of the cells that write goldens; pyarrow makes no difference to them."""


class MatrixError(ValueError):
    """The version table or a candidate is not valid; the text gives the reason."""


@dataclass(frozen=True)
class Cluster:
    """A library that starts clusters, and the chapter of the spec that runs on them.

    ``pythons`` is a specifier of the Pythons that it has wheels for.
    """

    name: str
    package: str
    chapter: str
    pythons: str

    @property
    def needs(self) -> str:
        """The name of the package, as clauses need it."""
        return Requirement(self.package).name


@dataclass(frozen=True)
class Cell:
    """One combination of versions.

    ``engine`` is the requirement that pip installs, ``version`` the version that results, or
    ``""`` if only the installation shows it. The interpreter of an ``optional`` cell may be
    missing. ``ffi_libraries`` are the libraries of functions for this engine,
    ``incompatible_libraries`` those for other engines, ``parallel_backends`` the libraries that
    send expressions to workers. A cell with a ``cluster`` runs only its chapter, any other all
    chapters but those in ``without``.
    """

    engine: str
    version: str
    cloudpickle: str
    python: str
    pyarrow: str
    tags: tuple[str, ...] = ()
    extra_requirements: tuple[str, ...] = ()
    optional: bool = False
    ffi_libraries: tuple[str, ...] = ()
    incompatible_libraries: tuple[str, ...] = ()
    cluster: Cluster | None = None
    parallel_backends: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the capabilities that the cell must have (``--needs``)."""
        capabilities = {
            "ffi_libraries": self.ffi_libraries,
            "incompatible_libraries": self.incompatible_libraries,
        }
        names = (Requirement(backend).name for backend in self.parallel_backends)
        return (*(name for name, packages in capabilities.items() if packages), *names)

    @property
    def name(self) -> str:
        """The cell's name in nox, in CI and in the table."""
        engine = self.version if self.tags else "candidate"
        library = f"-{self.cluster.name}" if self.cluster else ""
        return f"{engine}-py{self.python}-cp{self.cloudpickle}-pa{self.pyarrow}{library}"

    @property
    def requirements(self) -> tuple[str, ...]:
        """Return what to install: the engine, and the requirements beside it."""
        return (
            self.engine,
            f"cloudpickle=={self.cloudpickle}",
            f"pyarrow=={self.pyarrow}",
            *self.extra_requirements,
            *([self.cluster.package] if self.cluster else []),
        )

    @property
    def claim(self) -> Mapping[str, str]:
        """The versions that must be installed, as the plugin's ``--cell`` checks them."""
        claim = {
            "engine": self.version,
            "cloudpickle": self.cloudpickle,
            "python": self.python.removesuffix("t"),
            "pyarrow": self.pyarrow,
            "gil": "off" if self.python.endswith("t") else "",
        }
        return {name: version for name, version in claim.items() if version}


@dataclass(frozen=True)
class Python:
    """A Python minor, and the versions that work on it."""

    version: str
    cloudpickle: str
    pyarrow: tuple[str, str]
    oldest_extra_requirements: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class FreeThreaded:
    """A Python minor in its build without the GIL, such as ``3.14t``, and what to judge on it."""

    version: str
    pyarrow: str
    chapters: tuple[str, ...]


@dataclass(frozen=True)
class FfiLibraries:
    """A library of functions, and a specifier of the engines that it is built for."""

    package: str
    engines: str


@dataclass(frozen=True)
class ParallelBackend:
    """A library that sends expressions to workers, and a specifier of its cloudpickles."""

    package: str
    cloudpickle: str
