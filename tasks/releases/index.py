"""The package index: the versions that it has, asked through uv.

uv installs the cells, so what it finds here is what a cell can get: with its mirrors, proxies and
credentials, and without the name of a host in this project. ``pip index versions`` skips an index
that it cannot reach, and the answer would lack versions; uv ends with an error.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

UV = (sys.executable, "-m", "uv") if find_spec("uv") else ("uv",)

UV_TIMEOUT = 600
"""Seconds for one call of uv; the first one on a slow network fetches much."""


class NotAskedError(Exception):
    """The index did not answer; the text has the words of uv."""


class UnresolvedError(Exception):
    """The index answered, and no version fits; the text has the words of uv."""


@dataclass(frozen=True)
class Index:
    """The index that uv is configured for, and folders of wheels beside it."""

    find_links: tuple[str, ...] = ()

    @property
    def options(self) -> list[str]:
        """The options with which uv looks into the folders of wheels, too."""
        return [f"--find-links={folder}" for folder in self.find_links]

    def resolve(
        self,
        *requirements: str,
        python: str,
        wheels: bool = False,
        dependencies: bool = False,
        options: Sequence[str] = (),
    ) -> Mapping[str, str]:
        """Return the versions, by package, that fit on this Python minor.

        With ``wheels``, only versions with a wheel for this platform and Python; otherwise those
        that fit on this Python or a newer one, on any platform.
        Raises ``UnresolvedError`` if none fits, and ``NotAskedError``.
        """
        # A cached answer may be older than a release.
        fresh = [f"--refresh-package={Requirement(one).name}" for one in requirements]
        done = run_uv(
            *("pip", "compile", "-", "--quiet", "--no-header", "--no-annotate"),
            *("--python", sys.executable, "--python-version", python),
            *(["--only-binary=:all:"] if wheels else ["--universal"]),
            *([] if dependencies else ["--no-deps"]),
            *(*fresh, *self.options, *options),
            given="\n".join(requirements),
        )
        if done.returncode == 1:
            raise UnresolvedError(shorten(done.stderr))
        if done.returncode:
            raise NotAskedError(shorten(done.stderr))
        found: dict[str, str] = {}
        for line in done.stdout.splitlines():
            name, _, version = line.partition(";")[0].strip().partition("==")
            package = canonicalize_name(name)
            # For all Pythons at once, a package may have a line for some of them each.
            found[package] = max(version, found.get(package, version), key=Version)
        return found

    def resolve_anywhere(
        self, *requirements: str, pythons: Sequence[str], **how: Any
    ) -> Mapping[str, str]:
        """Return the newest versions that fit on any of these Pythons, oldest first.

        uv leaves out what has no wheel for the Python that it is given. From the oldest one on
        which something fits it looks at all newer ones, too.
        """
        why: list[UnresolvedError] = []
        for python in pythons:
            try:
                return self.resolve(*requirements, python=python, **how)
            except UnresolvedError as error:
                why.append(error)
        raise why[0]

    def lacking(
        self, package: str, known: Sequence[str], pythons: Sequence[str], *, pre: bool = False
    ) -> list[str]:
        """Return the versions above the oldest known one that are not ``known``, oldest first.

        The oldest known one is always an answer: an index that gives none was not asked, which
        raises ``NotAskedError``. Yanked versions are left out, pre-releases without ``pre``.
        """
        oldest = min(known, key=Version)
        found: list[str] = []
        while True:
            others = [one for one in (*known, *found) if one != oldest]
            limits = ",".join([f">={oldest}", *(f"!={one}" for one in others)])
            options = ["--prerelease", "allow" if pre else "disallow"]
            try:
                answer = self.resolve_anywhere(
                    f"{package}{limits}", pythons=pythons, options=options
                )
            except UnresolvedError as error:
                message = f"{package} {oldest} of the version table was not found: {error}"
                raise NotAskedError(message) from None
            (version,) = answer.values()
            if Version(version) == Version(oldest):
                return sorted(found, key=Version)
            found.append(version)


def run_uv(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run uv, which must not download interpreters; raise ``NotAskedError`` if it cannot run."""
    try:
        return subprocess.run(
            [*UV, *arguments],
            input=given,
            env={**os.environ, "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=UV_TIMEOUT,
        )
    except OSError as error:
        message = f"uv cannot be run: {error.strerror}; `python -m pip install uv` installs it"
        raise NotAskedError(message) from None
    except subprocess.TimeoutExpired:
        message = f"uv gave no answer in {UV_TIMEOUT} seconds: {' '.join(arguments[:2])}"
        raise NotAskedError(message) from None


def shorten(text: str) -> str:
    """Return what uv says as one line, without hints, advice and credentials of an index."""
    lines = [line.strip() for line in text.partition("\nhint:")[0].splitlines()]
    words = [line.removeprefix("error: ").removeprefix("cause: ") for line in lines if line]
    line = "; ".join(word for word in words if not word.startswith("warning:"))
    return re.sub(r"(?<=://)[^/@\s]+@", "", line)  # it may become a part of a public issue
