"""A fuzzing run: send inputs to a child in batches, count outcomes, minimise findings."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from conformance.hostile.corpus import CorpusEntry, entries
from conformance.hostile.mutations import Input
from conformance.hostile.seeds import Level, seeds
from conformance.processes.child import Child
from tasks.fuzz.forks import (
    HANG,
    MAX_HANGS,
    OUTCOMES,
    UNPICKLE_ATTEMPTED,
    Batch,
    Limits,
    TargetInfo,
    Violation,
)
from tasks.fuzz.reduce import minimise
from tasks.fuzz.signature import signature

ENGINE = "conformance.subjects:installed_engine"
BATCH_SIZE = 1000
"""Inputs per batch."""

_OPEN_TIMEOUT = 120.0
_BATCH_TIMEOUT = 1800.0
"""Seconds for a batch; each input has a deadline of its own."""

_ENVIRONMENT = {"PYTHONFAULTHANDLER": "0"}


@dataclass
class FuzzFinding:
    """A class of violations: an input that causes one, and their number.

    The input is the smallest one, preferably one that a strict session decodes.
    """

    signature: str
    input: Input
    violation: Violation
    count: int = 0
    modes: set[str] = field(default_factory=set)
    """The modes in which any input failed; after minimising, those in which this input fails."""
    known: CorpusEntry | None = None

    def better(self, one: Input, violation: Violation) -> bool:
        """Return whether another input is a better example."""
        mine, others = self.violation.mode != "strict", violation.mode != "strict"
        return (others, len(one.data)) < (mine, len(self.input.data))


@dataclass
class Result:
    """The figures of a run."""

    target: TargetInfo
    seed: int
    limits: Limits
    inputs: int = 0
    seconds: float = 0.0
    figures: dict[str, Counter[str]] = field(default_factory=dict)
    """By mutation: counts of ``inputs``, ``MODE OUTCOME`` and ``MODE attempted``."""
    findings: dict[str, FuzzFinding] = field(default_factory=dict)

    @property
    def new(self) -> list[FuzzFinding]:
        """The findings that are not in the corpus."""
        return [one for one in self.findings.values() if one.known is None]

    @property
    def ended(self) -> bool:
        """Return whether the run ends early, because too many inputs hang."""
        return sum(one.count for one in self.new if one.violation.outcome == HANG) >= MAX_HANGS

    def total(self) -> Counter[str]:
        """Return the figures of all mutations together."""
        return sum(self.figures.values(), Counter())

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            "target": self.target.name,
            "versions": self.target.versions,
            "python": platform.python_version(),
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
            "seed": self.seed,
            "inputs": self.inputs,
            "seconds": round(self.seconds, 1),
            "families": {family: dict(counts) for family, counts in self.figures.items()},
            "findings": [
                {
                    "signature": one.signature,
                    "known": one.known.id if one.known else None,
                    "count": one.count,
                    "modes": sorted(one.modes),
                    "level": one.input.level,
                    "family": one.input.mutation,
                    "seed": one.input.seed,
                    "size": len(one.input.data),
                }
                for one in self.findings.values()
            ],
        }


class Fuzzer:
    """A child process that decodes inputs with one target."""

    def __init__(self, spec: str, limits: Limits, python: str = sys.executable) -> None:
        self._spec, self._limits = spec, limits
        self._child = Child(python, env={**os.environ, **_ENVIRONMENT})
        path = [os.path.abspath(one) for one in sys.path]
        self.target: TargetInfo = self._child.call(
            "tasks.fuzz.forks:open_target", spec, path, deadline=_OPEN_TIMEOUT
        )

    def close(self) -> None:
        """End the child."""
        self._child.close()

    def submit(self, inputs: Sequence[tuple[Level, bytes]], limits: Limits | None = None) -> int:
        """Send inputs to the child; return a request id for ``result``."""
        limits = limits or self._limits
        return self._child.submit("tasks.fuzz.forks:decode", self._spec, inputs, limits)

    def result(self, request_id: int) -> Batch:
        """Return the outcomes of a request."""
        batch: Batch = self._child.result(request_id, deadline=_BATCH_TIMEOUT)
        return batch

    def decode(self, inputs: Sequence[tuple[Level, bytes]], limits: Limits | None = None) -> Batch:
        """Decode inputs and wait for their outcomes."""
        return self.result(self.submit(inputs, limits))

    def run(
        self,
        source: Iterator[Input],
        seed: int,
        examples: int,
        progress: Callable[[Result], None] = lambda _: None,
    ) -> Result:
        """Decode ``examples`` inputs of ``source``, then minimise the new findings."""
        result = Result(self.target, seed, self._limits)
        began = time.monotonic()
        ahead: tuple[int, list[Input]] | None = None
        left = examples
        while left or ahead:
            inputs = list(islice(source, min(left, BATCH_SIZE)))
            left -= len(inputs)
            posted = None
            if inputs:  # prepared while the child decodes the previous batch
                posted = self.submit([(one.level, one.data) for one in inputs]), inputs
            if ahead:
                self._count(result, ahead[1], self.result(ahead[0]))
                result.seconds = time.monotonic() - began
                progress(result)
                if result.ended:
                    left, posted = 0, None
            ahead = posted
        for one in result.new:
            self._minimise(one)
        return result

    def _count(self, result: Result, inputs: Sequence[Input], batch: Batch) -> None:
        modes = self.target.modes
        for at, outcome in enumerate(batch.outcomes):
            index, mode = divmod(at, len(modes))
            if not outcome:
                break  # the rest was not decoded
            figures = result.figures.setdefault(inputs[index].mutation, Counter())
            result.inputs += not mode
            figures["inputs"] += not mode
            figures[f"{modes[mode]} {OUTCOMES[outcome & ~UNPICKLE_ATTEMPTED]}"] += 1
            figures[f"{modes[mode]} attempted"] += bool(outcome & UNPICKLE_ATTEMPTED)
        for violation in batch.violations:
            self._find(result, inputs[violation.index], violation)

    def _find(self, result: Result, one: Input, violation: Violation) -> None:
        named = signature(violation, one.level)
        finding = result.findings.get(named)
        if finding is None:
            finding = FuzzFinding(named, one, violation, known=self._known().get(named))
            result.findings[named] = finding
        elif finding.better(one, violation):
            finding.input, finding.violation = one, violation
        finding.count += 1
        finding.modes.add(violation.mode)

    def _known(self) -> Mapping[str, CorpusEntry]:
        name, versions = self.target.name, self.target.versions
        version = versions.get("engine", versions.get(name, "0"))
        return {
            named: one
            for one in entries().values()
            if one.is_known_on(name, version)
            for named in (one.signature, *one.also)
        }

    def _minimise(self, finding: FuzzFinding) -> None:
        level, mode = finding.input.level, finding.violation.mode
        # Each trial of a hanging input costs its full deadline: use a shorter one.
        hangs = finding.violation.outcome == HANG
        limits = replace(self._limits, seconds=self._limits.seconds / 5)

        def modes(tried: Sequence[bytes]) -> list[set[str]]:
            inputs = [(level, data) for data in tried]
            found: list[set[str]] = [set() for _ in tried]
            for violation in self.decode(inputs, limits if hangs else None).violations:
                if signature(violation, level) == finding.signature:
                    found[violation.index].add(violation.mode)
            return found

        def does(tried: Sequence[bytes]) -> list[bool]:
            return [mode in found for found in modes(tried)]

        data = minimise(finding.input.data, does, budget=100 if hangs else 4000)
        finding.input = replace(finding.input, data=data)
        (finding.modes,) = modes([data])


def source(target: TargetInfo, seed: int) -> Iterator[Input]:
    """Return the inputs of a run, drawn by hypothesis."""
    from tasks.fuzz.strategies import inputs

    return inputs(seeds(target.python), seed)
