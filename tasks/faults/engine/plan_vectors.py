"""Faults in reading what no engine writes into plans: only vectors show them."""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from typing import Any

from tasks.faults.engine.faulty_at import FaultyAt, find_frames
from tasks.faults.fault import breaks

HEADER = b"\1" + bytes(sys.version_info[:2])
UNPICKLE_ERRORS = (pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError)


class _AtPlans(FaultyAt):
    """An engine whose hooks see plans of both layers."""

    artifacts = ("logical", "physical")


@breaks("FRAME-08", "FRAME-11", "PLAN-13", "PLAN-16")
class VersionTwoIsTaken(_AtPlans):
    """Accept wire version 2 in plans."""

    def receive(self, frame: bytes) -> bytes:
        return frame[:7] + b"\1" + frame[8:] if frame[7:8] == b"\2" else frame


class _Peeks(_AtPlans):
    """An engine that unpickles what follows a header for which ``peeks`` is true."""

    def peeks(self, magic: bytes, header: bytes) -> bool:
        raise NotImplementedError

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        at = data.find(b"DFPYUD") if artifact in self.artifacts else -1
        if at >= 0 and self.peeks(data[at : at + 7], data[at + 7 : at + 10]):
            with suppress(*UNPICKLE_ERRORS):
                pickle.loads(data[at + 10 :])
        return super().read(artifact, data, session)


@breaks("FRAME-11", "FRAME-15", "PLAN-14")
class HeadersAreCheckedAfterUnpickling(_Peeks):
    """Unpickle frames with a faulty header in plans before they are refused."""

    def peeks(self, magic: bytes, header: bytes) -> bool:
        return magic in self.families and len(header) == 3 and header != HEADER


@breaks("FRAME-20")
class MagicsAreNotCompared(_Peeks):
    """Unpickle definitions with an unknown magic in plans."""

    def peeks(self, magic: bytes, header: bytes) -> bool:
        return magic not in self.families and header == HEADER


@breaks("FRAME-19")
class FamiliesAreNotCompared(_AtPlans):
    """Unpickle frames of another family than their call's in plans after they are refused."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if artifact in self.artifacts and "is not provided for" in str(error):
                for one in find_frames(data):
                    with suppress(*UNPICKLE_ERRORS):
                        pickle.loads(one.data[10:])
            raise


@breaks("PAYLOAD-22")
class ProtocolThreeIsTooOld(_AtPlans):
    """Refuse payloads in pickle protocol 3 in plans."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact in self.artifacts:
            for one in find_frames(data):
                if one.data[10:12] == b"\x80\x03":
                    raise RuntimeError('DataFusion error: Execution("the protocol is too old")')
        return super().read(artifact, data, session)
