"""Faults in plans: UDFs below some fields of a node leave by name."""

from __future__ import annotations

from typing import Any, ClassVar

from conformance import wire
from tasks.faults.engine.faulty_at import AtLogical, AtPhysical, FaultyAt, find_frames
from tasks.faults.fault import breaks


class _LeavesOut(FaultyAt):
    """An engine that writes the UDFs by name whose paths have the steps ``below`` in a row.

    A step is the number of a field and the index among its values.
    """

    below: ClassVar[tuple[tuple[int, int], ...]]

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if artifact not in self.artifacts:
            return data
        return wire.remove(data, [f.path for f in find_frames(data) if self.is_below(f.path)])

    def is_below(self, path: Any) -> bool:
        size = len(self.below)
        return any(tuple(path[n : n + size]) == self.below for n in range(len(path)))


@breaks("PLACE-02")
class ThirdInputsLeaveByName(_LeavesOut):
    """Write the UDFs of the third input of a UNION by name."""

    artifacts = ("logical", "physical")
    below = (19, 0), (1, 2)


@breaks("PLACE-02")
class RightKeysLeaveByName(AtLogical, _LeavesOut):
    """Write the UDFs in the right keys of a join by name."""

    below = (7, 0), (6, 0)


@breaks("PLACE-02")
class SecondAggregatesLeaveByName(AtLogical, _LeavesOut):
    """Write the second aggregate of a logical plan's node by name."""

    below = (6, 0), (3, 1)


@breaks("PLACE-02")
class SecondPhysicalAggregatesLeaveByName(AtPhysical, _LeavesOut):
    """Write the second aggregate of a physical plan's node by name."""

    below = (8, 0), (2, 1)


@breaks("PLACE-02")
class SecondFiltersLeaveByName(AtPhysical, _LeavesOut):
    """Write the UDFs in the filter of a physical node's second aggregate by name."""

    below = (8, 0), (10, 1)


@breaks("PLACE-02")
class LoopFiltersLeaveByName(AtPhysical, _LeavesOut):
    """Write the UDFs in the filter of a nested loop join by name."""

    below = (22, 0), (4, 0)


@breaks("PLACE-02")
class RightInputsLeaveByName(AtPhysical, _LeavesOut):
    """Write the UDFs of the right input of a cross join by name."""

    below = (16, 0), (2, 0), (4, 0)


@breaks("PLACE-02")
class ValuesOfCasesLeaveByName(AtPhysical, _LeavesOut):
    """Write the UDFs in the first value of a physical plan's CASE by name."""

    below = (8, 0), (2, 0), (2, 0)


@breaks("PLACE-02")
class OperandsOfLikeLeaveByName(AtPhysical, _LeavesOut):
    """Write the UDFs in the operand of a physical plan's LIKE by name."""

    below = (18, 0), (3, 0)


@breaks("PLACE-02")
class ScansLeaveByName(AtLogical, _LeavesOut):
    """Write the UDFs in the filters of a scan of files by name."""

    below = (4, 0), (1, 0), (1, 0), (6, 0)


@breaks("PLACE-02")
class StatementsLeaveByName(FaultyAt):
    """Write the UDFs of a statement that is no query by name."""

    artifacts = ("logical", "physical")
    statements = ("Explain", "Analyze", "Copy", "Dml", "DataSinkExec")

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if artifact in self.artifacts and str(value).startswith(self.statements):
            return wire.remove(data, [found.path for found in find_frames(data)])
        return data
