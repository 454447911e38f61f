"""The lines of a list of requirements that are about the packages of a peer."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement

from conformance.interop.rules import NAMES
from conformance.util.input_file import read_bytes

OPTIONAL = {"pyarrow": "pyarrow"}
"""The package names of the versions that a specifier may lack."""

KNOWN = {**NAMES, **OPTIONAL}
"""The packages of a peer, and the names of their versions."""

_PIN = (
    rf"(?P<name>{'|'.join(KNOWN)})\s*(\[[^]]*\])?\s*==\s*(?P<version>[^\s;#]+)\s*"
    r"(?P<rest>(;\s*(?P<marker>.+))?.*)$"
)

_NAMED = rf"(?P<name>{'|'.join(KNOWN)})(?![\w.-])"
"""Begins a line about a package of a peer, whether it pins it or not."""

_MENTIONED = rf"(?<![a-z0-9])(?P<name>{'|'.join({*KNOWN} - {'python'})})(?![a-z0-9])"
"""What a path, an address or an option with the name of a package has in it."""

_INCLUDES = ("--requirement", "--constraint")
_HARMLESS = ("--no-binary", "--only-binary", "--index-url", "--extra-index-url", "--find-links")
"""Options of a line of its own that say nothing of a version."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class RequirementsError(ValueError):
    """A list of requirements cannot be read."""


class Pin(NamedTuple):
    """A pin in a list of requirements: ``text`` is ``NAME==VERSION``, ``line`` all of it.

    ``text`` is empty for a line that names the package, but pins no version.
    """

    name: str
    text: str
    marker: str
    line: str


def read_requirements(file: Path) -> tuple[list[Pin], list[str]]:
    """Return the lines about the packages of a peer, and the lines that name another list.

    A line that names a package and is not understood is one that pins no version. Raises
    ``RequirementsError``.
    """
    pins: list[Pin] = []
    includes: list[str] = []
    for line in _lines(file):
        if re.match(r"-[rc]", line) or _is_option(line, _INCLUDES):
            includes.append(line)
        elif pin := _pin(line):
            pins.append(pin)
    return pins, includes


def _lines(file: Path) -> list[str]:
    """Return the lines of a list, without comments and without options such as ``--hash``."""
    try:
        data = read_bytes(file)
        if data.startswith(_UTF_16):
            raise RequirementsError(
                "expected UTF-8, found UTF-16, which > writes in PowerShell; write it "
                "with: pip freeze | Out-File -Encoding utf8 FILE"
            )
        lines = data.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RequirementsError(getattr(error, "strerror", "") or f"{error}") from None
    # As pip: a comment on a line of its own goes first, then lines that go on are joined.
    text = "\n".join(line for line in lines if not re.match(r"\s*#", line))
    joined = re.sub(r"\\\n", " ", text).splitlines()
    return [re.split(r"\s#|\s--|\\$", line.strip())[0].strip() for line in joined]


def _pin(line: str) -> Pin | None:
    """Return what a line says of a package of a peer; ``None`` if it says nothing of one."""
    if match := re.match(_PIN, line, re.IGNORECASE):
        if match["rest"] and not match["marker"]:
            raise RequirementsError(f"{line!r}: expected NAME==VERSION, or with ; MARKER")
        name = match["name"].lower()
        return Pin(name, f"{name}=={match['version']}", match["marker"] or "", line)
    try:
        asked = Requirement(line)
    except InvalidRequirement:
        mentioned = None if _is_option(line, _HARMLESS) else _mention(line)
        return Pin(mentioned, "", "", line) if mentioned else None
    name = asked.name.lower()
    return Pin(name, "", f"{asked.marker or ''}", line) if name in KNOWN else None


def _mention(line: str) -> str:
    """Return the package that a line is about that is no requirement; empty if it is about none."""
    match = re.match(_NAMED, line, re.IGNORECASE) or re.search(_MENTIONED, line, re.IGNORECASE)
    return match["name"].lower() if match else ""


def _is_option(line: str, names: tuple[str, ...]) -> bool:
    """Return whether a line is one of these options, which pip lets one shorten."""
    option = re.split(r"[\s=]", line)[0]
    return len(option) > 3 and any(name.startswith(option) for name in names)
