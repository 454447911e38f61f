"""Engines that look at the headers of a plan's frames otherwise than they should."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

from tasks.faults.engine.faulty_at import (
    AGGREGATE,
    WINDOW,
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
    accepted: tuple[int, ...]

    def receive(self, frame: bytes) -> bytes:
        accepted = len(frame) > 7 and frame[7] in self.accepted
        return frame[:7] + b"\1" + frame[8:] if accepted else frame


@breaks("PLAN-16")
class VersionZeroIsTaken(AtLogical, _Version):
    accepted = (0,)


@breaks("PLAN-16")
class NewerVersionsOfWindowsAreTaken(AtPhysical, _Version):
    accepted = tuple(range(2, 255))
    families = (WINDOW,)


@breaks("PLAN-16")
class TheLastVersionIsTaken(AtPhysical, _Version):
    accepted = (255,)
    families = (AGGREGATE,)


@breaks("PLAN-16")
class VersionErrorLostTheVersion(AtLogical):
    rewords = [(r"version v\d+;", "version unknown;")]


@breaks("PLAN-16")
class VersionErrorLostTheRange(AtPhysical):
    rewords = [(r"supports v1\.\.=v1", "supports v1")]


@breaks("PLAN-16")
class VersionErrorLostTheRemedy(AtLogical):
    rewords = [(r"Align datafusion-python versions on sender and receiver\.", "")]


@breaks("PLAN-16")
class VersionErrorLostTheKind(AtPhysical):
    rewords = [(r"Inline Python aggregate UDF payload wire", "Inline Python UDF payload wire")]


class _StrictFirst(FaultyAt):
    """A strict session says that it refuses what would not have decoded anyway."""

    start, end = 7, 10

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and is_strict(session):
            start, end = self.start, self.end
            good = (b"\1" + PYTHON)[start - 7 : end - 7]
            data = self.change_frames(data, lambda frame: frame[:start] + good + frame[end:])
        return super().read(artifact, data, session)


@breaks("PLAN-16", "PLAN-17", "PLAN-18")
class StrictRefusesBeforeItLooks(AtPhysical, _StrictFirst):
    pass


@breaks("PLAN-16", "PLAN-18")
class StrictLooksAtNoVersion(AtLogical, _StrictFirst):
    end = 8


@breaks("PLAN-17")
class StrictLooksAtNoMinor(AtLogical, _StrictFirst):
    start = 9

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        whole = all(len(one.data) > 10 for one in find_frames(data))
        return (
            super().read(artifact, data, session) if whole else self.decode(artifact, data, session)
        )


@breaks("PLAN-17")
class AnotherMinorIsTaken(AtPhysical):
    families = (WINDOW,)

    def receive(self, frame: bytes) -> bytes:
        return frame[:9] + PYTHON[1:] + frame[10:] if len(frame) > 10 else frame


@breaks("PLAN-17")
class PythonsAreSwapped(AtLogical):
    rewords = [
        (
            r"serialized on Python (\S+) but this process is running Python (\S+)\. ",
            r"serialized for \2, this is \1. ",
        )
    ]


@breaks("PLAN-17")
class OwnPythonIsNotTold(AtPhysical):
    rewords = [(r" but this process is running Python \S+\. ", ". ")]


@breaks("PLAN-17")
class OtherPythonIsNotTold(AtLogical):
    rewords = [(r"was serialized on Python +\S+", "was serialized elsewhere")]


@breaks("PLAN-17")
class PythonErrorLostTheKind(AtPhysical):
    rewords = [("aggregate UDF payload was", "UDF payload was")]


@breaks("PLAN-18")
class CutMinorIsCutVersion(AtLogical):
    rewords = [("missing Python minor version byte", "missing wire-format version byte")]


@breaks("PLAN-18")
class CutWindowsAreOfScalars(AtPhysical):
    rewords = [("Truncated inline Python window UDF", "Truncated inline Python scalar UDF")]


@breaks("PLAN-13", "PLAN-18")
class CutFramesGoByName(AtPhysical):
    """What is no whole header is no frame: ask the registry for the name."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and any(len(one.data) == 8 for one in find_frames(data)):
            data = remove_frames(data)
        return super().read(artifact, data, session)


@breaks("PLAN-18")
class CutFramesAreRefusedAsInline(AtLogical):
    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        cut = any(len(one.data) == 7 for one in find_frames(data))
        if artifact in self.artifacts and is_strict(session) and cut:
            with suppress(KeyError):
                raise RuntimeError("inlining is disabled on this session")
        return super().read(artifact, data, session)
