"""Libraries that pyarrow and the engine look for at each conversion of a value."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from importlib.util import find_spec
from typing import Any

_LIBRARIES = ("arro3", "dateutil", "nanoarrow")


def remember_absent() -> None:
    """Note which of the libraries are not installed.

    Python does not remember it, and searches its whole path at each conversion.
    """
    modules: MutableMapping[str, Any] = sys.modules
    for name in _LIBRARIES:
        if find_spec(name) is None:
            modules[name] = None  # as Python documents it: the next import fails at once
