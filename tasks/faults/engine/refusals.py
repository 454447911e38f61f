"""Faults in the words and classes of refusals that no clause fixes by its parts."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

from tasks.faults.engine.faulty_at import AtPhysical, FaultyAt
from tasks.faults.fault import breaks


class RefusalError(RuntimeError):
    """An error of another class than the engine's."""


class _Reraises(FaultyAt):
    """An engine that raises ``changed`` of an error in place of the error."""

    def changed(self, error: Exception) -> Exception:
        raise NotImplementedError

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if artifact not in self.artifacts:
                raise
            raise self.changed(error) from None


@breaks("REFUSAL-01")
class TheClassIsAnother(_Reraises):
    """Raise the same text with a subclass of the engine's class."""

    def changed(self, error: Exception) -> Exception:
        return RefusalError(str(error)) if type(error) is RuntimeError else error


@breaks("REFUSAL-01")
class TheClassOfPhysicalPlansIsAnother(AtPhysical, _Reraises):
    """Raise a RuntimeError, which the engine raises for expressions, for physical plans."""

    def changed(self, error: Exception) -> Exception:
        return RuntimeError(str(error)) if type(error) is Exception else error


@breaks("REFUSAL-01")
class ALetterIsAnother(FaultyAt):
    """Change one letter of a refusal that no clause fixes."""

    rewords = [("cannot re-encode bytes", "cannot re-encode byte")]


@breaks("REFUSAL-01")
class ALetterOfAPayloadErrorIsAnother(FaultyAt):
    """Change one letter of the error for a payload that is no tuple."""

    rewords = [("is not an instance of", "is no instance of")]


@breaks("REFUSAL-01")
class TheFamilyIsAnother(FaultyAt):
    """Name the scalar type in an error about the return schema of a window."""

    rewords = [("PythonFunctionWindowUDF", "PythonFunctionScalarUDF")]


@breaks("REFUSAL-01")
class ThePythonVersionsAreSwapped(FaultyAt):
    """Take the sender's Python for this one's in the error for another Python."""

    rewords = [
        (
            r"Python (\d\.\d+) but this process is running Python (\d\.\d+)",
            r"Python \2 but this process is running Python \1",
        )
    ]


@breaks("REFUSAL-01")
class PhysicalPlansSayItOtherwise(AtPhysical):
    """End the refusal of a physical plan without its last sentence."""

    rewords = [(r" Receivers cannot re-encode bytes they did not produce\.", "")]


class _TwoArguments(RuntimeError):
    def __str__(self) -> str:
        return str(self.args[0])


_TwoArguments.__name__ = _TwoArguments.__qualname__ = "RuntimeError"
_TwoArguments.__module__ = "builtins"


@breaks("REFUSAL-01")
class TheErrorHasTwoArguments(_Reraises):
    """Raise errors with a second argument, which their text does not show."""

    def changed(self, error: Exception) -> Exception:
        return _TwoArguments(str(error), 1) if type(error) is RuntimeError else error


@breaks("REFUSAL-01")
class ACauseHidesTheRefusal(FaultyAt):
    """Raise refusals with a cause, which a traceback shows first."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            raise error from KeyError("codec")


@breaks("REFUSAL-01")
class OnlyTheFirstRefusalIsRight(FaultyAt):
    """Shorten an error that was raised before."""

    def __init__(self) -> None:
        super().__init__()
        self._raised: set[str] = set()

    def reword(self, message: str) -> str:
        if message in self._raised:
            return message.partition(": ")[0]
        self._raised.add(message)
        return message


@breaks("REFUSAL-01")
class UncallableIsRefused(FaultyAt):
    """Refuse a payload that this release accepts: one whose callable cannot be called."""

    def receive(self, frame: bytes) -> bytes:
        try:
            _, function, *_ = pickle.loads(frame[10:])
        except Exception:  # noqa: BLE001 - the engine reports what is wrong with a payload
            return frame
        if not callable(function):
            raise RuntimeError("the callable cannot be called")
        return frame


@breaks("REFUSAL-01")
class GarbageIsAccepted(FaultyAt):
    """Accept bytes that are no message as an empty plan."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if data == b"garbage" and artifact in ("logical", "physical"):
            return None
        return super().read(artifact, data, session)


@breaks("REFUSAL-01")
class TheToggleSaysItOtherwise(FaultyAt):
    """Raise another text for a call of the toggle without its argument."""

    def call_toggle(self, session: Any, *arguments: bool) -> Any:
        try:
            return super().call_toggle(session, *arguments)
        except TypeError as error:
            raise TypeError(str(error).replace("keyword-only ", "")) from None


@breaks("REFUSAL-02")
class ANewReleaseRewords(FaultyAt):
    """Reword a refusal in a release that the store does not hold."""

    rewords = [("Align datafusion-python versions", "Use one version of datafusion-python")]

    def versions(self) -> Mapping[str, str]:
        return {**super().versions(), "engine": "99.0.0"}


@breaks("REFUSAL-02")
class ANewReleaseHasItsOwnClass(TheClassIsAnother):
    """Raise a class of its own in a release that the store does not hold."""

    def versions(self) -> Mapping[str, str]:
        return {**super().versions(), "engine": "99.0.0"}
