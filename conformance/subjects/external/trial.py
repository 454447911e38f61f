"""Ask a program one question of each kind, to see whether its replies have the right shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from conformance.subjects.codec import OPERATIONS, Conditions
from conformance.subjects.external.errors import ProgramError, ProtocolError
from conformance.subjects.external.program import Program
from conformance.subjects.external.replies import check_fields, read_field

FRAME_FIELDS: Mapping[str, type] = {
    "offset": int,
    "size": int,
    "path": list,
    "family": str,
    "version": int,
    "python": str,
    "name": str,
    "call": str,
    "inputs": list,
    "returns": dict,
    "volatility": str,
    "imports": list,
    "payload_sha256": str,
}
"""The fields that every frame has in a reply to ``take-apart``, and their types in JSON."""


def try_operations(program: Program, data: bytes, python: str) -> Iterator[tuple[str, str]]:
    """Yield each operation that the program offers, with what is wrong with its reply, or ``""``.

    ``data`` is an expression with one frame, written on that ``python``.
    """
    trials: Mapping[str, Callable[[], Any]] = {
        "decide": lambda: program.decide("expression", data, Conditions(python)),
        "take_apart": lambda: _check_frames(program.take_apart("expression", data)["frames"]),
        "write_back": lambda: program.write_back("expression", data),
        "write_frame": lambda: program.write_frame("scalar", python, b"N."),
        "envelopes": lambda: program.unwrap(program.wrap("x", b"payload")),
    }
    for operation in (one for one in OPERATIONS if one in program.operations):
        try:
            trials[operation]()
        except ProgramError as error:
            yield operation, " ".join([str(error), *error.output.splitlines()[-1:]])
        else:
            yield operation, ""


def _check_frames(frames: Sequence[Mapping[str, Any]]) -> None:
    """Raise ``ProtocolError`` unless there is one frame, with all of its fields."""
    if len(frames) != 1:
        raise ProtocolError(f"frames: expected one, got {len(frames)}")
    check_fields(frames[0], *FRAME_FIELDS)
    for name, wanted in FRAME_FIELDS.items():
        read_field(frames[0], name, wanted)
