"""The module that a canary payload names: importing it and calling ``run`` are recorded."""

from __future__ import annotations

from conformance.hostile.canary import record

record("import")


def run() -> str:
    """Record the call."""
    record("call")
    return "the canary ran"
