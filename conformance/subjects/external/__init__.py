"""A subject that is a program in any language, behind stdin and stdout."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

from conformance.subjects.interface import DECISIONS

if TYPE_CHECKING:
    from conformance.subjects.external.pipe import Request
    from conformance.subjects.external.program import Program

SPEC = "conformance.subjects.external:from_environment"
"""The subject behind ``--subject-command``."""

PROTOCOL = 1
"""The version of the protocol; increases when a message changes its meaning."""

COMMAND = "CONFORMANCE_SUBJECT_COMMAND"
"""The environment variable that holds the command."""


class External:
    """A program as a subject. It runs no UDF, so that only vectors can judge it."""

    def __init__(self, program: Program) -> None:
        self.wire_codec = program
        self.name = program.hello.name

    @property
    def capabilities(self) -> tuple[str, ...]:
        """Return the operations of the program, and the capabilities that follow from them."""
        hello = self.wire_codec.hello
        return (
            *hello.operations,
            *([DECISIONS] if "decide" in hello.operations else []),
            *(["chain"] if "envelopes" in hello.operations else []),
            *(["plans"] if "logical" in hello.artifacts else []),
        )

    @property
    def asked(self) -> Request | None:
        """The request of which the last answer came, or is missing."""
        return self.wire_codec.pipe.asked

    @asked.setter
    def asked(self, request: Request | None) -> None:
        self.wire_codec.pipe.asked = request

    def versions(self) -> Mapping[str, str]:
        hello = self.wire_codec.hello
        return {"version": hello.version, "language": hello.language}

    def clear_slot(self, slot: str) -> None:
        """Do nothing: a program has no slots."""


def from_environment() -> External:
    """Start the program whose command is in the environment; raise ``ProgramError``.

    What starts it is imported here: each process that a case starts imports this module.
    """
    from conformance.subjects.external.program import Program

    return External(Program(shlex.split(os.environ[COMMAND])))
