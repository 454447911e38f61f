"""Faults in writing and reading payloads."""

from __future__ import annotations

import pickle
from typing import Any

import cloudpickle
from datafusion import Expr, SessionContext, literal

from conformance import wire
from conformance.subjects.reference.schemas import Schemas
from conformance.wire.definition import FIELDS
from conformance.wire.frame import FAMILIES
from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.frame_checks import PYTHON
from tasks.faults.fault import breaks

WELL_FORMED = b"\1" + PYTHON


class Members(Faulty):
    """An engine that changes the members of payloads.

    ``change_written`` changes those that are written, ``change_read`` those that are read, both
    in a dict of members by name. The callable is ``callable``.
    """

    def change_written(self, members: dict[str, Any]) -> None:
        pass

    def change_read(self, members: dict[str, Any]) -> None:
        pass

    def send(self, frame: bytes) -> bytes:
        return _change_members(frame, self.change_written)

    def receive(self, frame: bytes) -> bytes:
        return _change_members(frame, self.change_read)


def _change_members(frame: bytes, change: Any) -> bytes:
    if frame[7:10] != WELL_FORMED:
        return frame
    names = ["callable" if i == 1 else name for i, name in enumerate(FIELDS[FAMILIES[frame[:7]]])]
    try:
        content = cloudpickle.loads(frame[10:])
    except Exception:  # noqa: BLE001 - the engine reports what is wrong
        return frame
    if not isinstance(content, tuple) or len(content) != len(names):
        return frame
    members = dict(zip(names, content, strict=True))
    change(members)
    if tuple(members.values()) == content:
        return frame
    return frame[:10] + bytes(cloudpickle.dumps(tuple(members.values())))


@breaks("PAYLOAD-14")
class StateNamesAreLost(Members):
    """Write state fields under other names."""

    def change_written(self, members: dict[str, Any]) -> None:
        if "state schema" in members:
            fields = Schemas().read(members["state schema"], "state")
            named = [field.with_name(f"state_{i}") for i, field in enumerate(fields)]
            members["state schema"] = Schemas().write(named)


@breaks("PAYLOAD-07", "PAYLOAD-16")
class InputsAreNeverNull(Members):
    """Write input fields as not nullable."""

    def change_written(self, members: dict[str, Any]) -> None:
        fields = Schemas().read(members["input schema"], "input")
        members["input schema"] = Schemas().write([one.with_nullable(False) for one in fields])


@breaks("PAYLOAD-15")
class ResultsLoseTheirNameOnTheSecondTrip(Members):
    """Drop the name of the return field in decoded UDFs."""

    def change_read(self, members: dict[str, Any]) -> None:
        if "state schema" not in members and isinstance(members["return schema"], bytes):
            try:
                fields = Schemas().read(members["return schema"], "return")
            except Exception:  # noqa: BLE001 - the engine reports what is wrong
                return
            members["return schema"] = Schemas().write([one.with_name("") for one in fields])


@breaks("PAYLOAD-04")
class NamesHaveNoCapitals(Members):
    """Write names in lower case."""

    def change_written(self, members: dict[str, Any]) -> None:
        members["name"] = members["name"].lower()


@breaks("PAYLOAD-17")
class WindowsAreImmutable(Members):
    """Write every window UDF as immutable."""

    def change_written(self, members: dict[str, Any]) -> None:
        if hasattr(members["callable"], "evaluate_all"):
            members["volatility"] = "immutable"


@breaks("PAYLOAD-17", "PAYLOAD-26", "PAYLOAD-29")
class DecodedIsVolatile(Members):
    """Decode every UDF as volatile."""

    def change_read(self, members: dict[str, Any]) -> None:
        members["volatility"] = "volatile"


@breaks("PAYLOAD-26")
class VolatilityHasNoCase(Members):
    """Accept volatilities in any case."""

    def change_read(self, members: dict[str, Any]) -> None:
        if isinstance(members["volatility"], str):
            members["volatility"] = members["volatility"].lower()


@breaks("PAYLOAD-29")
class NoNameIsAnonymous(Members):
    """Accept None as a name."""

    def change_read(self, members: dict[str, Any]) -> None:
        members["name"] = "anonymous" if members["name"] is None else members["name"]


@breaks("PAYLOAD-31")
class NameIsTheCalls(Members):
    """Take the name from the call instead of the payload."""

    def receive_found(self, found: wire.Found) -> bytes:
        def named(members: dict[str, Any]) -> None:
            if isinstance(members["name"], str):
                members["name"] = found.name

        return _change_members(found.data, named)


@breaks("PAYLOAD-23")
class ListsAreTuples(Faulty):
    """Accept a list in place of the payload's tuple."""

    def receive(self, frame: bytes) -> bytes:
        try:
            content = pickle.loads(frame[10:])
        except Exception:  # noqa: BLE001 - the engine reports what is wrong
            return frame
        return frame[:10] + pickle.dumps(tuple(content)) if isinstance(content, list) else frame


@breaks("PAYLOAD-22", "PAYLOAD-32")
class PicklesBeginWithAProtocol(Faulty):
    """Refuse payloads that do not begin with a protocol opcode."""

    def receive(self, frame: bytes) -> bytes:
        if frame[7:10] == WELL_FORMED and frame[10:11] != pickle.PROTO:
            raise RuntimeError('DataFusion error: Execution("no pickle")')
        return frame


@breaks("PAYLOAD-23", "PAYLOAD-24", "PAYLOAD-26", "PAYLOAD-29")
class MalformedIsInternal(Faulty):
    """Raise an internal error for a malformed payload."""

    rewords = [(r"Execution\(", "Internal(")]


@breaks("PAYLOAD-32")
class MissingModulesHaveNoName(Faulty):
    """Omit the module from the error for a missing module."""

    rewords = [(r"No module named \S+", "No module")]


@breaks(*(f"PAYLOAD-{number}" for number in (23, 24, 26, 29, 32)))
class WhatDoesNotReadIsNull(Faulty):
    """Decode whatever raises an error as null."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError:
            return literal(None)


@breaks("PAYLOAD-18")
class ChecksSchemasByPyarrow(Members):
    """Read the input schema by pyarrow when a UDF is encoded."""

    def change_written(self, members: dict[str, Any]) -> None:
        wire.read_schema(members["input schema"])
