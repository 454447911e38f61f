"""What the reference raises: the kinds of errors that the engine has, by which cases tell them."""

from __future__ import annotations


class Refusal(Exception):
    """An error of the reference; ``kind`` is the engine's name for its class."""

    kind = ""


class ExecutionError(Refusal):
    """What the engine calls an Execution error."""

    kind = "Execution"


class PlanError(Refusal):
    """What the engine calls an error during planning."""

    kind = "Plan"


class OtherPython(ExecutionError, ValueError):
    """A frame of another Python, which is a ``ValueError``, too."""
