"""Engines of which one way to derive a session loses the toggle, at one level, for one family."""

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
    """Knows of a session by which ``method`` it was derived, the last one."""

    method: str

    def derivations(self, session: SessionContext) -> Mapping[str, Callable[[], SessionContext]]:
        found = dict(super().derivations(session))
        return {name: partial(self._derive, session, name, found[name]) for name in found}

    def _derive(
        self, session: SessionContext, name: str, derive: Callable[[], SessionContext]
    ) -> SessionContext:
        derived = self.derived(session, derive()) if name == self.method else derive()
        setattr(derived, "methods", (*getattr(session, "methods", ()), name))  # noqa: B010
        return derived

    def derived(self, source: SessionContext, derived: SessionContext) -> SessionContext:
        """What the method gives."""
        del source
        return derived

    def mine(self, artifact: str, session: Any) -> bool:
        """Whether a session was derived by the method, and the fault is at this level."""
        return artifact in self.artifacts and getattr(session, "methods", ("",))[-1] == self.method


class _TurnsOn(Derives):
    """What it derives writes as if it inlined."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        if not self.mine(artifact, session):
            return super().write(artifact, value, session)
        data = super().write(artifact, value, inlining(session))
        inline = all(one.data[:7] in self.families for one in find_frames(data))
        return data if inline else super().write(artifact, value, session)


@breaks("DERIVED-02", "DERIVED-08")
class PhysicalSetterWritesPhysicalFrames(_TurnsOn):
    method, artifacts = "with_physical_extension_codec", ("physical",)


@breaks("DERIVED-02")
class BundlesWriteWindows(_TurnsOn):
    method, artifacts, families = "with_extensions", ("logical",), (WINDOW,)


@breaks("DERIVED-02")
class UrlTablesWriteAggregatesIntoPickles(_TurnsOn):
    method, artifacts, families = "enable_url_table", ("pickle",), (AGGREGATE,)


class _Decodes(Derives):
    """What it derives reads as if it inlined."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        magics = {one.data[:7] for one in find_frames(data)}
        decodes = self.mine(artifact, session) and magics <= {*self.families}
        return super().read(artifact, data, inlining(session) if decodes else session)


@breaks("DERIVED-03", "DERIVED-04")
class BundlesDecodePhysicalPlans(_Decodes):
    method, artifacts, families = "with_extensions", ("physical",), (WINDOW, AGGREGATE)


@breaks("DERIVED-03", "DERIVED-04")
class LogicalSetterDecodesWindows(_Decodes):
    method, artifacts, families = "with_logical_extension_codec", ("pickle",), (WINDOW,)


class _Peeks(Derives):
    """What it derives unpickles, then refuses."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        for one in find_frames(data) if self.mine(artifact, session) and is_strict(session) else []:
            with suppress(pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
                if one.data[:7] in self.families:
                    pickle.loads(one.data[10:])
        return super().read(artifact, data, session)


@breaks("DERIVED-04")
class UrlTablesRunFirst(_Peeks):
    method, artifacts, families = "enable_url_table", ("logical",), (AGGREGATE,)


@breaks("DERIVED-04")
class BundlesRunFirst(_Peeks):
    method, artifacts = "with_extensions", ("pickle",)


@breaks("DERIVED-03", "DERIVED-08")
class UrlTablesRefuseForNoReason(Derives):
    method, artifacts = "enable_url_table", ("physical",)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if not self.mine(artifact, session) or "Refusing" not in str(error):
                raise
            raise RuntimeError("cannot be decoded") from None


class _Twice(Derives):
    """A session that was derived twice, last by the method, is another than it should."""

    method = ""

    def twice(self, artifact: str, session: Any) -> bool:
        return artifact in self.artifacts and len(getattr(session, "methods", ())) > 1


@breaks("DERIVED-08")
class TwiceDerivedWritesFrames(_Twice):
    artifacts = ("physical",)

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        twice = self.twice(artifact, session)
        return super().write(artifact, value, inlining(session) if twice else session)


@breaks("DERIVED-08")
class TwiceDerivedDecodes(_Twice):
    def twice(self, artifact: str, session: Any) -> bool:
        methods = getattr(session, "methods", ())
        return methods == ("with_extensions", "enable_url_table") and artifact in self.artifacts

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        twice = self.twice(artifact, session)
        return super().read(artifact, data, inlining(session) if twice else session)


@breaks("DERIVED-05")
class BundlesAddATrailer(Derives):
    method, artifacts = "with_extensions", ("logical",)

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        return (
            self.change_frames(data, lambda f: f + b"\0") if self.mine(artifact, session) else data
        )


@breaks("DERIVED-05")
class PhysicalSetterTakesWindowsAway(Derives):
    method, artifacts = "with_physical_extension_codec", ("physical",)

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        windows = any(one.data[:7] == WINDOW for one in find_frames(data))
        return remove_frames(data) if windows and self.mine(artifact, session) else data


@breaks("DERIVED-06")
class LogicalSetterReadsNoAggregates(Derives):
    method, artifacts = "with_logical_extension_codec", ("pickle", "logical")

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        aggregates = any(one.data[:7] == AGGREGATE for one in find_frames(data))
        off = aggregates and self.mine(artifact, session)
        return super().read(artifact, remove_frames(data) if off else data, session)


@breaks("DERIVED-06")
class BundlesReadStrictly(Derives):
    method, artifacts = "with_extensions", ("physical",)

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if self.mine(artifact, session):
            session = session.with_python_udf_inlining(enabled=False)
        return super().read(artifact, data, session)


@breaks("DERIVED-01")
class BundlesStayAsTheyAre(Derives):
    """What a bundle's session is switched to, it is not."""

    method = "with_extensions"

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return super().with_inlining(session, enabled or self.mine("expression", session))


@breaks("DERIVED-01")
class PhysicalSetterCannotBeSwitchedOn(Derives):
    method = "with_physical_extension_codec"

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return super().with_inlining(session, enabled and not self.mine("expression", session))


@breaks("DERIVED-07")
class BundlesTurnTheirSourceOn(Derives):
    method = "with_extensions"

    def derived(self, source: SessionContext, derived: SessionContext) -> SessionContext:
        if is_strict(source):
            source.ctx = inlining(source).ctx
        return derived


@breaks("DERIVED-07")
class PhysicalSetterTurnsItsSourceOff(Derives):
    method = "with_physical_extension_codec"

    def derived(self, source: SessionContext, derived: SessionContext) -> SessionContext:
        source.ctx = source.with_python_udf_inlining(enabled=False).ctx
        return derived
