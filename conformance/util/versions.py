"""Versions: those that are installed, and whether they are the ones that are claimed."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping


def installed(versions: Mapping[str, str]) -> dict[str, str]:
    """Return a subject's ``versions`` with this full Python version and platform."""
    return {
        **versions,
        "python": platform.python_version(),
        "platform": f"{sys.platform}-{platform.machine()}",
    }


def minor(python: str) -> str:
    """Return the minor version of a full Python version: ``3.12`` of ``3.12.1``."""
    return ".".join(python.split(".")[:2])


def mismatches(
    claims: Mapping[str, str], seen: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Yield the claims that ``seen`` does not meet.

    Each has the name, the required version and the installed version or ``none``.

    A claim may be less exact than what is there: ``3.12`` is met by ``3.12.1``.
    """
    for name, claimed in claims.items():
        version = seen.get(name, "none")
        if version != claimed and not version.startswith(f"{claimed}."):
            yield name, claimed, version
