"""Faults in installing codecs and in refusing arguments that are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datafusion import SessionContext

from conformance.subjects.engine.chain import EngineChain
from conformance.subjects.plans import Layer
from tasks.faults.engine.faulty_at import is_strict
from tasks.faults.engine.faulty_chain import FaultyChain
from tasks.faults.fault import breaks


class _InstallErrors(EngineChain):
    """Codecs that handle the errors of ``install`` by ``handle_error``."""

    def handle_error(self, error: Exception, session: SessionContext, codec: Any) -> SessionContext:
        raise NotImplementedError

    def install(self, session: SessionContext, layer: Layer, *codec: Any) -> SessionContext:
        try:
            return super().install(session, layer, *codec)
        except (TypeError, ValueError) as error:
            return self.handle_error(error, session, codec[0])


@breaks("CHAIN-10")
class TwiceIsATypeError(FaultyChain):
    """Raise a TypeError for an id that is already installed."""

    class Chain(_InstallErrors):
        def handle_error(
            self, error: Exception, session: SessionContext, codec: Any
        ) -> SessionContext:
            del session, codec
            raise TypeError(str(error)) if "already" in str(error) else error


@breaks("CHAIN-10")
class TwiceNamesNoId(FaultyChain):
    """Omit the id from the error for an id that is already installed."""

    class Chain(_InstallErrors):
        def handle_error(
            self, error: Exception, session: SessionContext, codec: Any
        ) -> SessionContext:
            del session, codec
            again = "already installed on this session" in str(error)
            raise ValueError("A codec is already installed on this session") if again else error


@breaks("CHAIN-10")
class SiblingsAreTakenForTheSame(FaultyChain):
    """Ignore a strict handle of a session that is already installed."""

    class Chain(_InstallErrors):
        def handle_error(
            self, error: Exception, session: SessionContext, codec: Any
        ) -> SessionContext:
            if isinstance(codec, SessionContext) and is_strict(codec):
                return session
            raise error


@breaks("CHAIN-11")
class WrongCodecsAreValueErrors(FaultyChain):
    """Raise a ValueError for an argument that is no codec."""

    class Chain(_InstallErrors):
        def handle_error(
            self, error: Exception, session: SessionContext, codec: Any
        ) -> SessionContext:
            del session
            raise ValueError(str(error)) if codec == 7 else error


@breaks("CHAIN-11")
class NoCodecIsNoError(FaultyChain):
    """Accept None as a codec."""

    class Chain(_InstallErrors):
        def handle_error(
            self, error: Exception, session: SessionContext, codec: Any
        ) -> SessionContext:
            if codec is None:
                return session
            raise error


@breaks("CHAIN-11")
class OtherCapsulesAreTypeErrors(FaultyChain):
    """Raise a TypeError for a capsule of another kind."""

    class Chain(_InstallErrors):
        def handle_error(
            self, error: Exception, session: SessionContext, codec: Any
        ) -> SessionContext:
            del session
            raise TypeError(str(error)) if type(codec).__name__ == "PyCapsule" else error


@breaks("CHAIN-11")
class OtherCapsulesAreInstalled(FaultyChain):
    """Accept a capsule of another kind and ignore it."""

    class Chain(_InstallErrors):
        def handle_error(
            self, error: Exception, session: SessionContext, codec: Any
        ) -> SessionContext:
            if type(codec).__name__ != "PyCapsule":
                raise error
            return session


@breaks("CHAIN-12")
class ToggleReversesCodecs(FaultyChain):
    """Reverse the order of codecs when inlining is toggled."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        setattr(derived, "toggled", True)  # noqa: B010
        return derived

    class Chain(EngineChain):
        def ids(self, session: SessionContext, layer: Layer) -> Sequence[str]:
            found = super().ids(session, layer)
            return [*reversed(found)] if hasattr(session, "toggled") else found


@breaks("CHAIN-12")
class ToggleForgetsPhysicalCodecs(FaultyChain):
    """Discard codecs when inlining is turned on."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        forgets = enabled and self.chain.ids(session, "physical")
        return super().with_inlining(SessionContext() if forgets else session, enabled)


# Bundles
