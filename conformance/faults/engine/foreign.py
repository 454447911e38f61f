"""Engines that lose functions from outside, or find the wrong ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from datafusion import Expr, SessionContext

from conformance.catalogue.foreign import LIBRARIES, Library
from conformance.catalogue.nodes import Udf
from conformance.faults.engine.wrapped import Faulty
from conformance.faults.fault import breaks
from conformance.subjects.engine import Engine
from conformance.subjects.engine.foreign import EngineForeign
from conformance.subjects.engine.plans import EnginePlans


@breaks("FOREIGN-01")
class SenderMatters(Engine):
    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        return super().to_bytes(expr if session is None else expr.alias("sent"), session)


@breaks("FOREIGN-08", "FOREIGN-10")
class NothingTravelsInline(Engine):
    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        return super().to_bytes(expr, self.with_inlining(session or self.session(), False))


@breaks("FOREIGN-03", "FOREIGN-09", "FOREIGN-12", "THREAD-14")
class RefusesWithoutAName(Faulty):
    def __init__(self) -> None:
        Engine.__init__(self)

    def say(self, text: str) -> str:
        return re.sub(r"function \w+", "function", text)


@breaks("FOREIGN-04")
class WorkerSlotIsEmpty(Engine):
    def set_slot(self, slot: Any, session: SessionContext) -> None:
        if slot != "worker":
            super().set_slot(slot, session)


@breaks("FOREIGN-12")
class NothingIsDeregistered(Engine):
    def deregister(self, session: SessionContext, function: Any) -> None:
        pass


@breaks("FOREIGN-13")
class RegistersOnce(Engine):
    """What was there under a name, or had been, stays away."""

    def __init__(self) -> None:
        super().__init__()
        self.gone: list[tuple[SessionContext, str]] = []

    def deregister(self, session: SessionContext, function: Any) -> None:
        super().deregister(session, function)
        self.gone.append((session, function.name))

    def register(self, session: SessionContext, function: Any) -> None:
        if (session, function.name) not in self.gone:
            super().register(session, function)


@breaks("FOREIGN-15")
class ArgumentsAreNotCounted(Engine):
    def evaluate(self, *arguments: Any, **options: Any) -> pa.Array:
        try:
            return super().evaluate(*arguments, **options)
        except Exception as error:
            if "arguments" not in str(error):
                raise
            return pa.array([7, 14, 21])


@breaks("FOREIGN-06", "FOREIGN-07", "FOREIGN-12")
class PlansResolveAnywhere(Engine):
    """A plan takes its functions from the session that made it."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = _Anywhere()


class _Anywhere(EnginePlans):
    def to_bytes(self, plan: Any, session: Any | None = None) -> bytes:
        self.last = plan
        return super().to_bytes(plan, session)

    def from_bytes(self, *_: Any) -> Any:
        return self.last


@breaks("FOREIGN-05")
class PlansShowNothing(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.plans = _Silent()


class _Silent(EnginePlans):
    def display(self, plan: Any) -> str:
        return str(type(plan))


@breaks("FOREIGN-02", "FOREIGN-04", "FOREIGN-08", "FOREIGN-10", "FOREIGN-13", "FOREIGN-15")
class ReversesRows(Engine):
    def evaluate(self, *arguments: Any, **options: Any) -> pa.Array:
        values = super().evaluate(*arguments, **options)
        return values.take(pa.array(range(len(values))[::-1]))


@breaks("FOREIGN-14")
class AliasIsNotNamed(Engine):
    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        expr = super().from_bytes(data, session)
        if re.search(r"power\(|avg\(", str(expr)):
            raise RuntimeError("no such function")
        return expr


@breaks("FOREIGN-11", blunders=True)
class StrangersAreABug(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.strangers = _Bug([*LIBRARIES.values()])


class _Bug(EngineForeign):
    def functions(self, library: Library) -> Mapping[Udf, Any]:
        return library.no_such_attribute  # type: ignore[attr-defined, no-any-return]
