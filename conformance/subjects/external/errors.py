"""How a program behind stdin and stdout fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from conformance.subjects.codec import CannotDo
from conformance.util.kinds import Kind


class ProgramError(Exception):
    """A request without a usable reply. ``output`` is the end of what the program wrote to stderr.

    ``outcome`` is the outcome of the case, and ``kind`` the kind of its failure; ``given`` is what
    the case gave to the program, as texts by name.
    """

    outcome: ClassVar[Literal["fail", "crash", "hang"]] = "fail"
    kind: ClassVar[Kind] = "environment"

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output
        self.given: Mapping[str, str] = {}


class ProgramCrashed(ProgramError):
    """The program ended before it replied. The message names the signal or the exit code."""

    outcome = "crash"
    kind = "crash"


class ProgramHung(ProgramError):
    """The program did not reply in time, and was killed."""

    outcome = "hang"
    kind = "hang"


class ProtocolError(ProgramError):
    """The program replied something that the protocol does not allow."""

    kind = "protocol"


class OperationFailed(ProgramError, CannotDo):
    """The program replied with an ``error``: it could not do what it was asked."""

    kind = "unexpected-error"


class ProgramGivenUp(ProgramError):
    """The program crashed or hung too often in this run and is not started again."""
