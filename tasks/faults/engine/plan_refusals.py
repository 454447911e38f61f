"""Faults in refusing plans."""

from __future__ import annotations

import importlib
import io
import pickle
import sys
from contextlib import suppress
from typing import Any

from conformance.wire.region import varint
from tasks.faults.engine.faulty_at import (
    AGGREGATE,
    SCALAR,
    AtLogical,
    AtPhysical,
    FaultyAt,
    find_frames,
    inlining,
    is_strict,
    remove_frames,
)
from tasks.faults.fault import breaks

UNPICKLE_ERRORS = (pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError)


class _Overlooks(FaultyAt):
    """An engine whose strict sessions decode what ``overlooks`` selects."""

    def overlooks(self, data: bytes, session: Any) -> bool:
        raise NotImplementedError

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts and is_strict(session) and self.overlooks(data, session):
            session = inlining(session)
        return super().read(artifact, data, session)


@breaks("PLAN-10", "PLAN-15")
class RegisteredFramesRun(AtLogical, _Overlooks):
    """Decode a frame on strict sessions that know its name."""

    def overlooks(self, data: bytes, session: Any) -> bool:
        try:
            self.decode("logical", remove_frames(data), session)
        except Exception:  # noqa: BLE001 - it is not registered
            return False
        return True


@breaks("PLAN-11")
class RefusalLostTheKindOfWindows(AtPhysical):
    """Omit that a UDF is a window one from refusals of physical plans."""

    rewords = [("inline Python window UDF '", "inline Python UDF '")]


@breaks("PLAN-11", "PLAN-12")
class RefusalLostTheName(AtLogical):
    """Omit the name of the UDF from refusals of logical plans."""

    rewords = [(r"(UDF|so|register) '[^']*'", r"\1 '?'")]


@breaks("PLAN-10", "PLAN-12", "PLAN-15")
class RefusalLostTheReason(AtPhysical):
    """Omit the reason from refusals of physical plans."""

    rewords = [("Python UDF inlining is disabled on this session", "not allowed")]


@breaks("PLAN-12", "STRICT-05")
class RefusalLostTheSendersRemedy(AtLogical):
    """Omit the sender's remedy from refusals of logical plans."""

    rewords = [("ask the sender to re-encode with inlining disabled so", "see that")]


@breaks("PLAN-12", "STRICT-06")
class RefusalLostTheReceiversRemedy(AtPhysical):
    """Omit the receiver's remedy from refusals of physical plans."""

    rewords = [(r"enable inlining on this receiver", "give up")]


@breaks("PLAN-12", "STRICT-06")
class RefusalLostTheRisk(AtLogical):
    """Omit the risk from refusals of logical plans."""

    rewords = [(r"\(accepts .*?payloads\)", "")]


@breaks("PLAN-13")
class PhysicalRefusalIsOfPlanning(AtPhysical):
    """Raise a plan error for a refused physical plan."""

    rewords = [("Execution error: (?=Refusing)", "Error during planning: ")]


@breaks("PLAN-13")
class PhysicalVersionIsInternal(AtPhysical):
    """Raise an internal error for a wire version in a physical plan."""

    rewords = [(r"Execution error: (?=.*wire-format version v)", "Internal error: ")]


@breaks("PLAN-13")
class PhysicalPythonIsExternal(AtPhysical):
    """Raise an external error for another Python version in a physical plan."""

    rewords = [(r"Execution error: (?=.*was serialized on Python)", "External error: ")]


@breaks("PLAN-13")
class LogicalRefusalIsInternal(AtLogical):
    """Raise an internal error where the released engine raises a plan error."""

    rewords = [("Error during planning", "Internal error")]


class _Peeks(FaultyAt):
    """An engine that calls ``peek`` with a payload before the toggle is checked."""

    def peek(self, payload: bytes) -> None:
        raise NotImplementedError

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        for one in find_frames(data) if artifact in self.artifacts and is_strict(session) else []:
            with suppress(*UNPICKLE_ERRORS):
                if one.data[:7] in self.families:
                    self.peek(one.data[10:])
        return super().read(artifact, data, session)


@breaks("PLAN-14", "PLAN-32", "STRICT-07")
class LooksUpTheNamesOfScalars(AtLogical, _Peeks):
    """Look up the globals of scalars in logical plans before refusal."""

    families = (SCALAR,)

    def peek(self, payload: bytes) -> None:
        class Finder(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Any:
                sys.audit("pickle.find_class", module, name)
                raise pickle.UnpicklingError

        Finder(io.BytesIO(payload)).load()


@breaks("PLAN-14")
class CallsThePicklerOnNothing(AtLogical, _Peeks):
    """Call cloudpickle.loads() on an incomplete payload before refusal."""

    families = (AGGREGATE,)

    def peek(self, payload: bytes) -> None:
        importlib.import_module("cloudpickle").loads(payload[:2] + b".")


@breaks("PLAN-14", "PLAN-32", "STRICT-07")
class UnpicklesAfterItHasRefused(AtPhysical):
    """Unpickle the first frame of a physical plan after it was refused."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception:
            if artifact in self.artifacts and is_strict(session):
                with suppress(*UNPICKLE_ERRORS):
                    pickle.loads(find_frames(data)[0].data[10:])
            raise


class _RunsBelow(_Overlooks):
    """An engine whose strict sessions decode a plan whose root is the node ``node``."""

    node: int

    def overlooks(self, data: bytes, session: Any) -> bool:
        del session
        return data.startswith(varint(self.node << 3 | 2))


@breaks("PLAN-14")
class ExplainedPlansRun(AtLogical, _RunsBelow):
    """Decode inline below EXPLAIN on strict sessions."""

    node = 12


@breaks("PLAN-14")
class CopiedPlansRun(AtLogical, _RunsBelow):
    """Decode inline below COPY on strict sessions."""

    node = 29


@breaks("PLAN-14")
class AnalyzedPlansRun(AtPhysical, _RunsBelow):
    """Decode inline below the physical EXPLAIN ANALYZE on strict sessions."""

    node = 23
