"""The editions of modules: the hash of the source, and the version of the distribution.

This code travels to the nodes as text, in front of the decoder.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from conformance.preflight.compared import find_spec, is_compared, is_installed, shadows


def module_of(name: str) -> str:
    """Return the module in ``module.name``: the longest that is here, else all but the name."""
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        if find_spec(".".join(parts[:end])):
            return ".".join(parts[:end])
    return ".".join(parts[:-1])


def missing(modules: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return the modules that are not here; of a name ``module.name``, the topmost package."""
    tops = {name.partition(".")[0] for name in names}
    tops -= {name.partition(".")[0] for name in modules}
    return sorted(one for one in {*modules, *tops} if is_compared(one) and not find_spec(one))


def editions(
    modules: Iterable[str], specs: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """Return the edition of each module that is here: file, hash of its source, version.

    The version is that of its distribution. A namespace package has no edition. ``specs`` are of
    modules that this process may know by another file.
    """
    found = {}
    for name in sorted(set(modules)):
        spec = (specs or {}).get(name) or find_spec(name)
        if spec is None or (spec.origin is None and spec.submodule_search_locations is not None):
            continue
        file = str(spec.origin or "")
        is_source = file.endswith(".py") and os.path.isfile(file)
        distribution, version = _distribution(name.partition(".")[0])
        found[name] = {
            "file": file,
            "sha256": hashlib.sha256(Path(file).read_bytes()).hexdigest() if is_source else "",
            "distribution": distribution,
            "version": version,
            "installed": is_installed(file),
        }
    return found


def is_library(name: str) -> bool:
    """Return whether a module is of an installed distribution, whose version is enough."""
    spec = find_spec(name)
    return bool(
        spec and is_installed(str(spec.origin or "")) and _distribution(name.partition(".")[0])[1]
    )


@functools.cache
def _distribution(top: str) -> tuple[str, str]:
    """Return the distribution of a package, and its version; empty if it is of none.

    Python 3.10 knows the packages of a distribution only from a list that newer builders omit.
    """
    for name in (*_distributions().get(top, ()), top):
        try:
            return name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return "", ""


@functools.cache
def _distributions() -> Mapping[str, Sequence[str]]:
    return metadata.packages_distributions()


def editions_along(modules: Iterable[str], path: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the editions of modules as they are found along ``path``."""
    sys.path[:] = path
    _distributions.cache_clear()
    _distribution.cache_clear()
    return editions(modules, shadows(path))
