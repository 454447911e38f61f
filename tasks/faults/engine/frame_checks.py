"""Faults in checking the header of a frame."""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress

from tasks.faults.engine.faulty import Faulty, PickleOnly
from tasks.faults.fault import breaks

PYTHON = bytes(sys.version_info[:2])
UNPICKLE_ERRORS = (pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError)
"""The errors that an unpickler raises for bytes that are no pickle."""


class Lenient(Faulty):
    """An engine that corrects a header that ``passes`` accepts before it is read."""

    def passes(self, version: int, python: bytes) -> bool:
        raise NotImplementedError

    def receive(self, frame: bytes) -> bytes:
        if len(frame) > 10 and self.passes(frame[7], frame[8:10]):
            return frame[:7] + b"\1" + PYTHON + frame[10:]
        return frame


class Eager(Faulty):
    """An engine that unpickles a payload if ``first`` is true, before it is refused."""

    def first(self, version: int, python: bytes) -> bool:
        raise NotImplementedError

    def unpickle(self, payload: bytes) -> None:
        pickle.loads(payload)

    def receive(self, frame: bytes) -> bytes:
        if len(frame) > 10 and self.first(frame[7], frame[8:10]):
            with suppress(*UNPICKLE_ERRORS):
                self.unpickle(frame[10:])
        return frame


# The wire version

VERSION = ("FRAME-07", "FRAME-08", "FRAME-09", "FRAME-10", "FRAME-11")


@breaks(*VERSION, "FRAME-18", "FRAME-21")
class NewerVersionsAreTaken(Lenient):
    """Accept wire versions above 1."""

    def passes(self, version: int, python: bytes) -> bool:
        return version > 1 and python == PYTHON


@breaks(*VERSION)
class VersionZeroIsTaken(Lenient):
    """Accept wire version 0."""

    def passes(self, version: int, python: bytes) -> bool:
        return version == 0 and python == PYTHON


@breaks("FRAME-07", "FRAME-11", "FRAME-21")
class VersionIsNotCheckedInPickles(PickleOnly, NewerVersionsAreTaken):
    """Accept wire versions above 1 in pickles."""


@breaks("FRAME-11")
class VersionIsCheckedAfterUnpickling(Eager):
    """Unpickle the payload before the wire version is refused."""

    def first(self, version: int, python: bytes) -> bool:
        return version != 1 and python == PYTHON


# The sender's Python

REFUSAL = ("FRAME-12", "FRAME-13", "FRAME-14", "FRAME-15")


@breaks(*REFUSAL, "FRAME-16", "FRAME-18", "FRAME-21")
class PythonIsNotChecked(Lenient):
    """Accept frames of any Python version."""

    def passes(self, version: int, python: bytes) -> bool:
        return version == 1 and python != PYTHON


@breaks("FRAME-12", "FRAME-15", "FRAME-21")
class PythonIsNotCheckedInPickles(PickleOnly, PythonIsNotChecked):
    """Accept frames of any Python version in pickles."""
