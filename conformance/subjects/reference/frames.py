"""Window frames: which rows of a partition count for a row."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.subjects.reference.errors import PlanError
from conformance.subjects.reference.tree import Frame, SortKey

Keys = Sequence[tuple[SortKey, list[Any]]]
"""The keys of a partition, with their values in its order."""


@dataclass(frozen=True)
class Bounds:
    """A frame over a partition of so many rows."""

    frame: Frame
    count: int
    keys: Keys

    def of(self, row: int) -> tuple[int, int]:
        """Return the first row that counts, and the one behind the last."""
        before, after = self.frame.start, self.frame.end
        start, end = 0, self.count
        if self.frame.units == "rows":
            start = 0 if before is None else row - before
            end = self.count if after is None else row + after + 1
        elif self.frame.units == "groups":
            group = bisect_right(self.groups, (row, self.count)) - 1
            if before is not None:
                start = self.group(group - before)[0]
            if after is not None:
                end = self.group(group + after)[1]
        else:
            if before is not None:
                start = self.near(row, -before)[0]
            if after is not None:
                end = self.near(row, after)[1]
        start = min(max(start, 0), self.count)
        return start, max(start, min(end, self.count))

    @cached_property
    def groups(self) -> list[tuple[int, int]]:
        """The rows that tie."""
        return tied_ranges(self.keys, self.count)

    def group(self, number: int) -> tuple[int, int]:
        """Return the rows of a group; before the first and behind the last there are none."""
        if number < 0:
            return 0, 0
        return self.groups[number] if number < len(self.groups) else (self.count, self.count)

    def near(self, row: int, distance: int) -> tuple[int, int]:
        """Return the rows whose key is at this distance from that of ``row``.

        Or return the place where they would be.
        """
        own = self.groups[bisect_right(self.groups, (row, self.count)) - 1]
        if not distance:
            return own
        if len(self.keys) != 1:
            raise PlanError("a range of a distance needs one key")
        ((key, column),) = self.keys
        if column[row] is None:
            return own
        there = [at for at in range(self.count) if column[at] is not None]
        sign = 1 if key.ascending else -1
        values = [sign * column[at] for at in there]
        wanted = sign * column[row] + distance
        first = there[0]
        return first + bisect_left(values, wanted), first + bisect_right(values, wanted)


def tied_ranges(keys: Keys, count: int) -> list[tuple[int, int]]:
    """Return the ranges of rows that tie, in the order of a partition."""
    ranges: list[tuple[int, int]] = []
    start = 0
    for row in range(1, count + 1):
        if row == count or any(column[row] != column[start] for _, column in keys):
            ranges.append((start, row))
            start = row
    return ranges
