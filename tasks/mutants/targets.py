"""The mutants as one list: the change of each, and the cases that can notice it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.mutants import proxy
from tasks.mutants.changes import Change, changes
from tasks.mutants.layer import Function, functions
from tasks.mutants.reach import SCENARIOS, Reach
from tasks.mutants.wire_changes import DEFINITION
from tasks.mutation.cases import Case

_TYPES = re.compile(
    r"\b(SessionContext|Expr|ScalarUDF|AggregateUDF|WindowUDF|LogicalPlan|ExecutionPlan|bytes)\b"
)
"""The types that bring a function into scope, whether a case executes it or not."""

_METHODS = ("to_bytes", "from_bytes", "__reduce__", "_reconstruct")
_IN_WORKERS = ("ipc.", *(f"expr.Expr.{method}" for method in _METHODS))
"""The functions that the workers of the chapters PROCESS and WORKER execute."""


BY_THE_PROXY = (
    "payload/no_pyarrow_ipc",
    "payload/no_pyarrow_memory",
    "plans/same_frames_as_expressions",
)
"""The tests that a change of a schema fails whatever it changes: pyarrow writes the schema."""


@dataclass(frozen=True)
class Target:
    """A mutant, with the cases that execute what it changes: the first of each test, and others.

    ``late`` are cases that start processes, and are run last.
    """

    name: str
    place: str
    shows: str
    first: tuple[Case, ...]
    others: tuple[Case, ...]
    late: tuple[Case, ...] = ()

    @property
    def is_reached(self) -> bool:
        """True if any case executes it."""
        return bool(self.first)


@dataclass(frozen=True)
class Scope:
    """The mutants, and the functions without any: neither executed nor of these types."""

    targets: Sequence[Target]
    outside: Sequence[str]


def scope(cases: Sequence[Case], reach: Reach) -> Scope:
    """Return all mutants of the layer and of the wire."""
    late = tuple(_first_of_each(case for case in cases if _chapter(case) in SCENARIOS))
    cases = sorted(cases, key=lambda case: reach.seconds.get(case.id, 0.0))
    found: list[Target] = []
    outside: list[str] = []
    for function in functions().values():
        if _reaching(function, None, reach) or _TYPES.search(function.signature):
            in_workers = late if function.name.startswith(_IN_WORKERS) else ()
            for one in changes(function):
                ids = _reaching(function, one, reach)
                chosen = [case for case in cases if case.id in ids]
                place = f"{function.module}.py:{one.line}"
                found.append(_target(one.name, place, one.shows, chosen, in_workers))
        else:
            outside.append(function.name)
    for wire in proxy.mutants():
        owner, method = (proxy.WRITES | proxy.READS)[wire.site]
        module = owner.__module__.rpartition(".")[2]
        function = functions()[f"{module}.{owner.__name__}.{method}"]
        ids = _reaching(function, None, reach)
        chosen = [
            case
            for case in cases
            if case.id in ids and not (wire.change in DEFINITION and case.test in BY_THE_PROXY)
        ]
        in_workers = late if owner.__name__ == "Expr" else ()
        found.append(_target(wire.name, function.name, wire.condition, chosen, in_workers))
    return Scope(found, outside)


def _target(
    name: str, place: str, shows: str, cases: Sequence[Case], late: tuple[Case, ...]
) -> Target:
    first = _first_of_each(cases)
    known = set(first)
    others = tuple(case for case in cases if case not in known)
    return Target(name, place, shows, tuple(first), others, late)


def _first_of_each(cases: Iterable[Case]) -> list[Case]:
    found: dict[str, Case] = {}
    for case in cases:
        found.setdefault(case.test, case)
    return list(found.values())


def _chapter(case: Case) -> str:
    return case.clause.partition("-")[0]


def _reaching(function: Function, one: Change | None, reach: Reach) -> frozenset[str]:
    """Return the cases that execute the changed statement, or the function without a change."""
    node = function.node
    last = node.end_lineno or node.lineno
    if one is None or one.line < node.body[0].lineno:
        return reach.cases(function.module, node.body[0].lineno, last)
    ids = reach.cases(function.module, one.line, one.line)
    return ids or reach.cases(function.module, *_statement(node, one.line))


def _statement(node: ast.FunctionDef, line: int) -> tuple[int, int]:
    """Return the first and last line of the smallest statement at ``line``, without its body."""
    found = (line, line)
    for one in ast.walk(node):
        if isinstance(one, ast.stmt) and one.lineno <= line <= (one.end_lineno or one.lineno):
            body = getattr(one, "body", None)
            end = body[0].lineno - 1 if body else one.end_lineno or one.lineno
            if line <= max(end, one.lineno):
                found = (one.lineno, max(end, one.lineno))
    return found
