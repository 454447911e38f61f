"""Faults that show at some places of an expression or a plan only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import pyarrow as pa
from datafusion import Expr, SessionContext

from conformance import wire
from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import Plan
from conformance.subjects.engine.sql import EngineSql
from conformance.subjects.plans import Layer
from tasks.faults.engine.faulty_at import (
    WINDOW,
    AtLogical,
    AtPhysical,
    FaultyAt,
    find_frames,
    look_into,
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


class _ReadsAnotherText(Engine):
    """An engine that encodes the expression or plan of a text in which some words are others."""

    words: ClassVar[tuple[str, str]]

    def __init__(self) -> None:
        super().__init__()
        self.sql = _OtherWords(self)


class _OtherWords(EngineSql):
    def __init__(self, engine: _ReadsAnotherText) -> None:
        super().__init__(engine.register)
        self._words = engine.words

    def expression(self, text: str, batch: pa.RecordBatch, functions: Iterable[Any]) -> Expr:
        return super().expression(text.replace(*self._words), batch, functions)

    def plan(
        self, session: SessionContext, layer: Layer, text: str, functions: Iterable[Any]
    ) -> Plan:
        return super().plan(session, layer, text.replace(*self._words), functions)


@breaks("PLACE-01", "PLACE-02")
class GroupsOfRows(_ReadsAnotherText):
    """Count rows where a window frame counts groups."""

    words = "GROUPS BETWEEN", "ROWS BETWEEN"


@breaks("PLACE-01", "PLACE-02")
class FollowingRowsArePreceding(_ReadsAnotherText):
    """Encode the first bound of a window frame as one before the current row."""

    words = "1 FOLLOWING AND", "1 PRECEDING AND"


@breaks("PLACE-01", "PLACE-02")
class FirstNullsComeLast(_ReadsAnotherText):
    """Forget that the nulls of a sort key come first."""

    words = "NULLS FIRST", "NULLS LAST"


@breaks("PLACE-02")
class JoinsLoseNulls(_ReadsAnotherText):
    """Compare the keys of a join so that a null equals no null."""

    words = "IS NOT DISTINCT FROM odd", "= odd"


@breaks("PLACE-02")
class NoNulls(_ReadsAnotherText):
    """Return a value where a UDF returns a null."""

    words = "SELECT odd(a) AS v", "SELECT coalesce(odd(a), 0) AS v"


@breaks("PLACE-01")
class FiltersOfWindowsAreLost(_ReadsAnotherText):
    """Forget the filter of an aggregate over a window."""

    words = "FILTER (WHERE tri(a) > 3) OVER", "OVER"


@breaks("PLACE-01")
class WindowsCountDuplicates(_ReadsAnotherText):
    """Forget that an aggregate over a window counts distinct values."""

    words = "count(DISTINCT", "count("


@breaks("PLACE-01")
class WindowsRespectNulls(_ReadsAnotherText):
    """Forget that a function over a window ignores nulls."""

    words = "IGNORE NULLS OVER", "RESPECT NULLS OVER"


@breaks("PLACE-01")
class CastsForgetTheZone(_ReadsAnotherText):
    """Forget the time zone of the type to which a value is cast."""

    words = 'Some("+09:00")', "None"


@breaks("PLACE-01", "PLACE-02")
class DifferencesAreTakenFromTheLeft(_ReadsAnotherText):
    """Encode ``a - (b - c)`` as ``(a - b) - c``."""

    words = "10 - (5 - ", "(10 - 5) - ("


@breaks("PLACE-01", "PLACE-02")
class SecondBranchesAreLost(_ReadsAnotherText):
    """Leave out the second branch of a CASE."""

    words = " WHEN tri(a) > 3 THEN 2", ""


@breaks("PLACE-01", "PLACE-02")
class NullsInListsAreLost(_ReadsAnotherText):
    """Leave out the null in the list of NOT IN."""

    words = "NOT IN (NULL, 3)", "NOT IN (3)"


@breaks("PLACE-01", "PLACE-02")
class ShortListsAreNotNegated(_ReadsAnotherText):
    """Encode NOT IN as IN where the list has one value."""

    words = "NOT IN (3)", "IN (3)"


@breaks("PLACE-01", "PLACE-02")
class InnerCastsAreLost(_ReadsAnotherText):
    """Encode a cast of a cast as one cast."""

    words = "CAST(CAST(tri(a) - 3 AS BOOLEAN) AS INT)", "CAST(tri(a) - 3 AS INT)"


@breaks("PLACE-01", "PLACE-02")
class RangesAreRows(_ReadsAnotherText):
    """Count rows where a window frame ends with the last row of the same key."""

    words = "RANGE BETWEEN UNBOUNDED", "ROWS BETWEEN UNBOUNDED"


@breaks("PLACE-02")
class FiltersBesideKeysAreLost(_ReadsAnotherText):
    """Forget the filter of an aggregate that has a sort key."""

    words = "ORDER BY tri(a)) FILTER (WHERE tri(a) > 3)", "ORDER BY tri(a))"
