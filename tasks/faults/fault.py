"""Define faults: small subjects that break clauses on purpose."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TypeVar

from conformance.spec import CLAUSES

PACKAGE = "tasks.faults"
BASES = {"engine": "datafusion", "reference": "cloudpickle"}
"""The folder of each subject that has faults, and the package that the subject needs."""

OUTCOMES = ("fail", "crash", "hang")
"""How a case may notice a fault: it fails, its process crashes, or it does not answer in time."""

_ATTRIBUTE = "_conformance_fault"
_Class = TypeVar("_Class", bound=type)


class FaultError(ValueError):
    """Raised for a fault that names an unknown clause or outcome."""


@dataclass(frozen=True)
class Fault:
    """A subject that breaks the clauses in ``breaks``, with the outcome by which a case notices.

    ``name`` is the folder, the module and the class, such as ``engine/toggle/ToggleDoesNothing``.
    ``spec`` is the value for ``--subject``. ``raises_bug`` is true if the fault is that a
    programming error is raised. ``about`` is the docstring.
    """

    name: str
    spec: str
    breaks: tuple[str, ...]
    outcome: str
    raises_bug: bool
    about: str

    @property
    def base(self) -> str:
        """The folder of the subject that was made faulty."""
        return self.name.partition("/")[0]

    @property
    def chapters(self) -> tuple[str, ...]:
        """The chapters of the clauses that the fault breaks."""
        return tuple(dict.fromkeys(CLAUSES[clause].chapter for clause in self.breaks))


def breaks(
    *clauses: str, outcome: str = "fail", raises_bug: bool = False
) -> Callable[[_Class], _Class]:
    """Mark a class as a fault that breaks all of ``clauses``, and no other of their chapters."""
    if not clauses:
        raise FaultError("a fault breaks a clause: @breaks needs at least one id")
    if outcome not in OUTCOMES:
        raise FaultError(f"outcome must be one of {', '.join(OUTCOMES)}, not {outcome!r}")
    if strange := [clause for clause in clauses if clause not in CLAUSES]:
        raise FaultError(f"there is no clause {strange[0]!r}")

    def mark(fault: _Class) -> _Class:
        setattr(fault, _ATTRIBUTE, (clauses, outcome, raises_bug))
        return fault

    return mark


@cache
def faults() -> Mapping[str, Fault]:
    """Return all faults of the installed subjects, by name."""
    found: dict[str, Fault] = {}
    for base, package in BASES.items():
        if find_spec(package) is None or find_spec(f"{PACKAGE}.{base}") is None:
            continue
        for info in pkgutil.iter_modules(import_module(f"{PACKAGE}.{base}").__path__):
            module = import_module(f"{PACKAGE}.{base}.{info.name}")
            found.update((fault.name, fault) for fault in in_module(base, module))
    return found


def in_module(base: str, module: ModuleType) -> Iterator[Fault]:
    """Yield the faults that a module defines."""
    short = module.__name__.rpartition(".")[2]
    for name, value in vars(module).items():
        if isinstance(value, type) and value.__module__ == module.__name__:
            marked = vars(value).get(_ATTRIBUTE)
            if marked is not None:
                broken, outcome, raises_bug = marked
                about = vars(value).get("__doc__") or ""
                spec = f"{module.__name__}:{name}"
                yield Fault(f"{base}/{short}/{name}", spec, broken, outcome, raises_bug, about)
