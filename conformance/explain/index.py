"""Find the cases and the faults of each clause in their source, without importing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.golden import negative
from conformance.golden.manifest import READ_BY, Manifest
from conformance.golden.store import Store
from conformance.spec import CLAUSES
from conformance.util.places import PACKAGE, SUITE

FAULTS = PACKAGE.parent / "tasks" / "faults"
"""The faults of the repository; an installed package has none."""

_NEGATIVE = "negative/demand"
"""The case of which each parameter names its own clause."""


@dataclass(frozen=True)
class Source:
    """A case or a fault: its name, what it is about, the clauses that it names, and its place.

    ``needs`` are the capabilities of the subject that a case needs beside those of its clause.
    """

    name: str
    about: str
    clauses: tuple[str, ...]
    file: Path
    line: int
    needs: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """The file and the line, as editors and terminals link them."""
        return f"{self.file}:{self.line}"


@cache
def case_functions() -> Sequence[Source]:
    """Return the functions of the suite that are cases, in the order of their files."""
    found = []
    for path in sorted(SUITE.rglob("test_*.py")):
        module = path.stem.removeprefix("test_")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                name = f"{module}/{node.name.removeprefix('test_')}"
                named = _clauses(node.decorator_list) or _demanded(name)
                found.append(_source(name, node, named, path))
    return found


@cache
def fault_classes() -> Sequence[Source]:
    """Return the faults of the repository; none where it is not here."""
    found = []
    for path in sorted(FAULTS.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and (named := _clauses(node.decorator_list)):
                name = f"{path.parent.name}/{path.stem}/{node.name}"
                found.append(_source(name, node, named, path))
    return found


def cases_of(clause: str) -> list[Source]:
    """Return the functions of the suite whose cases show a clause."""
    return [one for one in case_functions() if clause in one.clauses]


def clauses_that_need(capability: str) -> set[str]:
    """Return the clauses that need a capability, or have a case that does."""
    of_cases = {id_ for one in case_functions() if capability in one.needs for id_ in one.clauses}
    return of_cases | {clause.id for clause in CLAUSES.values() if clause.needs == capability}


def faults_of(clause: str) -> list[Source]:
    """Return the faults that break a clause."""
    return [one for one in fault_classes() if clause in one.clauses]


def goldens_of(clause: str) -> list[str]:
    """Return the files of the goldens that the clause's chapter reads; none of most chapters."""
    wanted = READ_BY.get(CLAUSES[clause].chapter)
    if wanted is None:
        return []
    return [one.file for one in _manifest().goldens if _manifest().kind(one.case) == wanted]


@cache
def _manifest() -> Manifest:
    return Store().manifest


def vectors_of(clause: str) -> list[str]:
    """Return the ids of the negative vectors that demand something of a clause."""
    return [vector for vector, demanded in _demands() if clause in demanded]


@cache
def _demands() -> Sequence[tuple[str, Sequence[str]]]:
    """Return the id of each negative vector, with the clauses that it demands."""
    vectors = negative.read().vectors
    return [(one.id, [demand.clause for demand in one.demands]) for one in vectors]


def _demanded(name: str) -> tuple[str, ...]:
    """Return the clauses of the negative vectors, for their one case."""
    if name != _NEGATIVE:
        return ()
    return tuple(dict.fromkeys(clause for _, demanded in _demands() for clause in demanded))


def _source(
    name: str, node: ast.FunctionDef | ast.ClassDef, clauses: tuple[str, ...], path: Path
) -> Source:
    about = " ".join((ast.get_docstring(node) or "").split())
    needs = frozenset(_needs(node.decorator_list))
    return Source(name, about, clauses, path, node.lineno, needs | _of_program(name))


def _of_program(name: str) -> set[str]:
    """Return what a program needs for the negative vectors; other subjects need nothing."""
    return {"decide"} if name == _NEGATIVE else set()


def _needs(decorators: Sequence[ast.expr]) -> Iterator[str]:
    """Yield the capabilities in decorators such as ``@needs("plans")``."""
    for node in decorators:
        match node:
            case ast.Call(func=ast.Name(id="needs"), args=[ast.Constant(value=str(name))]):
                yield name


def _clauses(decorators: Sequence[ast.expr]) -> tuple[str, ...]:
    """Return the ids of clauses that decorators name."""
    return tuple(dict.fromkeys(_texts(decorators)))


def _texts(decorators: Sequence[ast.expr]) -> Iterator[str]:
    for decorator in decorators:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Constant) and node.value in CLAUSES:
                yield str(node.value)
