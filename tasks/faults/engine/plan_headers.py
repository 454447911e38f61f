"""Faults in checking the headers of frames in plans."""

from __future__ import annotations

import sys
from typing import Any

from tasks.faults.engine.faulty_at import (
    AtLogical,
    AtPhysical,
    FaultyAt,
    find_frames,
    is_strict,
    remove_frames,
)
from tasks.faults.fault import breaks

PYTHON = bytes(sys.version_info[:2])


class _Version(FaultyAt):
    """An engine that accepts the wire versions in ``accepted``."""

    accepted: tuple[int, ...]

    def receive(self, frame: bytes) -> bytes:
        accepted = len(frame) > 7 and frame[7] in self.accepted
        return frame[:7] + b"\1" + frame[8:] if accepted else frame


@breaks("PLAN-16")
class VersionZeroIsTaken(AtLogical, _Version):
    """Accept wire version 0 in logical plans."""

    accepted = (0,)


@breaks("PLAN-16")
class VersionErrorLostTheRange(AtPhysical):
    """State one supported version in the wire version error of physical plans."""

    rewords = [(r"supports v1\.\.=v1", "supports v1")]


@breaks("PLAN-16")
class VersionErrorLostTheRemedy(AtLogical):
    """Omit the remedy from the wire version error of logical plans."""

    rewords = [(r"Align datafusion-python versions on sender and receiver\.", "")]


class _StrictFirst(FaultyAt):
    """An engine that ignores a part of the header on strict sessions."""

    start, end = 7, 10

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and is_strict(session):
            start, end = self.start, self.end
            good = (b"\1" + PYTHON)[start - 7 : end - 7]
            data = self.change_frames(data, lambda frame: frame[:start] + good + frame[end:])
        return super().read(artifact, data, session)


@breaks("PLAN-16", "PLAN-17", "PLAN-18")
class StrictRefusesBeforeItLooks(AtPhysical, _StrictFirst):
    """Refuse physical plans on strict sessions before any header is checked."""


@breaks("PLAN-17", "FRAME-13")
class OwnPythonIsNotNamed(AtPhysical):
    """Omit the receiver's Python version from the error of physical plans."""

    rewords = [(r" but this process is running Python \S+\. ", ". ")]


@breaks("PLAN-17", "FRAME-13")
class OtherPythonIsNotNamed(AtLogical):
    """Omit the sender's Python version from the error of logical plans."""

    rewords = [(r"was serialized on Python +\S+", "was serialized elsewhere")]


@breaks("PLAN-18")
class CutMinorIsCutVersion(AtLogical):
    """Report a missing Python minor as a missing wire version in logical plans."""

    rewords = [("missing Python minor version byte", "missing wire-format version byte")]


@breaks("PLAN-13", "PLAN-18")
class CutFramesGoByName(AtPhysical):
    """Resolve the calls of a physical plan by name if a frame has eight bytes."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and any(len(one.data) == 8 for one in find_frames(data)):
            data = remove_frames(data)
        return super().read(artifact, data, session)
