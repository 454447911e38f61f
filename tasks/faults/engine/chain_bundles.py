"""Faults in installing extension bundles."""

from __future__ import annotations

from typing import Any

from datafusion import SessionContext

from conformance.subjects.chain import Bundle
from conformance.subjects.engine.chain import EngineChain
from tasks.faults.engine.faulty_chain import FaultyChain
from tasks.faults.fault import breaks
from tasks.faults.rewords import Rewords


class _ExtendErrors(EngineChain):
    """Codecs that handle the errors of ``extend`` by ``handle_error``."""

    def handle_error(self, error: Exception, session: SessionContext) -> SessionContext:
        raise NotImplementedError

    def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
        try:
            return super().extend(session, *extensions)
        except Exception as error:  # noqa: BLE001 - hooks raise errors of any class
            return self.handle_error(error, session)


@breaks("CHAIN-32")
class NoBundleNoCodecs(FaultyChain):
    """Return a session without codecs from with_extensions() without arguments."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            return super().extend(session if extensions else SessionContext(), *extensions)


@breaks("CHAIN-33")
class IteratorsAreEmptied(FaultyChain):
    """Exhaust iterators of codecs in a check, so that nothing is left to install."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            return super().extend(session, *map(_exhaust_iterators, extensions))


def _exhaust_iterators(extension: Any) -> Any:
    if not isinstance(extension, Bundle):
        return extension

    def components(session: Any) -> Any:
        brought = extension.components(session)
        for codecs in brought.values() if isinstance(brought, dict) else ():
            if hasattr(codecs, "__next__"):
                list(codecs)
        return brought

    return Bundle(components, extension.planner)


@breaks("CHAIN-33", "CHAIN-40")
class BundlesWithoutCodecsEndTheList(FaultyChain):
    """Ignore all extensions from the first bundle without codecs on."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            end = len(extensions)
            for number, extension in enumerate(extensions):
                if isinstance(extension, Bundle) and extension.components(session) == {}:
                    end = number if extension.planner is None else end
            return super().extend(session, *extensions[:end])


class _RewordedErrors(Rewords, _ExtendErrors):
    """Codecs that raise bundles' errors about ``about`` as another class, or reworded."""

    kind: type[Exception]
    about: str

    def handle_error(self, error: Exception, session: SessionContext) -> SessionContext:
        del session
        if self.about not in str(error):
            raise error
        raise self.kind(self.reword(str(error)))


@breaks("CHAIN-34")
class NoExtensionIsAValueError(FaultyChain):
    """Raise a ValueError for an argument that is not an extension."""

    class Chain(_RewordedErrors):
        kind, about = ValueError, "__datafusion_session_planner__"


@breaks("CHAIN-34")
class NoExtensionNamesOneHook(FaultyChain):
    """Omit one of the two hooks from the error for an argument that is no extension."""

    class Chain(_RewordedErrors):
        kind, about = TypeError, "__datafusion_session_planner__"
        rewords = [("__datafusion_session_planner__", "...")]


@breaks("CHAIN-34")
class NothingIsAnExtension(FaultyChain):
    """Accept None as an extension."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            return super().extend(session, *[one for one in extensions if one is not None])


@breaks("CHAIN-35", "CHAIN-39")
class NoComponentsIsAValueError(FaultyChain):
    """Raise a ValueError if a components hook returns no dict."""

    class Chain(_RewordedErrors):
        kind, about = ValueError, "must return"


@breaks("CHAIN-35")
class NoComponentsNamesNoHook(FaultyChain):
    """Omit the hook from the error for a components hook that returns no dict."""

    class Chain(_RewordedErrors):
        kind, about = TypeError, "must return"
        rewords = [("__datafusion_session_components__", "...")]


@breaks("CHAIN-35", "CHAIN-39")
class NoComponentsAreNone(FaultyChain):
    """Accept None from a components hook as no components."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            return super().extend(session, *map(_ignore_none, extensions))


def _ignore_none(extension: Any) -> Any:
    if not isinstance(extension, Bundle):
        return extension

    def components(session: Any) -> Any:
        brought = extension.components(session)
        return {} if brought is None else brought

    return Bundle(components, extension.planner)


@breaks("CHAIN-36", "CHAIN-39")
class BareCapsulesAreValueErrors(FaultyChain):
    """Raise a ValueError for a bare PyCapsule in a bundle."""

    class Chain(_RewordedErrors):
        kind, about = ValueError, "bare PyCapsule"


@breaks("CHAIN-36")
class BareCapsulesHaveNoRemedy(FaultyChain):
    """Omit the remedy from the error for a bare PyCapsule in a bundle."""

    class Chain(_RewordedErrors):
        kind, about = TypeError, "bare PyCapsule"
        rewords = [("__datafusion_physical_extension_codec__", "...")]


@breaks("CHAIN-37")
class SingleCodecsNameNoField(FaultyChain):
    """Omit the field from the error for a single codec instead of an iterable."""

    class Chain(_RewordedErrors):
        kind, about = TypeError, "must be an iterable"
        rewords = [("physical_extension_codecs", "...")]


@breaks("CHAIN-37")
class BytesAreAnIterableOfCodecs(FaultyChain):
    """Do not explain that bytes are no iterable of codecs."""

    class Chain(_RewordedErrors):
        kind, about = TypeError, "single bytes"
        rewords = [("must be an iterable", "...")]


@breaks("CHAIN-38")
class OneIdInABundleIsATypeError(FaultyChain):
    """Raise a TypeError if a bundle has a codec id twice."""

    class Chain(_RewordedErrors):
        kind, about = TypeError, "already installed"


@breaks("CHAIN-38")
class OneIdInBundlesIsNotNamed(FaultyChain):
    """Omit the id from the error for a codec id that is installed twice."""

    class Chain(_RewordedErrors):
        kind, about = ValueError, "already installed"
        rewords = [("'taken'", "...")]


@breaks("CHAIN-38")
class LaterBundlesReplace(FaultyChain):
    """Ignore bundles with an id that is already installed instead of raising an error."""

    class Chain(_ExtendErrors):
        def handle_error(self, error: Exception, session: SessionContext) -> SessionContext:
            if "already installed" not in str(error):
                raise error
            return session


@breaks("CHAIN-39")
class HooksErrorsAreWrapped(FaultyChain):
    """Wrap errors that hooks raise in a RuntimeError."""

    class Chain(_ExtendErrors):
        def handle_error(self, error: Exception, session: SessionContext) -> SessionContext:
            del session
            if isinstance(error, (TypeError, ValueError)):
                raise error
            raise RuntimeError(f"an extension failed: {error}") from error


@breaks("CHAIN-39")
class PlannersErrorsAreDropped(FaultyChain):
    """Ignore errors that planners raise."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            return super().extend(session, *map(_ignore_planner_errors, extensions))


def _ignore_planner_errors(extension: Any) -> Any:
    if not isinstance(extension, Bundle) or extension.planner is None:
        return extension
    planner = extension.planner

    def ask(session: Any) -> None:
        try:
            planner(session)
        except Exception:  # noqa: BLE001 - that is the fault
            return

    return Bundle(extension.components, ask)


@breaks("CHAIN-40")
class PlannersGetTheSource(FaultyChain):
    """Give planners the source session, which has none of the new codecs."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            return super().extend(
                session, *[_give_source_to_planner(one, session) for one in extensions]
            )


def _give_source_to_planner(extension: Any, session: SessionContext) -> Any:
    if not isinstance(extension, Bundle) or extension.planner is None:
        return extension
    planner = extension.planner
    return Bundle(extension.components, lambda _: planner(session))


@breaks("CHAIN-40")
class BundlesSeeThoseBefore(FaultyChain):
    """Ask a bundle for its components after the bundle before it is installed."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            for extension in extensions[:-1]:
                session = super().extend(session, extension)
            return super().extend(session, *extensions[-1:])
