"""The mutants as subjects: ``tasks.mutants.subject:NAME`` is the engine with that mutant."""

from __future__ import annotations

from collections.abc import Callable

from conformance.subjects.engine import Engine
from tasks.mutants import changes, proxy

UNCHANGED = "unchanged"
"""The name of the subject without a mutant, on which every case is as known."""


def spec(name: str) -> str:
    """Return what ``--subject`` takes for the mutant of this name."""
    return f"{__name__}:{name}"


def apply(name: str) -> None:
    """Apply the mutant to this process; ``KeyError`` if there is none of this name."""
    if name.startswith(changes.PREFIX):
        changes.change(name).apply()
    elif name != UNCHANGED:
        proxy.mutant(name).apply()


def __getattr__(name: str) -> Callable[[], Engine]:
    """Return the factory of a mutant's subject; every process of a case creates its own."""
    if name.startswith("__"):
        raise AttributeError(name)

    def make() -> Engine:
        engine = Engine()
        apply(name)
        return engine

    return make
