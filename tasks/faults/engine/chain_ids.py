"""Faults in the ids of codecs and their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datafusion import SessionContext

from conformance.subjects.engine.chain import EngineChain
from conformance.subjects.plans import Layer
from tasks.faults.engine.faulty_at import is_strict
from tasks.faults.engine.faulty_chain import FaultyChain
from tasks.faults.fault import breaks


def _is_capsule(codec: Any) -> bool:
    return type(codec).__name__ == "PyCapsule"


class _ChoosesIds(EngineChain):
    """Codecs that are installed under the id that ``choose_id`` returns."""

    def choose_id(
        self, session: SessionContext, layer: Layer, codec: Any, codec_id: str | None
    ) -> str | None:
        raise NotImplementedError

    def install(
        self, session: SessionContext, layer: Layer, codec: Any, codec_id: str | None = None
    ) -> SessionContext:
        codec_id = self.choose_id(session, layer, codec, codec_id)
        return super().install(session, layer, codec, codec_id)


@breaks("CHAIN-01", "CHAIN-03", "CHAIN-11")
class ListsTheSessionItself(FaultyChain):
    """List the session's own id among its physical codecs if it has none."""

    class Chain(EngineChain):
        def ids(self, session: SessionContext, layer: Layer) -> Sequence[str]:
            own = [f"session:{session.session_id()}"] if layer == "physical" else []
            return super().ids(session, layer) or own


@breaks("CHAIN-02", "CHAIN-04", "CHAIN-12", "CHAIN-33", "CHAIN-40")
class ListsTheLatestFirst(FaultyChain):
    """List codec ids in reverse order of installation."""

    class Chain(EngineChain):
        def ids(self, session: SessionContext, layer: Layer) -> Sequence[str]:
            return [*reversed(super().ids(session, layer))]


@breaks("CHAIN-02", "CHAIN-12", "CHAIN-33", "CHAIN-40")
class PhysicalCodecsAreListedByName(FaultyChain):
    """List physical codec ids sorted by name."""

    class Chain(EngineChain):
        def ids(self, session: SessionContext, layer: Layer) -> Sequence[str]:
            found = super().ids(session, layer)
            return sorted(found) if layer == "physical" else found


@breaks("CHAIN-04", "CHAIN-33")
class BundlesGoFirst(FaultyChain):
    """List the codecs of a bundle before those that were installed earlier."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            derived = super().extend(session, *extensions)
            layers: tuple[Layer, ...] = ("logical", "physical")
            there = {layer: super(type(self), self).ids(session, layer) for layer in layers}
            setattr(derived, "first", there)  # noqa: B010
            return derived

        def ids(self, session: SessionContext, layer: Layer) -> Sequence[str]:
            found, there = super().ids(session, layer), getattr(session, "first", {})
            old = len(there.get(layer, ()))
            return [*found[old:], *found[:old]]


@breaks("CHAIN-03", "CHAIN-33")
class SettersInstallOnBothLayers(FaultyChain):
    """Install a codec on both layers with the setter of one."""

    class Chain(EngineChain):
        def install(self, session: SessionContext, layer: Layer, *codec: Any) -> SessionContext:
            derived = super().install(session, layer, *codec)
            if _is_capsule(codec[0]):
                return derived
            other: Layer = "logical" if layer == "physical" else "physical"
            return super().install(derived, other, *codec)


@breaks("CHAIN-04")
class BundlesChangeTheirSource(FaultyChain):
    """Install the codecs of bundles on the source session, too."""

    class Chain(EngineChain):
        def extend(self, session: SessionContext, *extensions: Any) -> SessionContext:
            derived = super().extend(session, *extensions)
            session.ctx = derived.ctx
            return derived


@breaks("CHAIN-04", "CHAIN-09", "CHAIN-10", "CHAIN-12", "CHAIN-18", "CHAIN-21")
class PhysicalSetterForgetsWhatWasThere(FaultyChain):
    """Discard the only codec so far when a physical codec is installed."""

    class Chain(EngineChain):
        def install(self, session: SessionContext, layer: Layer, *codec: Any) -> SessionContext:
            if layer == "physical" and len(self.ids(session, layer)) == 1:
                session = SessionContext()
            return super().install(session, layer, *codec)


@breaks("CHAIN-05")
class CapsulesTakeNoId(FaultyChain):
    """Ignore the codec_id that is passed for a capsule."""

    class Chain(_ChoosesIds):
        def choose_id(self, *call: Any) -> str | None:
            *_, codec, codec_id = call
            return None if _is_capsule(codec) else codec_id


@breaks("CHAIN-05")
class DeclaredIdBeatsTheGivenOne(FaultyChain):
    """Prefer the id that a codec's class declares over the one that is passed."""

    class Chain(_ChoosesIds):
        def choose_id(self, *call: Any) -> str | None:
            *_, codec, codec_id = call
            declares = hasattr(type(codec), "__datafusion_codec_id__")
            return None if declares and not isinstance(codec, SessionContext) else codec_id


@breaks("CHAIN-05")
class ClassBeatsTheGivenId(FaultyChain):
    """Prefer the name of a codec's class over the id that is passed."""

    class Chain(_ChoosesIds):
        def choose_id(self, *call: Any) -> str | None:
            *_, codec, codec_id = call
            exported = type(codec).__module__ == "my_library"
            return type(codec).__qualname__ if exported and codec_id else codec_id


class _ChangesClassIds(EngineChain):
    """Codecs whose classes have the id that ``class_id`` returns."""

    def class_id(self, class_name: str) -> str:
        raise NotImplementedError

    def make_exporter(self, session: SessionContext, class_name: str, declared: Any = None) -> Any:
        codec_id = self.class_id(class_name) if declared is None else declared
        return super().make_exporter(session, class_name, codec_id)


@breaks("CHAIN-06", "CHAIN-10")
class IdLostTheModule(FaultyChain):
    """Derive a codec's id from its class without the module."""

    class Chain(_ChangesClassIds):
        def class_id(self, class_name: str) -> str:
            return class_name.partition(".")[2]


@breaks("CHAIN-06", "CHAIN-10")
class IdLostTheOuterClass(FaultyChain):
    """Derive a codec's id from its class without the enclosing class."""

    class Chain(_ChangesClassIds):
        def class_id(self, class_name: str) -> str:
            module, _, name = class_name.partition(".")
            return f"{module}.{name.rpartition('.')[2]}"


@breaks("CHAIN-07", "CHAIN-10")
class DeclaredIdsHaveNoDots(FaultyChain):
    """Ignore declared ids that contain a dot."""

    class Chain(EngineChain):
        def make_exporter(
            self, session: SessionContext, class_name: str, declared: Any = None
        ) -> Any:
            dotted = declared is not None and "." in declared
            return super().make_exporter(session, class_name, None if dotted else declared)


@breaks("CHAIN-07", "CHAIN-10")
class DeclaredIdsAreForBundles(FaultyChain):
    """Ignore declared ids in the setters."""

    class Chain(_ChoosesIds):
        def choose_id(self, *call: Any) -> str | None:
            *_, codec, codec_id = call
            cls = type(codec)
            exported = cls.__module__ == "my_library" and codec_id is None
            return f"{cls.__module__}.{cls.__qualname__}" if exported else codec_id


@breaks("CHAIN-08", "CHAIN-10")
class DerivedHandlesHaveIdsOfTheirOwn(FaultyChain):
    """Give a strict handle of a session another id than the session."""

    class Chain(_ChoosesIds):
        def choose_id(self, *call: Any) -> str | None:
            *_, codec, codec_id = call
            own = codec_id is None and isinstance(codec, SessionContext) and is_strict(codec)
            return f"session:{codec.session_id()}-2" if own else codec_id


@breaks("CHAIN-08", "CHAIN-10")
class SessionsHaveTheIdOfTheirClass(FaultyChain):
    """Give every session that is installed as a codec its class's name as id."""

    class Chain(_ChoosesIds):
        def choose_id(self, *call: Any) -> str | None:
            *_, codec, codec_id = call
            session = isinstance(codec, SessionContext) and codec_id is None
            return "datafusion.context.SessionContext" if session else codec_id


@breaks("CHAIN-09")
class CapsulesAreNumbered(FaultyChain):
    """Number capsules per session, so that anon:0 is another capsule elsewhere."""

    class Chain(_ChoosesIds):
        def choose_id(self, *call: Any) -> str | None:
            session, layer, codec, codec_id = call
            if not _is_capsule(codec) or codec_id is not None:
                return codec_id if codec_id is None else str(codec_id)
            return f"anon:{len(self.ids(session, layer))}"


@breaks("CHAIN-09")
class CapsulesAreNamedOnce(FaultyChain):
    """Give a capsule the same id wherever it is installed."""

    class Chain(_ChoosesIds):
        def choose_id(self, *call: Any) -> str | None:
            session, layer, codec, codec_id = call
            if not _is_capsule(codec) or codec_id is not None:
                return codec_id if codec_id is None else str(codec_id)
            again = f"anon:{id(codec)}" in self.ids(session, layer)
            return f"anon:{id(codec)}" + "-" * len(self.ids(session, layer)) * again
