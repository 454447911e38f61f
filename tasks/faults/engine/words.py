"""Faults that encode another SQL text than they get: a part of its structure is lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import pyarrow as pa
from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import Plan
from conformance.subjects.engine.sql import EngineSql
from conformance.subjects.sql import Stage
from tasks.faults.fault import breaks


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
        self, session: SessionContext, stage: Stage, text: str, functions: Iterable[Any]
    ) -> Plan:
        return super().plan(session, stage, text.replace(*self._words), functions)


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
class IntersectionsLoseNulls(_ReadsAnotherText):
    """Compare the rows of INTERSECT so that a null equals no null."""

    words = "INTERSECT SELECT odd(a) FROM t", "INTERSECT SELECT odd(a) FROM t WHERE a <> 2"


@breaks("PLACE-02")
class ColumnsOfOtherTables(_ReadsAnotherText):
    """Take the column of the table ``b`` in the schema ``a`` for that of the table ``a.b``."""

    words = 'tri("a.b".v) AS v FROM a.b', "tri(a.b.v) AS v FROM a.b"


@breaks("PLACE-02")
class CompressedFilesAreReadAsTheyAre(_ReadsAnotherText):
    """Forget that a file is compressed."""

    words = "'format.compression' 'gzip'", "'format.compression' 'uncompressed'"


@breaks("PLACE-02")
class NotInForgetsNulls(_ReadsAnotherText):
    """Forget that a null among the values of NOT IN excludes all rows."""

    words = "(SELECT odd(a) FROM t WHERE a < 3)", "(SELECT odd(a) FROM t WHERE a < 2)"


@breaks("PLACE-02")
class NothingIsEmpty(_ReadsAnotherText):
    """Keep the rows that the condition FALSE excludes."""

    words = "WHERE FALSE", "WHERE TRUE"


@breaks("PLACE-05")
class DatesAreNotWritten(_ReadsAnotherText):
    """Write a null for a date."""

    words = "DATE '2024-01-02'", "CAST(NULL AS DATE)"


@breaks("PLACE-05")
class CopiesForgetTheirDelimiter(_ReadsAnotherText):
    """Write commas, whatever the options of COPY say."""

    words = ", 'format.delimiter' ';'", ""


@breaks("PLACE-02")
class NoNulls(_ReadsAnotherText):
    """Return a value where a UDF returns a null."""

    words = "SELECT odd(a) AS v", "SELECT coalesce(odd(a), 0) AS v"


@breaks("PLACE-01", "PLACE-02")
class FiltersOfWindowsAreLost(_ReadsAnotherText):
    """Forget the filter of an aggregate over a window."""

    words = "FILTER (WHERE tri(a) > 3) OVER", "OVER"


@breaks("PLACE-01")
class FiltersBesidePartitionsAreLost(_ReadsAnotherText):
    """Forget the filter of an aggregate over a window that has partitions."""

    words = "FILTER (WHERE tri(a) > 3) OVER (PARTITION", "OVER (PARTITION"


@breaks("PLACE-01")
class SecondPartitionKeysAreLost(_ReadsAnotherText):
    """Forget the second partition key of a window."""

    words = "PARTITION BY a IS NULL, s", "PARTITION BY a IS NULL"


@breaks("PLACE-01", "PLACE-02")
class WindowsCountDuplicates(_ReadsAnotherText):
    """Forget that an aggregate over a window counts distinct values."""

    words = "count(DISTINCT", "count("


@breaks("PLACE-01", "PLACE-02")
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
