"""Faults in the error messages for a header."""

from __future__ import annotations

from datafusion import Expr, SessionContext

from tasks.faults.engine.faulty import Faulty, IncludingPickle, PickleOnly
from tasks.faults.fault import breaks

# The wire version


@breaks("FRAME-07")
class VersionErrorIsOfPlanning(Faulty):
    """Raise a plan error for an unsupported wire version."""

    rewords = [(r"Execution\((?=.*wire-format version v)", "Plan(")]


@breaks("FRAME-07", "FRAME-17")
class VersionErrorIsOfPlanningInPickles(PickleOnly):
    """Raise a plan error for an unsupported or missing version in a pickle."""

    rewords = [(r"Execution\((?=.*wire-format)", "Plan(")]


@breaks("FRAME-08")
class VersionIsNotNamed(Faulty):
    """Omit the version from the error for an unsupported wire version."""

    rewords = [(r" version v\d+;", " version;")]


@breaks("FRAME-08")
class NamesItsOwnVersion(Faulty):
    """Name version 1 in the error for every unsupported wire version."""

    rewords = [(r"version v\d+;", "version v1;")]


@breaks("FRAME-08")
class NamesVersionsUpToNine(Faulty):
    """Name only the first digit of an unsupported wire version."""

    rewords = [(r"version v(\d)\d+;", r"version v\1;")]


@breaks("FRAME-09")
class RangeIsNotNamed(Faulty):
    """Omit the supported range from the error for an unsupported wire version."""

    rewords = [(r"this build supports v1..=v1", "this build does not support it")]


@breaks("FRAME-09")
class RangeBeginsAtZero(Faulty):
    """State a supported range of wire versions that begins at 0."""

    rewords = [(r"supports v1\.\.=", "supports v0..=")]


@breaks("FRAME-09")
class RangeIsOneNumber(Faulty):
    """State one supported wire version instead of a range."""

    rewords = [(r"supports v1\.\.=v1", "supports v1")]


@breaks("FRAME-10")
class VersionHasNoRemedy(Faulty):
    """Omit the remedy from the error for an unsupported wire version."""

    rewords = [(r" Align datafusion-python versions[^.]*\.", "")]


@breaks("FRAME-10")
class VersionRemedyIsForSendersOnly(Faulty):
    """Omit the receiver from the remedy for an unsupported wire version."""

    rewords = [(r"(Align datafusion-python versions.*) and receiver", r"\1")]


# The sender's Python


@breaks("FRAME-12", "FRAME-16")
class PythonErrorIsInternal(Faulty):
    """Raise an internal error for another Python version."""

    rewords = [(r"Execution\((?=.*was serialized on Python)", "Internal(")]


@breaks("FRAME-13")
class PythonsAreExchanged(Faulty):
    """Swap the sender's and the receiver's Python version in the error."""

    rewords = [
        (
            r"on Python (\S+) but this process is running Python (\d+\.\d+)",
            r"on Python \2 but this process is running Python \1",
        )
    ]


@breaks("FRAME-13")
class OwnPythonIsNotNamed(Faulty):
    """Omit the receiver's Python version from the error."""

    rewords = [(r" but this process is running Python \d+\.\d+", "")]


@breaks("FRAME-13")
class MinorsAreNamedOnly(Faulty):
    """Name Python 3 with the sender's minor, whatever the sender's major."""

    rewords = [(r"serialized on Python \d+\.", "serialized on Python 3.")]


@breaks("FRAME-14")
class PythonHasNoReason(Faulty):
    """Omit that payloads are not portable from the error for another Python version."""

    rewords = [(r" cloudpickle payloads are not portable[^.]*\.", "")]


@breaks("FRAME-14")
class PythonHasNoRemedy(Faulty):
    """Omit the remedy from the error for another Python version."""

    rewords = [(r" Align Python versions[^.]*\.", "")]


@breaks("FRAME-14")
class PythonTwoHasNoRemedy(Faulty):
    """Omit the remedy from the error for Python 2."""

    rewords = [(r"(Python 2\..*) Align Python versions[^.]*\.", r"\1")]


@breaks("FRAME-14")
class PythonRemedyIsForReceiversOnly(Faulty):
    """Omit the sender from the remedy for another Python version."""

    rewords = [(r"(Align Python versions on) sender and receiver", r"\1 the receiver")]


@breaks("FRAME-16")
class PythonErrorIsALookupError(IncludingPickle):
    """Raise a LookupError for another Python version."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if "was serialized on Python" in str(error):
                raise LookupError(str(error)) from None
            raise


# A truncated header


@breaks("FRAME-17")
class CutHeaderIsInternal(Faulty):
    """Raise an internal error for a missing Python minor."""

    rewords = [(r"Execution\((?=.*missing Python minor)", "Internal(")]


@breaks("FRAME-17")
class CutHeaderNamesTheVersion(Faulty):
    """Report a missing Python byte as a missing wire version byte."""

    rewords = [(r"missing Python (major|minor) version byte", "missing wire-format version byte")]


@breaks("FRAME-17")
class CutHeaderIsMalformed(Faulty):
    """Report a truncated header as malformed."""

    rewords = [("Truncated", "Malformed")]


# The kind of UDF


@breaks("FRAME-18")
class WindowsHaveNoKind(Faulty):
    """Omit that a payload is of a window UDF from errors."""

    rewords = [("Python window UDF payload", "Python UDF payload")]


@breaks("FRAME-18")
class EveryKindIsScalar(Faulty):
    """Name every payload one of a scalar UDF in errors."""

    rewords = [(r"Python \w+ UDF payload", "Python scalar UDF payload")]


@breaks("FRAME-18")
class CutHeadersHaveNoKind(Faulty):
    """Omit the kind of UDF from the error for a truncated header."""

    rewords = [(r"(Truncated.*)\w+ UDF payload", r"\1UDF payload")]


@breaks("FRAME-24")
class UnknownMagicsAreExecutionErrors(Faulty):
    """Raise an execution error for an unknown magic."""

    rewords = [(r"NotImplemented\(", "Execution(")]
