"""Faults in the frames that plans carry."""

from __future__ import annotations

from typing import Any

import cloudpickle

from conformance import wire
from tasks.faults.engine.faulty_at import (
    AGGREGATE,
    SCALAR,
    WINDOW,
    AtLogical,
    AtPhysical,
    FaultyAt,
    find_frames,
    is_strict,
)
from tasks.faults.fault import breaks


class _Drops(FaultyAt):
    """An engine that removes some frames from plans, so that their calls are by name."""

    def drops(self, found: list[wire.Found]) -> list[wire.Found]:
        raise NotImplementedError

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        gone = self.drops(find_frames(data)) if artifact in self.artifacts else []
        return wire.remove(data, [one.path for one in gone]) if gone else data


@breaks("PLAN-01", "PLAN-02", "PLAN-03", "PLAN-04", "PLAN-05", "PLAN-29", "PLAN-30")
class OnlyTheFirstUdfInlines(AtLogical, _Drops):
    """Write all UDFs of a logical plan but the first by name."""

    def drops(self, found: list[wire.Found]) -> list[wire.Found]:
        return [one for one in found if one.name != found[0].name]


@breaks("PLAN-02", "PLAN-05", "PLAN-25")
class OneFrameForTwoCalls(AtLogical, _Drops):
    """Write one frame for equal calls in a logical plan."""

    def drops(self, found: list[wire.Found]) -> list[wire.Found]:
        return [b for i, b in enumerate(found) if any(a.data == b.data for a in found[:i])]


@breaks("PLAN-01", "PLAN-05", "PLAN-29", "PLAN-30")
class SortKeysGoByName(AtPhysical, _Drops):
    """Write sort keys of physical plans by name."""

    def drops(self, found: list[wire.Found]) -> list[wire.Found]:
        return [one for one in found if [number for number, _ in one.path][:3] == [10, 2, 10]]


@breaks("PLAN-01", "PLAN-04", "PLAN-05", "PLAN-30")
class JoinFiltersGoByName(AtLogical, _Drops):
    """Write join filters of logical plans by name."""

    def drops(self, found: list[wire.Found]) -> list[wire.Found]:
        return [one for one in found if 8 in [number for number, _ in one.path][3:]]


@breaks("PLAN-01", "PLAN-23", "PLAN-29")
class DecodedOnceAName(AtPhysical):
    """Decode all frames of a name in a physical plan as the first one."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        found = find_frames(data) if artifact in self.artifacts and not is_strict(session) else []
        first = {one.name: one.data for one in reversed(found)}
        data = wire.replace(data, {one.path: first[one.name] for one in found}) if found else data
        return super().read(artifact, data, session)


@breaks("PLAN-04")
class LogicalPlansPickleAgain(AtLogical):
    """Write scalar payloads of logical plans by pickle protocol 4."""

    families = (SCALAR,)

    def send(self, frame: bytes) -> bytes:
        return frame[:10] + bytes(cloudpickle.dumps(cloudpickle.loads(frame[10:]), protocol=4))


_REFUSED = ("PLAN-10", "PLAN-11", "PLAN-12", "PLAN-13", "PLAN-15", "PLAN-16", "PLAN-17", "PLAN-18")
"""The clauses of frames that are refused for their own fault, and not for their magic."""


@breaks("PLAN-04", "PLAN-29", "PLAN-31", *_REFUSED)
class PhysicalMagicIsAnother(AtPhysical):
    """Swap the magics of aggregates and windows in physical plans, on both ends."""

    families = (AGGREGATE, WINDOW)

    def swap(self, frame: bytes) -> bytes:
        return {AGGREGATE: WINDOW, WINDOW: AGGREGATE}[frame[:7]] + frame[7:]

    send = receive = swap


@breaks("PLAN-06")
class SenderSlotRulesPhysicalPlans(AtPhysical):
    """Write physical plans by the session in the sender slot."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        slot = self.get_slot("sender") if artifact in self.artifacts else None
        return super().write(artifact, value, session or slot)


@breaks("PLAN-06")
class WorkerSlotRulesLogicalPlans(AtLogical):
    """Write logical plans by the session in the worker slot."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        slot = self.get_slot("worker") if artifact in self.artifacts else None
        return super().write(artifact, value, session or slot)


@breaks("PLAN-07", "PLAN-08")
class SenderSlotBeatsTheSessionOfPlans(FaultyAt):
    """Write plans by the session in the sender slot, even if a session is given."""

    artifacts = ("logical", "physical")

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        slot = self.get_slot("sender") if session and artifact in self.artifacts else None
        return super().write(artifact, value, slot or session)


@breaks("PLAN-07")
class SessionsWriteATrailer(AtLogical):
    """Append a byte to frames of logical plans if a session is given."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        given = session is not None and artifact in self.artifacts
        return self.change_frames(data, lambda frame: frame + b"\0") if given else data


@breaks("PLAN-07")
class OnAgainIsNotAsBefore(AtPhysical):
    """Append a byte to frames of physical plans if inlining was turned on again."""

    def with_inlining(self, session: Any, enabled: bool) -> Any:
        was = is_strict(session)
        derived = super().with_inlining(session, enabled)
        setattr(derived, "turned_on", was and enabled)  # noqa: B010
        return derived

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        turned = artifact in self.artifacts and getattr(session, "turned_on", False)
        return self.change_frames(data, lambda frame: frame + b"\0") if turned else data


class _Leaks(FaultyAt):
    """An engine whose strict bytes hold ``leak`` in an unknown field."""

    leak: bytes

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if artifact in self.artifacts and is_strict(session):
            return data + b"\xfa\x3f" + bytes((len(self.leak),)) + self.leak
        return data


@breaks("PLAN-08")
class StrictBytesNameTheSource(AtPhysical, _Leaks):
    """Write a source path into strict physical plans."""

    leak = b'File "<conformance 1>"'


@breaks("PLAN-08")
class StrictBytesLeaveAnEmptyFrame(AtLogical, _Leaks):
    """Write a bare magic into strict logical plans."""

    leak = b"DFPYUDW"
