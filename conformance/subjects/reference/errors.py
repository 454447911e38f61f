"""The reference's errors: the kinds of errors that the engine has.

Cases tell the errors apart by these kinds.
"""

from __future__ import annotations


class Refusal(Exception):
    """An error of the reference; ``kind`` is the engine's name for its class."""

    kind = ""


class ExecutionError(Refusal):
    """The engine's Execution error."""

    kind = "Execution"


class PlanError(Refusal):
    """The engine's error during planning."""

    kind = "Plan"


class OtherPython(ExecutionError, ValueError):
    """A frame of another Python, which is a ``ValueError``, too."""
