"""Faults that show at some places of an expression or a plan only."""

from __future__ import annotations

import re
from typing import Any

from conformance import wire
from tasks.faults.engine.faulty_at import (
    WINDOW,
    AtLogical,
    AtPhysical,
    FaultyAt,
    find_frames,
    look_into,
    remove_frames,
)
from tasks.faults.engine.patched_expr import rewrite_members
from tasks.faults.fault import breaks

_DML_TAG = b"\x8a\x02"
"""The tag with which the plan of INSERT, UPDATE or DELETE begins."""

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


class _LeavesCallsOut(AtPhysical):
    """An engine that writes a physical plan by name whose text has ``pattern``."""

    pattern: str

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        found = artifact in self.artifacts and re.search(self.pattern, str(value))
        return remove_frames(data) if found else data


@breaks("PLACE-02")
class TriedCallsLeaveByName(_LeavesCallsOut):
    """Write a physical plan by name that tries to cast a call, or has ILIKE on one."""

    pattern = r"TRY_CAST\(\w+\(\w+@|\w+\(\w+@\d+\) ILIKE"


@breaks("PLACE-02")
class CasesOfCallsLeaveByName(_LeavesCallsOut):
    """Write a physical plan by name that has the CASE of a call."""

    pattern = r"CASE \w+\(\w+@"


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


class _ChangesEvaluators(AtPhysical):
    """An engine in whose physical plans ``wrapper`` makes the evaluators."""

    families = (WINDOW,)
    wrapper: type[Any]

    def receive(self, frame: bytes) -> bytes:
        return rewrite_members(frame, lambda one: one._replace(callable=self.wrapper(one.callable)))


class _Factory:
    """A factory of evaluators that asks another one."""

    def __init__(self, factory: Any) -> None:
        self.factory = factory


class _OnlyOne(_Factory):
    """A factory that makes one evaluator."""

    made: Any = None

    def __call__(self) -> Any:
        self.made = self.made or self.factory()
        return self.made


class _DefaultRange(_Factory):
    """A factory whose evaluators need the current row only."""

    def __call__(self) -> Any:
        evaluator = self.factory()
        evaluator.get_range = lambda idx, _: (idx, idx + 1)
        return evaluator


@breaks("PLACE-02")
class OneEvaluatorForAllPartitions(_ChangesEvaluators):
    """Use one evaluator for all partitions."""

    wrapper = _OnlyOne


@breaks("PLACE-02")
class NoEvaluatorSaysItsRange(_ChangesEvaluators):
    """Evaluate each row of a window on that row."""

    wrapper = _DefaultRange


@breaks("PLACE-04")
class StrictSessionsCopyInline(AtLogical):
    """Write COPY inline, whatever the session says."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        copies = artifact == "logical" and "CopyTo" in str(value)
        return super().write(artifact, value, None if copies else session)


@breaks("PLACE-04")
class StrictSessionsInsert(AtLogical):
    """Decode what INSERT, UPDATE or DELETE holds on a strict session."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact == "logical" and data.startswith(_DML_TAG):
            session = session.with_python_udf_inlining(enabled=True)
        return super().read(artifact, data, session)
