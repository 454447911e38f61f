"""Engines that look at the headers of a plan's frames otherwise than they should."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

from tasks.faults.engine.leveled import (
    AGGREGATE,
    WINDOW,
    Leveled,
    Logical,
    Physical,
    Says,
    frames,
    is_strict,
    names,
)
from tasks.faults.fault import breaks

PYTHON = bytes(sys.version_info[:2])


class _Version(Leveled):
    accepted: tuple[int, ...]

    def receive(self, frame: bytes) -> bytes:
        accepted = len(frame) > 7 and frame[7] in self.accepted
        return frame[:7] + b"\1" + frame[8:] if accepted else frame


@breaks("PLAN-16")
class VersionZeroIsTaken(Logical, _Version):
    accepted = (0,)


@breaks("PLAN-16")
class NewerVersionsOfWindowsAreTaken(Physical, _Version):
    accepted = tuple(range(2, 255))
    families = (WINDOW,)


@breaks("PLAN-16")
class TheLastVersionIsTaken(Physical, _Version):
    accepted = (255,)
    families = (AGGREGATE,)


@breaks("PLAN-16")
class VersionErrorLostTheVersion(Logical, Says):
    old, other = r"version v\d+;", "version unknown;"


@breaks("PLAN-16")
class VersionErrorLostTheRange(Physical, Says):
    old, other = r"supports v1\.\.=v1", "supports v1"


@breaks("PLAN-16")
class VersionErrorLostTheRemedy(Logical, Says):
    old, other = r"Align datafusion-python versions on sender and receiver\.", ""


@breaks("PLAN-16")
class VersionErrorLostTheKind(Physical, Says):
    old, other = r"Inline Python aggregate UDF payload wire", "Inline Python UDF payload wire"


class _StrictFirst(Leveled):
    """A strict session says that it refuses what would not have decoded anyway."""

    start, end = 7, 10

    def read(self, level: str, data: bytes, session: Any) -> Any:
        if level in self.levels and is_strict(session):
            start, end = self.start, self.end
            good = (b"\1" + PYTHON)[start - 7 : end - 7]
            data = self.each(data, lambda frame: frame[:start] + good + frame[end:])
        return super().read(level, data, session)


@breaks("PLAN-16", "PLAN-17", "PLAN-18")
class StrictRefusesBeforeItLooks(Physical, _StrictFirst):
    pass


@breaks("PLAN-16", "PLAN-18")
class StrictLooksAtNoVersion(Logical, _StrictFirst):
    end = 8


@breaks("PLAN-17")
class StrictLooksAtNoMinor(Logical, _StrictFirst):
    start = 9

    def read(self, level: str, data: bytes, session: Any) -> Any:
        whole = all(len(one.data) > 10 for one in frames(data))
        return super().read(level, data, session) if whole else self.decode(level, data, session)


@breaks("PLAN-17")
class AnotherMinorIsTaken(Physical):
    families = (WINDOW,)

    def receive(self, frame: bytes) -> bytes:
        return frame[:9] + PYTHON[1:] + frame[10:] if len(frame) > 10 else frame


@breaks("PLAN-17")
class PythonsAreSwapped(Logical, Says):
    old = r"serialized on Python (\S+) but this process is running Python (\S+)\. "
    other = r"serialized for \2, this is \1. "


@breaks("PLAN-17")
class OwnPythonIsNotTold(Physical, Says):
    old, other = r" but this process is running Python \S+\. ", ". "


@breaks("PLAN-17")
class OtherPythonIsNotTold(Logical, Says):
    old, other = r"was serialized on Python +\S+", "was serialized elsewhere"


@breaks("PLAN-17")
class PythonErrorLostTheKind(Physical, Says):
    old, other = "aggregate UDF payload was", "UDF payload was"


@breaks("PLAN-18")
class CutMinorIsCutVersion(Logical, Says):
    old, other = "missing Python minor version byte", "missing wire-format version byte"


@breaks("PLAN-18")
class CutWindowsAreOfScalars(Physical, Says):
    old, other = "Truncated inline Python window UDF", "Truncated inline Python scalar UDF"


@breaks("PLAN-13", "PLAN-18")
class CutFramesGoByName(Physical):
    """What is no whole header is no frame: ask the registry for the name."""

    def read(self, level: str, data: bytes, session: Any) -> Any:
        if level in self.levels and any(len(one.data) == 8 for one in frames(data)):
            data = names(data)
        return super().read(level, data, session)


@breaks("PLAN-18")
class CutFramesAreRefusedAsInline(Logical):
    def read(self, level: str, data: bytes, session: Any) -> Any:
        cut = any(len(one.data) == 7 for one in frames(data))
        if level in self.levels and is_strict(session) and cut:
            with suppress(KeyError):
                raise RuntimeError("inlining is disabled on this session")
        return super().read(level, data, session)
