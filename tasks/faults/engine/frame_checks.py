"""Faults in checking the header of a frame."""

from __future__ import annotations

import io
import pickle
import pickletools
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

from datafusion import Expr, SessionContext

from tasks.faults.engine.faulty import Faulty, PickleOnly
from tasks.faults.engine.frame import LATER
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


@breaks(*VERSION)
class VersionHasFlags(Lenient):
    """Compare only the lower four bits of the wire version."""

    def passes(self, version: int, python: bytes) -> bool:
        return version & 15 == 1 and python == PYTHON


@breaks("FRAME-08", "FRAME-11")
class VersionOfTheFirstFrameOnly(NewerVersionsAreTaken):
    """Check the wire version of the first frame only."""

    selected = LATER


@breaks("FRAME-07", "FRAME-11", "FRAME-21")
class VersionIsNotCheckedInPickles(PickleOnly, NewerVersionsAreTaken):
    """Accept wire versions above 1 in pickles."""


@breaks(
    *("FRAME-07", "FRAME-08", "FRAME-11", "FRAME-13", "FRAME-15", "FRAME-17", "FRAME-22"),
)
class ReadsAPayloadOnce(Faulty):
    """Cache expressions with several frames by name, without checking their headers again."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[tuple[int, str | None], Expr] = {}

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        found = self._select(data)
        if len(found) < 2:
            return super().from_bytes(data, session)
        key = len(found), found[0].name
        if key not in self.known:
            self.known[key] = super().from_bytes(data, session)
        return self.known[key]


@breaks("FRAME-11")
class VersionIsCheckedAfterUnpickling(Eager):
    """Unpickle the payload before the wire version is refused."""

    def first(self, version: int, python: bytes) -> bool:
        return version != 1 and python == PYTHON


@breaks("FRAME-11")
class NewerVersionsAreLookedInto(Eager):
    """Look up the globals in a payload before its newer wire version is refused."""

    def first(self, version: int, python: bytes) -> bool:
        return version > 2 and python == PYTHON

    def unpickle(self, payload: bytes) -> None:
        class Finder(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Any:
                sys.audit("pickle.find_class", module, name)
                raise pickle.UnpicklingError

        Finder(io.BytesIO(payload)).load()


@breaks("FRAME-11")
class VersionIsCheckedLateInPickles(PickleOnly, VersionIsCheckedAfterUnpickling):
    """Unpickle a pickled frame before its wire version is refused."""


# The sender's Python

REFUSAL = ("FRAME-12", "FRAME-13", "FRAME-14", "FRAME-15")


@breaks(*REFUSAL, "FRAME-16", "FRAME-18", "FRAME-21")
class PythonIsNotChecked(Lenient):
    """Accept frames of any Python version."""

    def passes(self, version: int, python: bytes) -> bool:
        return version == 1 and python != PYTHON


@breaks(*REFUSAL)
class OlderPythonsAreTaken(Lenient):
    """Accept frames of older Python versions."""

    def passes(self, version: int, python: bytes) -> bool:
        return version == 1 and python < PYTHON


@breaks(*REFUSAL, "FRAME-16", "FRAME-18", "FRAME-21")
class NewerMinorsAreTaken(Lenient):
    """Accept frames of newer Python minors."""

    def passes(self, version: int, python: bytes) -> bool:
        return version == 1 and python[0] == PYTHON[0] and python[1] > PYTHON[1]


@breaks(*REFUSAL)
class MajorIsNotCompared(Lenient):
    """Accept a frame with the same Python minor but another major."""

    def passes(self, version: int, python: bytes) -> bool:
        return version == 1 and python[1] == PYTHON[1]


@breaks("FRAME-13", "FRAME-15")
class PythonOfTheFirstFrameOnly(PythonIsNotChecked):
    """Check the Python version of the first frame only."""

    selected = LATER


@breaks("FRAME-12", "FRAME-15", "FRAME-21")
class PythonIsNotCheckedInPickles(PickleOnly, PythonIsNotChecked):
    """Accept frames of any Python version in pickles."""


@breaks("FRAME-15")
class PythonIsCheckedAfterUnpickling(Eager):
    """Unpickle the payload before its Python version is refused."""

    def first(self, version: int, python: bytes) -> bool:
        return version == 1 and python != PYTHON


@breaks("FRAME-15")
class OlderPayloadsAreTried(Eager):
    """Unpickle payloads of older Python versions before they are refused."""

    def first(self, version: int, python: bytes) -> bool:
        return version == 1 and python[:1] == PYTHON[:1] and python < PYTHON


@breaks("FRAME-11", "FRAME-15")
class ImportsBeforeItChecks(Eager):
    """Import the modules that a payload names before its header is refused."""

    def first(self, version: int, python: bytes) -> bool:
        return version != 1 or python != PYTHON

    def unpickle(self, payload: bytes) -> None:
        for _, name, _ in pickletools.genops(payload):
            if isinstance(name, str) and name.startswith("conformance."):
                import_module(name)
