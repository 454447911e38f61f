"""Faults in the ids of codecs and their order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from datafusion import SessionContext

from conformance.subjects.engine.chain import EngineChain
from conformance.subjects.plans import Layer
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


@breaks("CHAIN-02", "CHAIN-04", "CHAIN-12", "CHAIN-33", "CHAIN-40")
class ListsTheLatestFirst(FaultyChain):
    """List codec ids in reverse order of installation."""

    class Chain(EngineChain):
        def ids(self, session: SessionContext, layer: Layer) -> Sequence[str]:
            return [*reversed(super().ids(session, layer))]


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


@breaks("CHAIN-07", "CHAIN-10")
class DeclaredIdsHaveNoDots(FaultyChain):
    """Ignore declared ids that contain a dot."""

    class Chain(EngineChain):
        def make_exporter(
            self, session: SessionContext, class_name: str, declared: Any = None
        ) -> Any:
            dotted = declared is not None and "." in declared
            return super().make_exporter(session, class_name, None if dotted else declared)


@breaks("CHAIN-09")
class AnonymousIdsAreCounted(FaultyChain):
    """Number the bare capsules of a process, and make the ids of that."""

    class Chain(_ChoosesIds):
        numbers = count()

        def choose_id(
            self, session: SessionContext, layer: Layer, codec: Any, codec_id: str | None
        ) -> str | None:
            del session, layer
            if codec_id is None and _is_capsule(codec):
                return f"anon:{next(self.numbers):032x}"
            return codec_id
