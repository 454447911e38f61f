"""Faults in the words and classes of refusals that no clause fixes by its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tasks.faults.engine.faulty_at import FaultyAt
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


class _TwoArguments(RuntimeError):
    def __str__(self) -> str:
        return str(self.args[0])


_TwoArguments.__name__ = _TwoArguments.__qualname__ = "RuntimeError"
_TwoArguments.__module__ = "builtins"


@breaks("REFUSAL-01")
class ACauseHidesTheRefusal(FaultyAt):
    """Raise refusals with a cause, which a traceback shows first."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            raise error from KeyError("codec")


@breaks("REFUSAL-01")
class TheToggleSaysItOtherwise(FaultyAt):
    """Raise another text for a call of the toggle without its argument."""

    def call_toggle(self, session: Any, *arguments: bool) -> Any:
        try:
            return super().call_toggle(session, *arguments)
        except TypeError as error:
            raise TypeError(str(error).replace("keyword-only ", "")) from None


@breaks("REFUSAL-02")
class ANewReleaseHasItsOwnClass(TheClassIsAnother):
    """Raise a class of its own in a release that the store does not hold."""

    def versions(self) -> Mapping[str, str]:
        return {**super().versions(), "engine": "99.0.0"}
