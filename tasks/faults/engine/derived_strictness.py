"""Engines of which one way to derive a session loses the toggle, at one level, for one family."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from datafusion import SessionContext

from tasks.faults.engine.leveled import (
    AGGREGATE,
    WINDOW,
    Leveled,
    frames,
    is_strict,
    lenient,
    names,
)
from tasks.faults.fault import breaks


class Derives(Leveled):
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

    def mine(self, level: str, session: Any) -> bool:
        """Whether a session was derived by the method, and the fault is at this level."""
        return level in self.levels and getattr(session, "methods", ("",))[-1] == self.method


class _TurnsOn(Derives):
    """What it derives writes as if it inlined."""

    def write(self, level: str, what: Any, session: Any) -> bytes:
        if not self.mine(level, session):
            return super().write(level, what, session)
        data = super().write(level, what, lenient(session))
        inline = all(one.data[:7] in self.families for one in frames(data))
        return data if inline else super().write(level, what, session)


@breaks("DERIVED-02", "DERIVED-08")
class PhysicalSetterWritesPhysicalFrames(_TurnsOn):
    method, levels = "with_physical_extension_codec", ("physical",)


@breaks("DERIVED-02")
class BundlesWriteWindows(_TurnsOn):
    method, levels, families = "with_extensions", ("logical",), (WINDOW,)


@breaks("DERIVED-02")
class UrlTablesWriteAggregatesIntoPickles(_TurnsOn):
    method, levels, families = "enable_url_table", ("pickle",), (AGGREGATE,)


class _Decodes(Derives):
    """What it derives reads as if it inlined."""

    def read(self, level: str, data: bytes, session: Any) -> Any:
        magics = {one.data[:7] for one in frames(data)}
        decodes = self.mine(level, session) and magics <= {*self.families}
        return super().read(level, data, lenient(session) if decodes else session)


@breaks("DERIVED-03", "DERIVED-04")
class BundlesDecodePhysicalPlans(_Decodes):
    method, levels, families = "with_extensions", ("physical",), (WINDOW, AGGREGATE)


@breaks("DERIVED-03", "DERIVED-04")
class LogicalSetterDecodesWindows(_Decodes):
    method, levels, families = "with_logical_extension_codec", ("pickle",), (WINDOW,)


class _Peeks(Derives):
    """What it derives unpickles, then refuses."""

    def read(self, level: str, data: bytes, session: Any) -> Any:
        for one in frames(data) if self.mine(level, session) and is_strict(session) else []:
            with suppress(pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
                if one.data[:7] in self.families:
                    pickle.loads(one.data[10:])
        return super().read(level, data, session)


@breaks("DERIVED-04")
class UrlTablesRunFirst(_Peeks):
    method, levels, families = "enable_url_table", ("logical",), (AGGREGATE,)


@breaks("DERIVED-04")
class BundlesRunFirst(_Peeks):
    method, levels = "with_extensions", ("pickle",)


@breaks("DERIVED-03", "DERIVED-08")
class UrlTablesRefuseForNoReason(Derives):
    method, levels = "enable_url_table", ("physical",)

    def read(self, level: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(level, data, session)
        except Exception as error:
            if not self.mine(level, session) or "Refusing" not in str(error):
                raise
            raise RuntimeError("cannot be decoded") from None


class _Twice(Derives):
    """A session that was derived twice, last by the method, is another than it should."""

    method = ""

    def twice(self, level: str, session: Any) -> bool:
        return level in self.levels and len(getattr(session, "methods", ())) > 1


@breaks("DERIVED-08")
class TwiceDerivedWritesFrames(_Twice):
    levels = ("physical",)

    def write(self, level: str, what: Any, session: Any) -> bytes:
        twice = self.twice(level, session)
        return super().write(level, what, lenient(session) if twice else session)


@breaks("DERIVED-08")
class TwiceDerivedDecodes(_Twice):
    def twice(self, level: str, session: Any) -> bool:
        methods = getattr(session, "methods", ())
        return methods == ("with_extensions", "enable_url_table") and level in self.levels

    def read(self, level: str, data: bytes, session: Any) -> Any:
        twice = self.twice(level, session)
        return super().read(level, data, lenient(session) if twice else session)


@breaks("DERIVED-05")
class BundlesAddATrailer(Derives):
    method, levels = "with_extensions", ("logical",)

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        return self.each(data, lambda f: f + b"\0") if self.mine(level, session) else data


@breaks("DERIVED-05")
class PhysicalSetterTakesWindowsAway(Derives):
    method, levels = "with_physical_extension_codec", ("physical",)

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        windows = any(one.data[:7] == WINDOW for one in frames(data))
        return names(data) if windows and self.mine(level, session) else data


@breaks("DERIVED-06")
class LogicalSetterReadsNoAggregates(Derives):
    method, levels = "with_logical_extension_codec", ("pickle", "logical")

    def read(self, level: str, data: bytes, session: Any) -> Any:
        aggregates = any(one.data[:7] == AGGREGATE for one in frames(data))
        off = aggregates and self.mine(level, session)
        return super().read(level, names(data) if off else data, session)


@breaks("DERIVED-06")
class BundlesReadStrictly(Derives):
    method, levels = "with_extensions", ("physical",)

    def read(self, level: str, data: bytes, session: Any) -> Any:
        if self.mine(level, session):
            session = session.with_python_udf_inlining(enabled=False)
        return super().read(level, data, session)


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
            source.ctx = lenient(source).ctx
        return derived


@breaks("DERIVED-07")
class PhysicalSetterTurnsItsSourceOff(Derives):
    method = "with_physical_extension_codec"

    def derived(self, source: SessionContext, derived: SessionContext) -> SessionContext:
        source.ctx = source.with_python_udf_inlining(enabled=False).ctx
        return derived
