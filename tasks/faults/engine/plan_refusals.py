"""Engines that refuse plans in other words, for other reasons, or too late."""

from __future__ import annotations

import importlib
import io
import pickle
import sys
from contextlib import suppress
from typing import Any

from tasks.faults.engine.faulty_at import (
    AGGREGATE,
    SCALAR,
    WINDOW,
    AtLogical,
    AtPhysical,
    FaultyAt,
    find_frames,
    inlining,
    is_strict,
    remove_frames,
)
from tasks.faults.fault import breaks

BAD = (pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError)


class _Overlooks(FaultyAt):
    """A strict session decodes what ``overlooks`` says."""

    def overlooks(self, data: bytes, session: Any) -> bool:
        raise NotImplementedError

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and is_strict(session) and self.overlooks(data, session):
            session = inlining(session)
        return super().read(artifact, data, session)


@breaks("PLAN-10")
class SortKeysAreNotRefused(AtPhysical, _Overlooks):
    def overlooks(self, data: bytes, session: Any) -> bool:
        del session
        return all([n for n, _ in one.path][:3] == [10, 2, 10] for one in find_frames(data))


@breaks("PLAN-10")
class HavingIsNotRefused(AtLogical, _Overlooks):
    """What stands above an aggregate that goes by name."""

    def overlooks(self, data: bytes, session: Any) -> bool:
        del session
        return [one.name for one in find_frames(data)] == ["odd"] and b"sum_squares" in data


@breaks("PLAN-10")
class ScansAreNotRefused(AtPhysical, _Overlooks):
    """What a file's scan filters by."""

    def overlooks(self, data: bytes, session: Any) -> bool:
        del session
        return all(14 in [n for n, _ in one.path][:3] for one in find_frames(data))


@breaks("PLAN-10", "PLAN-15")
class RegisteredNamesAreNotRefused(AtPhysical):
    """What a session knows by name, it does not take from the bytes."""

    families = (AGGREGATE,)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        magics = {one.data[:7] for one in find_frames(data)}
        if artifact in self.artifacts and is_strict(session) and magics == {AGGREGATE}:
            with suppress(Exception):
                return self.decode(artifact, remove_frames(data), session)
        return super().read(artifact, data, session)


@breaks("PLAN-10", "PLAN-15")
class RegisteredFramesRun(AtLogical, _Overlooks):
    """A strict session takes it from the bytes if it knows the name."""

    def overlooks(self, data: bytes, session: Any) -> bool:
        try:
            self.decode("logical", remove_frames(data), session)
        except Exception:  # noqa: BLE001 - it is not registered
            return False
        return True


@breaks("PLAN-11")
class RefusalLostTheKindOfWindows(AtPhysical):
    rewords = [("inline Python window UDF '", "inline Python UDF '")]


@breaks("PLAN-11", "PLAN-18")
class RefusalOfAggregatesIsOfScalars(AtLogical):
    rewords = [("inline Python aggregate UDF", "inline Python scalar UDF")]


@breaks("PLAN-11")
class RefusalLostTheName(AtLogical):
    rewords = [(r"Python (\w+ UDF) '[^']*'", r"Python \1 '?'")]


@breaks("PLAN-09", "PLAN-10", "PLAN-12", "PLAN-15")
class RefusalLostTheReason(AtPhysical):
    rewords = [("Python UDF inlining is disabled on this session", "not allowed")]


@breaks("PLAN-12")
class RefusalLostTheSendersRemedy(AtLogical):
    rewords = [("ask the sender to re-encode with inlining disabled so", "see that")]


@breaks("PLAN-12")
class RefusalLostTheRegistration(AtPhysical):
    rewords = [(r", and register '[^']*' on this receiver", "")]


@breaks("PLAN-12")
class RefusalLostTheReceiversRemedy(AtPhysical):
    rewords = [(r"enable inlining on this receiver", "give up")]


@breaks("PLAN-12")
class RefusalLostTheRisk(AtLogical):
    rewords = [(r"\(accepts .*?payloads\)", "")]


@breaks("PLAN-13")
class PhysicalRefusalIsOfPlanning(AtPhysical):
    rewords = [("Execution error: (?=Refusing)", "Error during planning: ")]


@breaks("PLAN-13")
class PhysicalVersionIsInternal(AtPhysical):
    rewords = [(r"Execution error: (?=.*wire-format version v)", "Internal error: ")]


@breaks("PLAN-13")
class PhysicalPythonIsExternal(AtPhysical):
    rewords = [(r"Execution error: (?=.*was serialized on Python)", "External error: ")]


@breaks("PLAN-13")
class CutWindowsAreNotImplemented(AtPhysical):
    rewords = [
        (
            r"Execution error: (?=Truncated inline Python window UDF)",
            "This feature is not implemented: ",
        )
    ]


@breaks("PLAN-13")
class LogicalRefusalIsInternal(AtLogical):
    """Otherwise than the released engine, which is wrong in its own way."""

    rewords = [("Error during planning", "Internal error")]


class _Peeks(FaultyAt):
    """Unpickles before it looks at the toggle."""

    def peek(self, payload: bytes) -> None:
        raise NotImplementedError

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        for one in find_frames(data) if artifact in self.artifacts and is_strict(session) else []:
            with suppress(*BAD):
                if one.data[:7] in self.families:
                    self.peek(one.data[10:])
        return super().read(artifact, data, session)


@breaks("PLAN-14")
class UnpicklesWindowsFirst(AtPhysical, _Peeks):
    families = (WINDOW,)

    def peek(self, payload: bytes) -> None:
        pickle.loads(payload)


@breaks("PLAN-14")
class LooksUpTheNamesOfScalars(AtLogical, _Peeks):
    """Runs nothing, and asks for what the payload names."""

    families = (SCALAR,)

    def peek(self, payload: bytes) -> None:
        class Finder(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Any:
                sys.audit("pickle.find_class", module, name)
                raise pickle.UnpicklingError

        Finder(io.BytesIO(payload)).load()


@breaks("PLAN-14")
class CallsThePicklerOnNothing(AtLogical, _Peeks):
    """The payload does not run, but who counts the calls of the pickler sees one."""

    families = (AGGREGATE,)

    def peek(self, payload: bytes) -> None:
        importlib.import_module("cloudpickle").loads(payload[:2] + b".")


@breaks("PLAN-14")
class UnpicklesAfterItHasRefused(AtPhysical):
    """In order to say more of what it refused."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception:
            if artifact in self.artifacts and is_strict(session):
                with suppress(*BAD):
                    pickle.loads(find_frames(data)[0].data[10:])
            raise
