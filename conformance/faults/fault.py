"""A fault: a subject of a few lines that breaks what it says that it breaks."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar

from conformance.spec import CLAUSES

PACKAGE = "conformance.faults"
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
    found = {}
    for base, package in BASES.items():
        if find_spec(package) is None or find_spec(f"{PACKAGE}.{base}") is None:
            continue
        for module in pkgutil.iter_modules(import_module(f"{PACKAGE}.{base}").__path__):
            for fault in _in_module(base, module.name):
                found[fault.name] = fault
    return found


def _in_module(base: str, module: str) -> Iterator[Fault]:
    spec = f"{PACKAGE}.{base}.{module}"
    for name, value in vars(import_module(spec)).items():
        if isinstance(value, type) and value.__module__ == spec and _ATTRIBUTE in vars(value):
            broken, ends, blunders = vars(value)[_ATTRIBUTE]
            about = value.__doc__ or ""
            yield Fault(f"{base}/{module}/{name}", f"{spec}:{name}", broken, ends, blunders, about)
