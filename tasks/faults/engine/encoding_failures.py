"""Faults in handling errors of the pickler, by reason and artifact."""

from __future__ import annotations

import sys
from typing import Any

from tasks.faults.engine.faulty_at import (
    STRICT,
    AtLogical,
    AtPhysical,
    FaultyAt,
    find_frames,
    is_strict,
)
from tasks.faults.fault import breaks


class _Refuses(FaultyAt):
    """An engine that raises an error without a reason for what is not inlined."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if artifact not in self.artifacts or find_frames(data) or is_strict(session):
            return data
        raise RuntimeError("not inlined")


@breaks("ENCODE-04", "ENCODE-05")
class ExpressionsGiveNoReason(_Refuses):
    """Raise an error without a reason for an expression that is not inlined."""

    artifacts = ("expression",)


@breaks("ENCODE-04", "ENCODE-05")
class LogicalPlansGiveNoReason(AtLogical, _Refuses):
    """Raise an error without a reason for a logical plan that is not inlined."""


@breaks("ENCODE-02", "ENCODE-06", "ENCODE-08", "ENCODE-09")
class LogicalPlansHoldNoCallables(AtLogical):
    """Raise an error for a logical plan whose UDFs can be inlined."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if artifact in self.artifacts and find_frames(data):
            raise RuntimeError("a logical plan holds no callables")
        return data


@breaks("ENCODE-06")
class ExitsAreInterruptsOnArrival(FaultyAt):
    """Raise a KeyboardInterrupt for a SystemExit while a plan is decoded."""

    artifacts = ("logical", "physical")

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if artifact in self.artifacts and "SystemExit" in str(error):
                raise KeyboardInterrupt from None
            raise


@breaks("ENCODE-06")
class InterruptedPlansAreNone(AtPhysical):
    """Return None for a physical plan whose decoding was interrupted."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if artifact in self.artifacts and "KeyboardInterrupt" in str(error):
                return None
            raise


class _Remembers(FaultyAt):
    """An engine that writes by name for ever what was not inlined once."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: list[Any] = []

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        if any(value is one for one in self.failed):
            return self.encode(value, STRICT)
        data = super().write(artifact, value, session)
        if artifact in self.artifacts and not find_frames(data) and not is_strict(session):
            self.failed.append(value)
        return data


@breaks("ENCODE-09")
class FailedExpressionsGoByName(_Remembers):
    """Write an expression by name for ever once it was not inlined."""

    artifacts = ("expression",)


@breaks("ENCODE-09")
class FailedLogicalPlansGoByName(AtLogical, _Remembers):
    """Write a logical plan by name for ever once it was not inlined."""


@breaks("ENCODE-10")
class StrictBytesDependOnThePickler(FaultyAt):
    """Write other bytes by name if cloudpickle is missing."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        missing = sys.modules.get("cloudpickle", ...) is None
        return data + b"\xf8\x3f\x00" if missing and is_strict(session) else data


class _FallsBack(AtPhysical):
    """An engine that writes a physical plan by name if pickling raises one of ``errors``."""

    errors: tuple[str, ...]

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        try:
            return super().write(artifact, value, session)
        except Exception as error:
            if artifact in self.artifacts and any(one in str(error) for one in self.errors):
                return self.encode(value, STRICT)
            raise


@breaks("ENCODE-03")
class MissingAttributesGoByName(_FallsBack):
    """Write a physical plan by name if pickling a callable raises an AttributeError."""

    errors = ("AttributeError", "ImportError")


@breaks("ENCODE-03")
class LackOfMemoryGoesByName(_FallsBack):
    """Write a physical plan by name if there is no memory or disk for a callable."""

    errors = ("MemoryError", "OSError")


@breaks("ENCODE-03")
class WarningsGoByName(_FallsBack):
    """Write a physical plan by name if pickling a callable raises a warning."""

    errors = ("UserWarning", "NotImplementedError")
