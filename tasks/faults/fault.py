"""A fault: a subject of a few lines that breaks what it says that it breaks."""

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
"""The subjects that are made faulty, a folder each, and the package without which there is none."""

ENDS = ("fail", "crash", "hang")
"""How a case may notice: by what it sees, or because its process died or gave no answer."""

_ATTRIBUTE = "_conformance_fault"
_Class = TypeVar("_Class", bound=type)


class FaultError(ValueError):
    """A fault that names what is not there."""


@dataclass(frozen=True)
class Fault:
    """A subject that breaks ``breaks``, each noticed by a case that ends as ``ends`` says.

    ``name`` is the folder, the module and the class, such as ``engine/toggle/DoesNothing``;
    ``spec`` is what ``--subject`` takes; ``blunders`` tells that a bug of its own is the fault.
    """

    name: str
    spec: str
    breaks: tuple[str, ...]
    ends: str
    blunders: bool
    about: str

    @property
    def base(self) -> str:
        """The subject that was made faulty."""
        return self.name.partition("/")[0]

    @property
    def chapters(self) -> tuple[str, ...]:
        """The chapters of the clauses that it breaks."""
        return tuple(dict.fromkeys(CLAUSES[clause].chapter for clause in self.breaks))


def breaks(*clauses: str, ends: str = "fail", blunders: bool = False) -> Callable[[_Class], _Class]:
    """Marks a class as a fault: it breaks all of these clauses, and no other of their chapters."""
    if not clauses or ends not in ENDS:
        raise FaultError(f"a fault breaks a clause, and ends as one of {ENDS}")
    if strange := [clause for clause in clauses if clause not in CLAUSES]:
        raise FaultError(f"there is no clause {strange[0]!r}")

    def mark(fault: _Class) -> _Class:
        setattr(fault, _ATTRIBUTE, (clauses, ends, blunders))
        return fault

    return mark


@cache
def faults() -> Mapping[str, Fault]:
    """All faults of the subjects that are installed, by name."""
    found: dict[str, Fault] = {}
    for base, package in BASES.items():
        if find_spec(package) is None or find_spec(f"{PACKAGE}.{base}") is None:
            continue
        for info in pkgutil.iter_modules(import_module(f"{PACKAGE}.{base}").__path__):
            module = import_module(f"{PACKAGE}.{base}.{info.name}")
            found.update((fault.name, fault) for fault in in_module(base, module))
    return found


def in_module(base: str, module: ModuleType) -> Iterator[Fault]:
    """The faults that a module defines."""
    short = module.__name__.rpartition(".")[2]
    for name, value in vars(module).items():
        if isinstance(value, type) and value.__module__ == module.__name__:
            marked = vars(value).get(_ATTRIBUTE)
            if marked is not None:
                broken, ends, blunders = marked
                about = vars(value).get("__doc__") or ""
                spec = f"{module.__name__}:{name}"
                yield Fault(f"{base}/{short}/{name}", spec, broken, ends, blunders, about)
