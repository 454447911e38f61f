"""Faults in writing and reading payloads."""

from __future__ import annotations

import io
import pickle
import sys
from types import ModuleType
from typing import Any
from unittest import mock

import cloudpickle

from conformance.subjects.engine import Engine
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


@breaks("PAYLOAD-17", "PAYLOAD-26", "PAYLOAD-29")
class DecodedIsVolatile(Members):
    """Decode every UDF as volatile."""

    def change_read(self, members: dict[str, Any]) -> None:
        members["volatility"] = "volatile"


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


@breaks("PAYLOAD-19")
class TakesTheNameForTheCallable(Engine):
    """Pickle a callable by reference if its module has any object of its name."""

    def __init__(self) -> None:
        super().__init__()

        def look_up(one: Any, name: str | None = None) -> tuple[Any, str] | None:
            name = name or getattr(one, "__qualname__", "")
            module = sys.modules.get(getattr(one, "__module__", ""))
            return (module, name) if module and name and hasattr(module, name) else None

        cloudpickle.cloudpickle._lookup_module_and_qualname = look_up


@breaks("PAYLOAD-32")
class MissingModulesAreEmpty(Engine):
    """Decode a module that is missing as an empty one."""

    def __init__(self) -> None:
        super().__init__()
        loads = cloudpickle.loads

        def lenient(data: bytes) -> Any:
            try:
                return loads(data)
            except ModuleNotFoundError as error:
                with mock.patch.dict(sys.modules, {str(error.name): ModuleType(str(error.name))}):
                    return loads(data)

        cloudpickle.loads = lenient


class _ByTheLastName(pickle.Unpickler):
    """An unpickler that looks for a name in the module where its class lacks it."""

    def find_class(self, module: str, name: str, /) -> Any:
        try:
            return super().find_class(module, name)
        except AttributeError:
            return super().find_class(module, name.rpartition(".")[2])


@breaks("PAYLOAD-33")
class MissingNamesComeFromTheModule(Engine):
    """Take a name from the module where the payload refers to it in a class."""

    def __init__(self) -> None:
        super().__init__()
        cloudpickle.loads = lambda data: _ByTheLastName(io.BytesIO(data)).load()
