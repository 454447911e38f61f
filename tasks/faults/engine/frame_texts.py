"""Engines whose refusals of a header say something else."""

from __future__ import annotations

import re

from datafusion import Expr, SessionContext

from tasks.faults.engine.wrapped import Everywhere, Telling
from tasks.faults.fault import breaks

# The wire version


@breaks("FRAME-07")
class VersionErrorIsOfPlanning(Telling):
    lost, told = r"Execution\((?=.*wire-format version v)", "Plan("


@breaks("FRAME-07", "FRAME-17")
class VersionErrorIsOfPlanningInPickles(Everywhere):
    """So is that of a short header."""

    def unpickled(self, data: bytes) -> Expr:
        try:
            return super().unpickled(data)
        except RuntimeError as error:
            raise RuntimeError(
                re.sub(r"Execution\((?=.*wire-format)", "Plan(", str(error))
            ) from None


@breaks("FRAME-08")
class VersionIsNotNamed(Telling):
    lost, told = r" version v\d+;", " version;"


@breaks("FRAME-08")
class NamesItsOwnVersion(Telling):
    lost, told = r"version v\d+;", "version v1;"


@breaks("FRAME-08")
class NamesVersionsUpToNine(Telling):
    """By one digit."""

    lost, told = r"version v(\d)\d+;", r"version v\1;"


@breaks("FRAME-09")
class RangeIsNotNamed(Telling):
    lost, told = r"this build supports v1..=v1", "this build does not support it"


@breaks("FRAME-09")
class RangeBeginsAtZero(Telling):
    lost, told = r"supports v1\.\.=", "supports v0..="


@breaks("FRAME-09")
class RangeIsOneNumber(Telling):
    lost, told = r"supports v1\.\.=v1", "supports v1"


@breaks("FRAME-10")
class VersionHasNoRemedy(Telling):
    lost, told = r" Align datafusion-python versions[^.]*\.", ""


@breaks("FRAME-10")
class VersionRemedyIsForSendersOnly(Telling):
    lost, told = r"(Align datafusion-python versions.*) and receiver", r"\1"


# The sender's Python


@breaks("FRAME-12", "FRAME-16")
class PythonErrorIsInternal(Telling):
    lost, told = r"Execution\((?=.*was serialized on Python)", "Internal("


@breaks("FRAME-13")
class PythonsAreExchanged(Telling):
    lost = r"on Python (\S+) but this process is running Python (\d+\.\d+)"
    told = r"on Python \2 but this process is running Python \1"


@breaks("FRAME-13")
class OwnPythonIsNotNamed(Telling):
    lost, told = r" but this process is running Python \d+\.\d+", ""


@breaks("FRAME-13")
class MinorsAreNamedOnly(Telling):
    lost, told = r"serialized on Python \d+\.", "serialized on Python 3."


@breaks("FRAME-14")
class PythonHasNoReason(Telling):
    lost, told = r" cloudpickle payloads are not portable[^.]*\.", ""


@breaks("FRAME-14")
class PythonHasNoRemedy(Telling):
    lost, told = r" Align Python versions[^.]*\.", ""


@breaks("FRAME-14")
class PythonTwoHasNoRemedy(Telling):
    lost, told = r"(Python 2\..*) Align Python versions[^.]*\.", r"\1"


@breaks("FRAME-14")
class PythonRemedyIsForReceiversOnly(Telling):
    lost, told = r"(Align Python versions on) sender and receiver", r"\1 the receiver"


@breaks("FRAME-16")
class PythonIsAnImportError(Everywhere):
    """And no ``RuntimeError``, which is the engine's own breach."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if "was serialized on Python" in str(error):
                raise LookupError(str(error)) from None
            raise


# A header that is cut short


@breaks("FRAME-17")
class CutHeaderIsInternal(Telling):
    lost, told = r"Execution\((?=.*missing Python minor)", "Internal("


@breaks("FRAME-17")
class CutHeaderNamesTheVersion(Telling):
    """Whichever byte is missing."""

    lost, told = r"missing Python (major|minor) version byte", "missing wire-format version byte"


@breaks("FRAME-17")
class CutHeaderIsMalformed(Telling):
    lost, told = "Truncated", "Malformed"


# The kind


@breaks("FRAME-18")
class WindowsHaveNoKind(Telling):
    lost, told = "Python window UDF payload", "Python UDF payload"


@breaks("FRAME-18")
class EveryKindIsScalar(Telling):
    lost, told = r"Python \w+ UDF payload", "Python scalar UDF payload"


@breaks("FRAME-18")
class CutHeadersHaveNoKind(Telling):
    lost, told = r"(Truncated.*)\w+ UDF payload", r"\1UDF payload"


@breaks("FRAME-24")
class UnknownMagicsAreExecutionErrors(Telling):
    """And not what the engine's own breach is."""

    lost, told = r"NotImplemented\(", "Execution("
