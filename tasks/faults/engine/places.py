"""Faults that show at some places of an expression or a plan only."""

from __future__ import annotations

from typing import Any

from conformance import wire
from tasks.faults.engine.faulty_at import FaultyAt, find_frames, look_into
from tasks.faults.fault import breaks

_DEEP = 5
"""The number of nested fields above a frame from which these faults show."""


class _LeavesDeepFramesOut(FaultyAt):
    """An engine that writes deeply nested UDFs by name."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if artifact not in self.artifacts:
            return data
        deep = [one.path for one in find_frames(data) if len(one.path) > _DEEP]
        return wire.remove(data, deep)


@breaks("PLACE-01")
class DeepUdfsLeaveByName(_LeavesDeepFramesOut):
    """Write a UDF by name where it is deep in an expression."""

    artifacts = ("expression",)


@breaks("PLACE-02")
class DeepUdfsOfPlansLeaveByName(_LeavesDeepFramesOut):
    """Write a UDF by name where it is deep in a physical plan."""

    artifacts = ("physical",)


class _DecodesDeepFrames(FaultyAt):
    """An engine that forgets that a session is strict before it reads a deep frame."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        found = find_frames(data)
        if session is not None and found and all(len(one.path) > _DEEP for one in found):
            session = session.with_python_udf_inlining(enabled=True)
        return super().read(artifact, data, session)


class _LooksIntoDeepFrames(FaultyAt):
    """An engine that unpickles a deep frame before it asks whether the session is strict."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts:
            for one in find_frames(data):
                if len(one.path) > _DEEP:
                    look_into(one)
        return super().read(artifact, data, session)


@breaks("PLACE-03")
class LooksIntoDeepFramesOfExpressions(_LooksIntoDeepFrames):
    """Unpickle a deep frame of an expression before the refusal."""

    artifacts = ("expression",)


@breaks("PLACE-04")
class LooksIntoDeepFramesOfPlans(_LooksIntoDeepFrames):
    """Unpickle a deep frame of a plan before the refusal."""

    artifacts = ("logical", "physical")


@breaks("PLACE-03")
class DecodesDeepFramesOfExpressions(_DecodesDeepFrames):
    """Decode a deep frame of an expression on a strict session."""

    artifacts = ("expression",)


@breaks("PLACE-04")
class DecodesDeepFramesOfPlans(_DecodesDeepFrames):
    """Decode a deep frame of a plan on a strict session."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        reads = super().read if artifact != "expression" else super(_DecodesDeepFrames, self).read
        return reads(artifact, data, session)
