"""Which modules are compared: not Python's own, not the engine's.

This code travels to the nodes as text, in front of the decoder.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Sequence
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder
from pathlib import Path
from typing import Any

OWN = frozenset(("datafusion", "cloudpickle", "__main__", "preflight_decoder"))
"""Packages whose editions are not compared: the engine promises its bytes across releases."""

SHADOWED: set[str] = set()
"""Names of Python's modules that are other modules for the driver; a node gets them from it."""


def find_spec(name: str) -> Any:
    """Return the specification of a module, or ``None`` if it is not here."""
    try:
        return importlib.util.find_spec(name)
    except (Exception, SystemExit):  # noqa: BLE001 - it imports the package, which may raise anything
        return None


def is_compared(module: str) -> bool:
    """Return whether the edition of a module matters; Python and the engine are judged apart."""
    top = module.partition(".")[0]
    return bool(top) and top not in OWN and (top in SHADOWED or not _is_pythons(top))


@functools.cache
def _is_pythons(top: str) -> bool:
    """Return whether a package is Python's own: by its name, and by where it is."""
    return top in sys.stdlib_module_names and _is_in_python(find_spec(top))


def _is_in_python(spec: Any) -> bool:
    """Return whether a module is in Python itself or in its folder, or nowhere."""
    if spec is None or spec.origin in (None, "built-in", "frozen"):
        return True
    file = Path(os.path.realpath(spec.origin))
    if "python{}{}.zip".format(*sys.version_info) in file.parts:
        return True
    folders = [os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")]
    inside = [file.relative_to(folder) for folder in folders if file.is_relative_to(folder)]
    return any(not is_installed(str(one)) for one in inside)


def shadows(path: Sequence[str]) -> dict[str, Any]:
    """Return the modules along ``path`` that come before Python's of the same name.

    The modules that this process has loaded hide none of them. Python finds what is built into it
    before it looks along a path.
    """
    names = [
        name
        for name in sys.stdlib_module_names
        if not BuiltinImporter.find_spec(name) and not FrozenImporter.find_spec(name)
    ]
    found = {name: PathFinder.find_spec(name, path) for name in names}
    return {name: spec for name, spec in found.items() if not _is_in_python(spec)}


def is_installed(file: str) -> bool:
    """Return whether a file is in a folder of installed packages."""
    return bool({"site-packages", "dist-packages"} & {*Path(file).parts})
