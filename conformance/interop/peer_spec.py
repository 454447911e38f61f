"""The versions of a peer, as a person writes them for ``can-talk``."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from conformance.interop.importing import import_error
from conformance.interop.markers import MarkerError, marker_holds
from conformance.interop.requirements import (
    KNOWN,
    OPTIONAL,
    Pin,
    RequirementsError,
    read_requirements,
)
from conformance.interop.rules import CLOUDPICKLE_OF, NAMES
from conformance.util.exit_codes import ExitCode
from conformance.util.versions import is_free_threaded, is_release, minor_version

HERE = "here"
"""The specifier of this environment."""


class PeerSpecError(ValueError):
    """A peer specifier is not valid; ``code`` is the exit code of a command for it."""

    code = ExitCode.USAGE


class NotCovered(PeerSpecError):
    """Nobody has judged peers like this one."""

    code = ExitCode.UNJUDGED


def parse_peer(text: str, file: Path | None = None) -> dict[str, str]:
    """Parse a peer specifier: ``datafusion==55.0.0,cloudpickle==3.1.2,python==3.12``.

    ``here`` is this environment. ``file`` is a list of requirements, such as the output of
    ``pip freeze``, for the versions that ``text`` lacks; a pin counts only if its marker holds
    for the peer's Python. A version of fewer than three numbers is filled up with zeros. Raises
    ``NotCovered`` for a Python that nobody has judged, and for ``here`` if the engine cannot be
    imported; ``PeerSpecError`` for anything else.
    """
    if text != HERE and HERE in text.split(","):
        raise PeerSpecError(f"{text!r}: expected 'here' alone, or all versions without it")
    parts = _here() if text == HERE else [*filter(None, text.split(","))]
    found = _versions(parts)
    lines = [pin for pin in _read(file) if KNOWN[pin.name] not in found] if file else []
    if file:
        own = _pinned(file, [pin for pin in lines if pin.name == "python" and not pin.marker], "")
        python = {**own, **found}.get("python", "")
        found |= _pinned(file, lines, python)
    if missing := [name for name, key in NAMES.items() if key not in found]:
        where = f"{file}: " if file else f"{text!r}: " if text else ""
        other = [
            f"{pin.line!r} {'does not apply' if pin.text else 'pins no version'}; "
            for pin in lines
            if pin.name == missing[0]
        ]
        raise PeerSpecError(
            f"{where}the version of {missing[0]} is missing; {''.join(other)}expected "
            f"{','.join(f'{name}==VERSION' for name in NAMES)}"
        )
    if minor_version(found["python"]) not in CLOUDPICKLE_OF:
        judged = ", ".join(CLOUDPICKLE_OF)
        raise NotCovered(f"{text!r}: Python {found['python']} is not covered; covered are {judged}")
    if text == HERE and (why := import_error()):
        raise NotCovered(
            f"here: not judged: datafusion {found['engine']} is installed, but cannot be imported: "
            f"{why}"
        )
    return found


def _versions(parts: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in parts:
        name, version = _parse(part)
        if name in found:
            raise PeerSpecError(f"{part!r}: duplicate version of {part.partition('=')[0]}")
        found[name] = version
    return found


def _parse(part: str) -> tuple[str, str]:
    """Return the key and the version of one ``NAME==VERSION``."""
    if re.match(r"python==\d+\.\d+(\.\d+)?((a|b|rc)\d+)?\+?t$", part):
        raise NotCovered(f"{part!r}: free-threaded Python is not judged")
    if re.match(r"python==(pypy|graalpy)", part, re.IGNORECASE):
        raise NotCovered(f"{part!r}: only CPython is judged")
    if re.match(r"python==[\w.]+\+$", part):  # what a build of a checkout calls itself
        raise NotCovered(f"{part!r}: only releases of Python are judged")
    try:
        one = Requirement(part)
        (exact,) = one.specifier
        version = Version(exact.version)
    except (InvalidRequirement, ValueError):
        raise PeerSpecError(f"{part!r}: expected NAME==VERSION") from None
    if one.name not in KNOWN or exact.operator != "==" or one.extras or one.marker:
        raise PeerSpecError(
            f"{part!r}: expected NAME==VERSION, with NAME one of {', '.join(KNOWN)}"
        )
    text = str(version)
    if one.name == "python" and not is_release(version):
        raise NotCovered(f"{part!r}: only releases of Python are judged")
    if one.name != "python" and text == ".".join(map(str, version.release)):
        text = ".".join(map(str, (*version.release, 0, 0)[: max(3, len(version.release))]))
    return KNOWN[one.name], text


def _read(file: Path) -> list[Pin]:
    """Return the lines in a list of requirements that are about the packages of a peer."""
    try:
        pins, includes = read_requirements(file)
    except RequirementsError as error:
        raise PeerSpecError(f"{file}: {error}") from None
    if includes:
        raise NotCovered(
            f"{file}: not judged: {includes[0]!r} names another list, which may pin other versions "
            "and is not read; expected one list of all versions, such as from pip freeze"
        )
    return pins


def _pinned(file: Path, lines: Iterable[Pin], python: str) -> dict[str, str]:
    """Return the versions in a list of requirements, of the lines that apply to this Python.

    Raises ``NotCovered`` where another line about the package may say something else.
    """
    applying = [*_applicable(file, lines, python)]
    try:
        found = _versions(pin.text for pin in applying if pin.text)
    except PeerSpecError as error:
        raise type(error)(f"{file}: {error}") from None
    for pin in applying:
        # A version that must not be missing is missed later, with a list of such lines.
        if not pin.text and (KNOWN[pin.name] in found or pin.name in OPTIONAL):
            raise NotCovered(
                f"{file}: not judged: {pin.line!r} is about {pin.name} and pins no version; "
                f"expected a pin alone, or {pin.name}==VERSION beside the file"
            )
    return found


def _applicable(file: Path, pins: Iterable[Pin], python: str) -> Iterator[Pin]:
    """Yield the pins whose marker holds for this version of Python, ``""`` if it is not known."""
    for pin in pins:
        try:
            holds = not pin.marker or marker_holds(pin.marker, python)
        except MarkerError as error:
            raise PeerSpecError(f"{file}: {pin.line!r}: {error}") from None
        if holds:
            yield pin


def _here() -> list[str]:
    """Return the versions that are installed here."""
    if sys.implementation.name != "cpython":
        raise PeerSpecError(f"here: {platform.python_implementation()}: only CPython is judged")
    try:
        installed = [f"{name}=={metadata.version(name)}" for name in ("datafusion", "cloudpickle")]
    except metadata.PackageNotFoundError as error:
        raise PeerSpecError(f"here: {error.name} is not installed") from None
    with suppress(metadata.PackageNotFoundError):
        installed += [f"{name}=={metadata.version(name)}" for name in OPTIONAL]
    threads = "t" if is_free_threaded() else ""
    return [*installed, f"python=={platform.python_version()}{threads}"]
