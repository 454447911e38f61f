"""Faults in the toggle of derived sessions, by method, artifact and family."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from datafusion import SessionContext

from tasks.faults.engine.faulty_at import (
    AGGREGATE,
    WINDOW,
    FaultyAt,
    find_frames,
    inlining,
    is_strict,
    remove_frames,
)
from tasks.faults.fault import breaks


class Derives(FaultyAt):
    """An engine that records by which methods a session was derived."""

    method: str

    def derivations(self, session: SessionContext) -> Mapping[str, Callable[[], SessionContext]]:
        found = dict(super().derivations(session))
        return {name: partial(self._derive, session, name, found[name]) for name in found}

    def _derive(
        self, session: SessionContext, name: str, derive: Callable[[], SessionContext]
    ) -> SessionContext:
        derived = self.change_derived(session, derive()) if name == self.method else derive()
        setattr(derived, "methods", (*getattr(session, "methods", ()), name))  # noqa: B010
        return derived

    def change_derived(self, source: SessionContext, derived: SessionContext) -> SessionContext:
        """Return the session to use in place of ``derived``."""
        del source
        return derived

    def applies(self, artifact: str, session: Any) -> bool:
        """Return whether ``method`` derived the session and the fault is at this artifact."""
        return artifact in self.artifacts and getattr(session, "methods", ("",))[-1] == self.method


class _TurnsOn(Derives):
    """An engine that inlines on strict sessions that ``method`` derived."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        if not self.applies(artifact, session):
            return super().write(artifact, value, session)
        data = super().write(artifact, value, inlining(session))
        inline = all(one.data[:7] in self.families for one in find_frames(data))
        return data if inline else super().write(artifact, value, session)


@breaks("DERIVED-02", "DERIVED-08")
class PhysicalSetterWritesPhysicalFrames(_TurnsOn):
    """Inline in physical plans of strict sessions derived by the physical setter."""

    method, artifacts = "with_physical_extension_codec", ("physical",)


@breaks("DERIVED-02")
class BundlesWriteWindows(_TurnsOn):
    """Inline windows in logical plans of strict sessions derived by with_extensions()."""

    method, artifacts, families = "with_extensions", ("logical",), (WINDOW,)


@breaks("DERIVED-02")
class NoExtensionsTurnOn(_TurnsOn):
    """Inline on strict sessions derived by with_extensions() without extensions."""

    method = "with_extensions()"


class _Decodes(Derives):
    """An engine that decodes frames on strict sessions that ``method`` derived."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        magics = {one.data[:7] for one in find_frames(data)}
        decodes = self.applies(artifact, session) and magics <= {*self.families}
        return super().read(artifact, data, inlining(session) if decodes else session)


@breaks("DERIVED-03", "DERIVED-04")
class BundlesDecodePhysicalPlans(_Decodes):
    """Decode aggregates and windows in physical plans of strict sessions with bundles."""

    method, artifacts, families = "with_extensions", ("physical",), (WINDOW, AGGREGATE)


@breaks("DERIVED-03", "DERIVED-04")
class LogicalSetterDecodesWindows(_Decodes):
    """Decode pickled windows on strict sessions derived by the logical setter."""

    method, artifacts, families = "with_logical_extension_codec", ("pickle",), (WINDOW,)


@breaks("DERIVED-03", "DERIVED-04")
class NoExtensionsDecode(_Decodes):
    """Decode frames on strict sessions derived by with_extensions() without extensions."""

    method = "with_extensions()"


class _Peeks(Derives):
    """An engine that unpickles frames on sessions that ``method`` derived, then refuses."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        for one in (
            find_frames(data) if self.applies(artifact, session) and is_strict(session) else []
        ):
            with suppress(pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
                if one.data[:7] in self.families:
                    pickle.loads(one.data[10:])
        return super().read(artifact, data, session)


@breaks("DERIVED-04")
class BundlesRunFirst(_Peeks):
    """Unpickle pickled frames before refusal on strict sessions with bundles."""

    method, artifacts = "with_extensions", ("pickle",)


class _Twice(Derives):
    """An engine that is faulty on sessions that were derived twice."""

    method = ""

    def twice(self, artifact: str, session: Any) -> bool:
        return artifact in self.artifacts and len(getattr(session, "methods", ())) > 1


@breaks("DERIVED-08")
class TwiceDerivedWritesFrames(_Twice):
    """Inline in physical plans of strict sessions that were derived twice."""

    artifacts = ("physical",)

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        twice = self.twice(artifact, session)
        return super().write(artifact, value, inlining(session) if twice else session)


@breaks("DERIVED-05")
class BundlesAddATrailer(Derives):
    """Append a byte to frames in logical plans of sessions with bundles."""

    method, artifacts = "with_extensions", ("logical",)

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        return (
            self.change_frames(data, lambda f: f + b"\0")
            if self.applies(artifact, session)
            else data
        )


@breaks("DERIVED-05")
class PhysicalSetterTakesWindowsAway(Derives):
    """Write windows in physical plans by name after the physical setter."""

    method, artifacts = "with_physical_extension_codec", ("physical",)

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        windows = any(one.data[:7] == WINDOW for one in find_frames(data))
        return remove_frames(data) if windows and self.applies(artifact, session) else data


@breaks("DERIVED-06")
class LogicalSetterReadsNoAggregates(Derives):
    """Resolve inline aggregates by name after the logical setter."""

    method, artifacts = "with_logical_extension_codec", ("pickle", "logical")

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        aggregates = any(one.data[:7] == AGGREGATE for one in find_frames(data))
        off = aggregates and self.applies(artifact, session)
        return super().read(artifact, remove_frames(data) if off else data, session)


@breaks("DERIVED-06")
class BundlesReadStrictly(Derives):
    """Refuse frames in physical plans on inlining sessions with bundles."""

    method, artifacts = "with_extensions", ("physical",)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if self.applies(artifact, session):
            session = session.with_python_udf_inlining(enabled=False)
        return super().read(artifact, data, session)


@breaks("DERIVED-01")
class BundlesStayAsTheyAre(Derives):
    """Do not turn inlining off in sessions that with_extensions() derives."""

    method = "with_extensions"

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return super().with_inlining(session, enabled or self.applies("expression", session))


@breaks("DERIVED-01")
class PhysicalSetterCannotBeSwitchedOn(Derives):
    """Do not turn inlining on in sessions that the physical setter derives."""

    method = "with_physical_extension_codec"

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return super().with_inlining(session, enabled and not self.applies("expression", session))


@breaks("DERIVED-01")
class BundlesKeepTheStrictnessOfTheirSource(Derives):
    """Do not turn inlining on in sessions that with_extensions() derived from strict ones."""

    method = "with_extensions"

    def change_derived(self, source: SessionContext, derived: SessionContext) -> SessionContext:
        setattr(derived, "of_strict", is_strict(source))  # noqa: B010
        return derived

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return super().with_inlining(session, enabled and not getattr(session, "of_strict", False))


@breaks("DERIVED-07")
class BundlesTurnTheirSourceOn(Derives):
    """Turn inlining on in a strict source when with_extensions() is called."""

    method = "with_extensions"

    def change_derived(self, source: SessionContext, derived: SessionContext) -> SessionContext:
        if is_strict(source):
            source.ctx = inlining(source).ctx
        return derived


@breaks("DERIVED-07")
class PhysicalSetterTurnsItsSourceOff(Derives):
    """Turn inlining off in the source when the physical setter is called."""

    method = "with_physical_extension_codec"

    def change_derived(self, source: SessionContext, derived: SessionContext) -> SessionContext:
        source.ctx = source.with_python_udf_inlining(enabled=False).ctx
        return derived
