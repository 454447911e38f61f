"""Engines whose refusals of a header say something else."""

from __future__ import annotations

from datafusion import Expr, SessionContext

from tasks.faults.engine.faulty import Faulty, IncludingPickle, PickleOnly
from tasks.faults.fault import breaks

# The wire version


@breaks("FRAME-07")
class VersionErrorIsOfPlanning(Faulty):
    rewords = [(r"Execution\((?=.*wire-format version v)", "Plan(")]


@breaks("FRAME-07", "FRAME-17")
class VersionErrorIsOfPlanningInPickles(PickleOnly):
    rewords = [(r"Execution\((?=.*wire-format)", "Plan(")]


@breaks("FRAME-08")
class VersionIsNotNamed(Faulty):
    rewords = [(r" version v\d+;", " version;")]


@breaks("FRAME-08")
class NamesItsOwnVersion(Faulty):
    rewords = [(r"version v\d+;", "version v1;")]


@breaks("FRAME-08")
class NamesVersionsUpToNine(Faulty):
    """By one digit."""

    rewords = [(r"version v(\d)\d+;", r"version v\1;")]


@breaks("FRAME-09")
class RangeIsNotNamed(Faulty):
    rewords = [(r"this build supports v1..=v1", "this build does not support it")]


@breaks("FRAME-09")
class RangeBeginsAtZero(Faulty):
    rewords = [(r"supports v1\.\.=", "supports v0..=")]


@breaks("FRAME-09")
class RangeIsOneNumber(Faulty):
    rewords = [(r"supports v1\.\.=v1", "supports v1")]


@breaks("FRAME-10")
class VersionHasNoRemedy(Faulty):
    rewords = [(r" Align datafusion-python versions[^.]*\.", "")]


@breaks("FRAME-10")
class VersionRemedyIsForSendersOnly(Faulty):
    rewords = [(r"(Align datafusion-python versions.*) and receiver", r"\1")]


# The sender's Python


@breaks("FRAME-12", "FRAME-16")
class PythonErrorIsInternal(Faulty):
    rewords = [(r"Execution\((?=.*was serialized on Python)", "Internal(")]


@breaks("FRAME-13")
class PythonsAreExchanged(Faulty):
    rewords = [
        (
            r"on Python (\S+) but this process is running Python (\d+\.\d+)",
            r"on Python \2 but this process is running Python \1",
        )
    ]


@breaks("FRAME-13")
class OwnPythonIsNotNamed(Faulty):
    rewords = [(r" but this process is running Python \d+\.\d+", "")]


@breaks("FRAME-13")
class MinorsAreNamedOnly(Faulty):
    rewords = [(r"serialized on Python \d+\.", "serialized on Python 3.")]


@breaks("FRAME-14")
class PythonHasNoReason(Faulty):
    rewords = [(r" cloudpickle payloads are not portable[^.]*\.", "")]


@breaks("FRAME-14")
class PythonHasNoRemedy(Faulty):
    rewords = [(r" Align Python versions[^.]*\.", "")]


@breaks("FRAME-14")
class PythonTwoHasNoRemedy(Faulty):
    rewords = [(r"(Python 2\..*) Align Python versions[^.]*\.", r"\1")]


@breaks("FRAME-14")
class PythonRemedyIsForReceiversOnly(Faulty):
    rewords = [(r"(Align Python versions on) sender and receiver", r"\1 the receiver")]


@breaks("FRAME-16")
class PythonErrorIsALookupError(IncludingPickle):
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
class CutHeaderIsInternal(Faulty):
    rewords = [(r"Execution\((?=.*missing Python minor)", "Internal(")]


@breaks("FRAME-17")
class CutHeaderNamesTheVersion(Faulty):
    """Whichever byte is missing."""

    rewords = [(r"missing Python (major|minor) version byte", "missing wire-format version byte")]


@breaks("FRAME-17")
class CutHeaderIsMalformed(Faulty):
    rewords = [("Truncated", "Malformed")]


# The kind


@breaks("FRAME-18")
class WindowsHaveNoKind(Faulty):
    rewords = [("Python window UDF payload", "Python UDF payload")]


@breaks("FRAME-18")
class EveryKindIsScalar(Faulty):
    rewords = [(r"Python \w+ UDF payload", "Python scalar UDF payload")]


@breaks("FRAME-18")
class CutHeadersHaveNoKind(Faulty):
    rewords = [(r"(Truncated.*)\w+ UDF payload", r"\1UDF payload")]


@breaks("FRAME-24")
class UnknownMagicsAreExecutionErrors(Faulty):
    """And not what the engine's own breach is."""

    rewords = [(r"NotImplemented\(", "Execution(")]
