"""Compare installed versions with the versions that a cell requires."""

from __future__ import annotations

import platform
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.version import Version


def with_platform(versions: Mapping[str, str]) -> dict[str, str]:
    """Return ``versions`` of a subject together with this Python version and platform."""
    return {
        **versions,
        "python": platform.python_version(),
        "platform": f"{sys.platform}-{platform.machine()}",
    }


def is_free_threaded() -> bool:
    """Return whether this Python is built to run without the GIL, whether it is off or on."""
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


@cache
def minor_version(python: str) -> str:
    """Return the minor version of a full Python version: ``3.12`` for ``3.12.1``."""
    return ".".join(python.split(".")[:2])


def is_release(version: Version) -> bool:
    """Return whether a version is a release: no pre- or post-release, and no local build."""
    return str(version) == version.base_version


def mismatches(
    required: Mapping[str, str], installed: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Yield each name with its required and its installed version, if the two do not match.

    The installed version is ``none`` for a missing package. A required version may be less
    exact: ``3.12.1`` matches ``3.12``.
    """
    for name, version in required.items():
        found = installed.get(name, "none")
        if found != version and not found.startswith(f"{version}."):
            yield name, version, found
