"""The wire proxy: changes bytes between encoder and decoder, at one site, under a condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any

from datafusion import ExecutionPlan, Expr, LogicalPlan

from conformance.wire import WireError
from tasks.mutants.conditions import CONDITIONS, FAMILIES, Call, State, all_frames, of_family
from tasks.mutants.wire_changes import CHANGES, DEFINITION, STRUCTURE, Select

PREFIX = "wire/"

WRITES = {
    "write": (Expr, "to_bytes"),
    "pickle": (Expr, "__reduce__"),
    "logical-write": (LogicalPlan, "to_bytes"),
    "physical-write": (ExecutionPlan, "to_bytes"),
}
READS = {
    "read": (Expr, "from_bytes"),
    "unpickle": (Expr, "_reconstruct"),
    "logical-read": (LogicalPlan, "from_bytes"),
    "physical-read": (ExecutionPlan, "from_bytes"),
}
"""The sites: the method of the layer that is wrapped."""

CONDITIONAL = ("frame-cut", "number-raised")
"""The changes that are tried under every condition: one breaks, the other gives wrong values."""

_FRAMES_ONLY = ("number-raised",)
"""Of those, the ones that touch no frame: a condition on families says nothing of them."""


_NEVER = {
    *(("with-session", site) for site in ("pickle", "unpickle")),
    *(("without-session", site) for site in ("logical-read", "physical-read")),
}
"""Conditions that never hold at a site: pickles take no session, plans need one to be read."""


@dataclass(frozen=True)
class WireMutant:
    """One change at one site under one condition."""

    site: str
    change: str
    condition: str

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.site}/{self.change}/{self.condition}"

    def apply(self) -> None:
        """Wrap the method of the site in this process."""
        owner, method = (WRITES | READS)[self.site]
        raw = vars(owner)[method]
        function = getattr(raw, "__func__", raw)
        wrapper = (_writing if self.site in WRITES else _reading)(self, function)
        wrapped = wraps(function)(wrapper)
        setattr(owner, method, type(raw)(wrapped) if function is not raw else wrapped)

    def changed(self, call: Call) -> bytes:
        """Return the bytes of a call, changed where the condition holds."""
        call.state.calls += 1
        call.state.times[call.key] += 1
        select: Select = all_frames
        try:
            if self.condition in FAMILIES:
                select = of_family(FAMILIES[self.condition])
            elif not CONDITIONS[self.condition](call):
                return call.data
            return CHANGES[self.change](call.data, select)
        except WireError:
            return call.data  # bytes that are none are passed on as they are


def mutants() -> Iterator[WireMutant]:
    """Yield all mutants on the wire, site by site."""
    for site in (*WRITES, *READS):
        changes = {**STRUCTURE, **(DEFINITION if site in WRITES else {})}
        yield from (WireMutant(site, change, "always") for change in changes)
        for condition in (*CONDITIONS, *FAMILIES):
            for change in CONDITIONAL:
                never = condition == "always" or (condition, site) in _NEVER
                if not never and not (condition in FAMILIES and change in _FRAMES_ONLY):
                    yield WireMutant(site, change, condition)


def mutant(name: str) -> WireMutant:
    """Return the mutant of this name; ``KeyError`` if there is none."""
    return {one.name: one for one in mutants()}[name]


def _writing(mutant: WireMutant, function: Callable[..., Any]) -> Callable[..., Any]:
    state = State()

    def write(self: Any, *arguments: Any, **named: Any) -> Any:
        try:
            found = function(self, *arguments, **named)
        except Exception:
            state.failed = True
            raise
        session = next(iter((*arguments, *named.values())), None)
        state.kept.append(self)  # so that no other value gets its id
        if isinstance(found, tuple):  # of __reduce__
            call, (data,) = found
            return call, (mutant.changed(Call(data, id(self), session, state)),)
        return mutant.changed(Call(found, id(self), session, state))

    return write


def _reading(mutant: WireMutant, function: Callable[..., Any]) -> Callable[..., Any]:
    state = State()

    def read(*arguments: Any, **named: Any) -> Any:
        given, (data_at, data) = list(arguments), _data(arguments)
        sessions = [one for one in (*arguments, *named.values()) if hasattr(one, "ctx")]
        call = Call(data, data, next(iter(sessions), None), state)
        if isinstance(data, bytes):
            given[data_at] = mutant.changed(call)
        try:
            return function(*given, **named)
        except Exception:
            state.failed = True
            raise

    return read


def _data(arguments: tuple[Any, ...]) -> tuple[int, Any]:
    """Return the bytes among the arguments, with their place; ``-1`` where there are none."""
    for index, one in enumerate(arguments):
        if isinstance(one, bytes):
            return index, one
    return -1, None
