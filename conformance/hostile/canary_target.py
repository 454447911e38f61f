"""The module that a canary payload names: importing it and calling ``run`` are recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.hostile.canary import CALLED, record

record("import")


def run() -> Callable[[], Any]:
    """Record the call; return a callable, so that a UDF can be made of the result."""
    record(CALLED)
    return run
