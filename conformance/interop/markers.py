"""Environment markers of requirements, evaluated for the Python of a peer."""

from __future__ import annotations

from packaging.markers import (
    InvalidMarker,
    Marker,
    UndefinedComparison,
    UndefinedEnvironmentName,
)

from conformance.util.versions import minor_version

MAX_PATCH = 99
"""The highest patch release of a Python that a marker is evaluated for."""

_FULL = ("python_full_version", "implementation_version")
_OF_PYTHON = ("python_version", *_FULL)


class MarkerError(ValueError):
    """A marker cannot be evaluated; the text says what is missing or wrong."""


def marker_holds(text: str, python: str) -> bool:
    """Return whether a marker holds for a CPython of this version; ``""`` if it is not known.

    Everything else in the marker, such as the platform, is that of this machine. A ``python``
    without a patch release is enough where all its patch releases agree. Raises ``MarkerError``
    where the answer is not known.
    """
    try:
        marker = Marker(text)
    except InvalidMarker:
        raise MarkerError('expected a marker such as python_version >= "3.12"') from None
    fulls = [python]
    if any(name in text for name in _OF_PYTHON) and not python:
        raise MarkerError("the marker needs a Python: add python==VERSION")
    if any(name in text for name in _FULL) and python == minor_version(python):
        fulls = [f"{python}.{patch}" for patch in range(MAX_PATCH + 1)]
    found = {_evaluate(marker, full) for full in fulls}
    if len(found) > 1:
        raise MarkerError(
            f"the marker needs the patch release of Python {python}: give python=={python}.PATCH"
        )
    return found.pop()


def _evaluate(marker: Marker, python: str) -> bool:
    environment = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    if python:
        environment |= dict.fromkeys(_FULL, python)
        environment["python_version"] = minor_version(python)
    try:
        return marker.evaluate(environment)
    except (UndefinedComparison, UndefinedEnvironmentName) as error:
        raise MarkerError(f"the marker cannot be evaluated: {error}") from None
