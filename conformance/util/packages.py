"""Packages that a command needs and that may not be installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

ENGINE = ("datafusion", "cloudpickle", "pyarrow")
"""The packages that come with the released engine."""

OPTIONAL = (*ENGINE, "ray", "distributed", "joblib", "jinja2")
"""The packages that the distribution does not bring along."""


def missing(names: Sequence[str]) -> list[str]:
    """Return the packages that are not installed."""
    return [name for name in names if find_spec(name) is None]


def describe(who: str, names: Sequence[str]) -> str:
    """Return the sentence that ``who`` needs these packages, with the line that installs them."""
    noun = "package" if len(names) == 1 else "packages"
    return f"{who} needs the {noun} {', '.join(names)}: python -m pip install {' '.join(names)}"
