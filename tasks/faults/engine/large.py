"""Faults that show in large frames only, after many calls, or in expressions of many calls."""

from __future__ import annotations

from collections import Counter
from typing import Any

from conformance import wire
from tasks.faults.engine.faulty_at import AtExpressions, FaultyAt, find_frames
from tasks.faults.fault import breaks

LIMIT = 1 << 20


@breaks("INLINE-01", "INLINE-02", "PLAN-01")
class LargeFramesAreCut(FaultyAt):
    """Write at most 1 MiB of a frame."""

    def send(self, frame: bytes) -> bytes:
        return frame[:LIMIT]


@breaks("INLINE-01", "INLINE-02")
class TheSeventeenthEncodingIsByAStaleBuffer(AtExpressions):
    """Write frames cut short from the 17th encoding of one expression on."""

    def __init__(self) -> None:
        super().__init__()
        self.times: Counter[int] = Counter()
        self.kept: list[Any] = []

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        self.kept.append(value)  # so that no other expression gets its id
        self.times[id(value)] += 1
        late = self.times[id(value)] >= 17
        return self.change_frames(data, lambda frame: frame[:-1]) if late else data


@breaks("INLINE-07", "INLINE-17")
class NoMoreThan32Frames(AtExpressions):
    """Write the calls after the 32nd of an expression by name."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        return wire.remove(data, [found.path for found in find_frames(data)[32:]])
