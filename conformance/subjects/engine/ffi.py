"""Libraries of functions that are installed beside the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

from datafusion.user_defined import udaf, udf
from packaging.requirements import Requirement

from conformance.catalogue.ffi import LIBRARIES, Library
from conformance.catalogue.nodes import Udf
from conformance.catalogue.source import compile_udf


class EngineFfiLibraries:
    """``udf`` and ``udaf`` of a capsule behind the ``FfiLibraries`` interface."""

    def __init__(self, libraries: Sequence[Library]) -> None:
        self.libraries = libraries

    def functions(self, library: Library) -> Mapping[Udf, Any]:
        take: dict[str, Any] = {"scalar": udf, "aggregate": udaf}
        return {one: take[one.family](compile_udf(one, {})) for one in library.udfs}


def find_libraries(*, fits: bool) -> EngineFfiLibraries | None:
    """Return the libraries that say that they are for this engine.

    Or return the libraries that say that they are for another.
    """
    libraries = [one for one in LIBRARIES.values() if _fits(one) == fits]
    return EngineFfiLibraries(libraries) if libraries else None


def _fits(library: Library) -> bool | None:
    """Return whether a library is for this engine, ``None`` where it is not installed."""
    try:
        asked = map(Requirement, metadata.requires(library.distribution) or ())
    except metadata.PackageNotFoundError:
        return None
    engine = metadata.version("datafusion")
    (wanted,) = (one.specifier for one in asked if one.name == "datafusion")
    return wanted.contains(engine, prereleases=True)
