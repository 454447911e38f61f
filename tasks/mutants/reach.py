"""Which case executes which line of the layer, measured once and kept."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

from conformance.cli.progress import progress
from conformance.processes.child import ChildError
from conformance.processes.forked import Forked
from conformance.runner import child
from conformance.util import atomic
from conformance.util.places import SUITE
from tasks.mutants.layer import MODULES, source
from tasks.mutants.subject import UNCHANGED, spec
from tasks.mutation.cases import Case

Line = tuple[str, int]
"""A module of the layer and the number of a line."""

Executed = tuple[Mapping[str, Sequence[int]], float]
"""The numbers of the lines by module, and the seconds."""

DEADLINE = 60.0
"""Seconds that a case has while its lines are traced."""

SCENARIOS = ("PROCESS", "WORKER")
"""The chapters whose cases only read what other processes did: their lines are not traced."""


class Reach:
    """The lines of the layer with the cases that execute them; the seconds that each case takes."""

    def __init__(self, lines: Mapping[Line, frozenset[str]], seconds: Mapping[str, float]) -> None:
        self._lines = lines
        self.seconds = seconds

    def cases(self, module: str, first: int, last: int) -> frozenset[str]:
        """Return the ids of the cases that execute a line of ``first`` to ``last``."""
        found = [self._lines.get((module, line), frozenset()) for line in range(first, last + 1)]
        return frozenset().union(*found)


def read(path: Path, cases: Sequence[Case]) -> Reach:
    """Return what ``path`` keeps; measure and write it where engine or suite are others."""
    key = _key()
    if path.exists():
        kept = json.loads(path.read_text())
        if kept["key"] == key:
            return _reach(kept["cases"])
    found = _measure(cases)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write(path, json.dumps({"key": key, "cases": found}).encode())
    return _reach(found)


def _reach(found: Mapping[str, Executed]) -> Reach:
    lines: dict[Line, set[str]] = {}
    for case, (modules, _) in found.items():
        for module, numbers in modules.items():
            for number in numbers:
                lines.setdefault((module, number), set()).add(case)
    seconds = {case: taken for case, (_, taken) in found.items()}
    return Reach({line: frozenset(ids) for line, ids in lines.items()}, seconds)


def _key() -> str:
    digest = hashlib.sha256(f"{metadata.version('datafusion')} {sys.version}".encode())
    for path in (Path(__file__), *sorted(SUITE.parent.rglob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _measure(cases: Sequence[Case]) -> Mapping[str, Executed]:
    found: dict[str, Executed] = {}
    process = Forked(lambda: None)
    opened: Any = None
    with progress(reach=len(cases)) as done:
        for case in cases:
            try:
                if process.pid is None:
                    opened = process.call(
                        "conformance.runner.child:open_subject",
                        spec(UNCHANGED),
                        (),
                        deadline=DEADLINE,
                    )
                if case.applies_to(opened) and not _is_scenario(case):
                    found[case.id] = process.call(
                        "tasks.mutants.reach:run",
                        case.module,
                        case.function,
                        case.arguments,
                        deadline=DEADLINE,
                    )
            except ChildError:
                pass  # a case that ends its process proves nothing about a mutant either
            done("reach")
    process.close()
    return found


def _is_scenario(case: Case) -> bool:
    return case.clause.partition("-")[0] in SCENARIOS


def run(module: str, name: str, arguments: Mapping[str, Any]) -> Executed:
    """Run one case in this process; return the lines of the layer that it executes."""
    start = time.monotonic()
    files = {source(one).__file__ or "": one for one in MODULES if find_spec(f"datafusion.{one}")}
    seen: dict[str, set[int]] = {}

    def trace(frame: FrameType, _event: str, _argument: Any) -> Callable[..., Any] | None:
        found = files.get(frame.f_code.co_filename)
        if found is None:
            return None
        add = seen.setdefault(found, set()).add
        add(frame.f_lineno)

        def line(inner: FrameType, _event: str, _argument: Any) -> Callable[..., Any]:
            add(inner.f_lineno)
            return line

        return line

    threading.settrace(trace)
    sys.settrace(trace)
    try:
        child.run(module, name, arguments)
    finally:
        sys.settrace(None)
        threading.settrace(None)
    lines_ = {module: sorted(lines) for module, lines in seen.items()}
    return lines_, round(time.monotonic() - start, 3)
