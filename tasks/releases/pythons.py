"""Interpreters: those that are installed, and the minors that uv knows to be released."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from packaging.version import Version

from tasks.releases.index import NotAskedError, run_uv, shorten


def installed() -> Mapping[str, str]:
    """Return the path of an interpreter for each installed Python minor.

    Of several, it is the first that uv finds: its own ones, then those on ``PATH``.
    """
    found: dict[str, str] = {}
    for row in _listed("--only-installed"):
        if _is_plain(row) and row["path"]:
            found.setdefault(_minor(row), row["path"])
    return found


def released() -> list[str]:
    """Return the released Python minors that uv can install, oldest first.

    uv brings this list along: it is as new as uv itself. Raises ``NotAskedError``.
    """
    minors = {_minor(row) for row in _listed("--only-downloads") if _is_plain(row)}
    return sorted(minors, key=Version)


def newer(known: list[str]) -> list[str]:
    """Return the released minors above the newest ``known`` one.

    Raises ``NotAskedError`` also if the list of uv ends before it: then uv is too old to say.
    """
    found = released()
    newest = max(known, key=Version)
    if newest not in found:
        last = found[-1] if found else "none"
        raise NotAskedError(
            f"the installed uv knows no Python {newest}, which the version table has (the newest "
            f"that it knows: {last}); update uv"
        )
    return [minor for minor in found if Version(minor) > Version(newest)]


def _listed(which: str) -> list[dict[str, Any]]:
    done = run_uv("python", "list", which, "--output-format", "json", "cpython")
    try:
        rows: list[dict[str, Any]] = json.loads(done.stdout or "null")
        if done.returncode or not isinstance(rows, list):
            raise ValueError(done.stderr)
    except ValueError:
        raise NotAskedError(f"uv lists no Pythons: {shorten(done.stderr)}") from None
    return rows


def _is_plain(row: Mapping[str, Any]) -> bool:
    """Return whether this is a final release of CPython with the GIL."""
    plain = row["implementation"] == "cpython" and row["variant"] == "default"
    return plain and not Version(row["version"]).is_prerelease


def _minor(row: Mapping[str, Any]) -> str:
    return "{major}.{minor}".format(**row["version_parts"])
