"""The installed libraries of FFI functions for the engine."""

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
    """An adapter from ``udf`` and ``udaf`` of a capsule to ``FfiLibraries``."""

    def __init__(self, libraries: Sequence[Library]) -> None:
        self.libraries = libraries

    def functions(self, library: Library) -> Mapping[Udf, Any]:
        take: dict[str, Any] = {"scalar": udf, "aggregate": udaf}
        return {udf_: take[udf_.family](compile_udf(udf_, {})) for udf_ in library.udfs}


def find_libraries(*, fits: bool) -> EngineFfiLibraries | None:
    """Return the installed libraries whose requirements allow this engine.

    If ``fits`` is false, return those whose requirements do not allow it.
    """
    libraries = [library for library in LIBRARIES.values() if _fits(library) == fits]
    return EngineFfiLibraries(libraries) if libraries else None


def _fits(library: Library) -> bool | None:
    """Return whether a library allows this engine, ``None`` if it is not installed."""
    try:
        requirements = map(Requirement, metadata.requires(library.distribution) or ())
    except metadata.PackageNotFoundError:
        return None
    engine = metadata.version("datafusion")
    (allowed,) = (item.specifier for item in requirements if item.name == "datafusion")
    return allowed.contains(engine, prereleases=True)
