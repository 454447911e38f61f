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
        distribution, version = _distribution(name.partition(".")[0], file)
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
    file = str(spec.origin or "") if spec else ""
    return is_installed(file) and bool(_distribution(name.partition(".")[0], file)[1])


@functools.cache
def _distribution(top: str, file: str) -> tuple[str, str]:
    """Return the distribution of a module, and its version; empty if it is of none.

    Several distributions may share a package: their lists of files show whose the file is. If an
    installed file is on no list, all of them count.
    """
    names = sorted({*_distributions().get(top, ())})
    if len(names) < 2 and not _is_shared(top):
        # Python 3.10 knows packages only from a list that newer builders omit.
        return next(filter(None, map(_of_name, [*names, top])), ("", ""))
    for root, name, version, files in _lists_of_files():
        if file and f"\n{os.path.relpath(file, root)}," in files:
            return name, version
    known = [one for one in map(_of_name, names) if one] if is_installed(file) else []
    return ", ".join(name for name, _ in known), ", ".join(version for _, version in known)


def _of_name(name: str) -> tuple[str, str] | None:
    try:
        return name, metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _is_shared(top: str) -> bool:
    """Return whether a package is a namespace, to which each distribution adds modules."""
    spec = find_spec(top)
    return spec is not None and spec.origin is None


@functools.cache
def _lists_of_files() -> list[tuple[str, str, str, str]]:
    """Return for each distribution: the folder, the name, the version, the list of its files."""
    return [
        (str(one.locate_file("")), one.metadata["Name"], one.version, f"\n{files}")
        for one in metadata.distributions()
        if (files := one.read_text("RECORD"))
    ]


@functools.cache
def _distributions() -> Mapping[str, Sequence[str]]:
    return metadata.packages_distributions()


def editions_along(modules: Iterable[str], path: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the editions of modules as they are found along ``path``."""
    sys.path[:] = path
    _distributions.cache_clear()
    _distribution.cache_clear()
    _lists_of_files.cache_clear()
    return editions(modules, shadows(path))
