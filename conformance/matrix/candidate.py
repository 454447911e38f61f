"""Parse a candidate engine: a requirement, a wheel or a source tree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag, parse_tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from conformance.matrix.cell import ENGINE, MatrixError


def fits(tag: Tag, python: str) -> bool:
    """Return whether a wheel of this tag can be installed on this Python minor."""
    minor = tag.interpreter.removeprefix("cp3")
    if tag.interpreter == "py3":
        return True
    if not tag.interpreter.startswith("cp3") or not minor.isdecimal() or tag.abi.endswith("t"):
        return False
    wanted = Version(python).minor
    return int(minor) == wanted or (tag.abi == "abi3" and int(minor) < wanted)


def parse_candidate(engine: str) -> tuple[str, str, Iterable[Tag]]:
    """Return the requirement to install, its version (``""`` if unknown) and the wheel's tags."""
    anywhere = parse_tag("py3-none-any")
    path = Path(engine)
    is_path = re.search(r"[/\\]", engine) and "://" not in engine
    if path.suffix == ".whl" or is_path or (engine and path.exists()):
        if not path.exists():
            raise MatrixError(f"--engine {engine}: no such file")
        if path.suffix != ".whl":
            return str(path.resolve()), "", anywhere
        try:
            name, version, _, tags = parse_wheel_filename(path.name)
        except InvalidWheelFilename as error:
            raise MatrixError(f"--engine {engine}: {error}") from None
        if name != ENGINE:
            raise MatrixError(f"--engine {engine}: a wheel of {name}, not of {ENGINE}")
        return str(path.resolve()), str(version), tags
    try:
        requirement = Requirement(engine)
    except InvalidRequirement:
        raise MatrixError(
            f"--engine {engine}: neither a file nor a requirement such as {ENGINE}==55.0.0"
        ) from None
    if requirement.name != ENGINE:
        raise MatrixError(f"--engine {engine}: a requirement of {requirement.name}, not {ENGINE}")
    pins = [pin.version for pin in requirement.specifier if pin.operator == "=="]
    return engine, pins[0] if len(pins) == 1 and "*" not in pins[0] else "", anywhere
