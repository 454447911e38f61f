"""Measure the cost of the suite relative to bare engine calls, as ratios from one run.

It needs an environment with an engine, and exits with 1 if a ratio is over its bound.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from conformance.subjects import SUBJECT, Subject, installed_engine
from conformance.util.exit_codes import ExitCode
from conformance.util.places import SUITE

REPEATS = 3
_FLUSH_SECONDS = 0.01
PYTEST = (
    *("-m", "pytest", "-p", "conformance.runner.plugin", "-q", str(SUITE)),
    *("-p", "no:cacheprovider", "-p", "no:logging"),
)
ELSEWHERE = ("hostile", "processes", "threads", "workers")
"""Chapters that run in other processes and threads, whose time is not measured."""


class _Clock:
    """Seconds spent inside the engine, nested calls counted once, written to a file as they come.

    A case that kills its process must not lose the time of the cases before it.
    """

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        self._seconds = 0.0
        self._depth = 0

    def flush(self) -> None:
        """Write the rest."""
        os.write(self._file, f"{self._seconds}\n".encode())
        self._seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        self._depth += 1
        start = time.perf_counter()
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self._seconds += time.perf_counter() - start
                if self._seconds > _FLUSH_SECONDS:
                    self.flush()

    def on(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.running():
                return call(*arguments, **named)

        return timed


def timed_engine() -> Subject:
    """Return the engine, with the time spent in it added to ``$CONFORMANCE_BENCH`` at the end."""
    import datafusion

    expr: Any = datafusion.Expr
    subject, clock = installed_engine(), _Clock(os.environ["CONFORMANCE_BENCH"])
    for part in (subject, subject.plans, subject.chain):
        for name in dir(part):
            if not name.startswith("_") and callable(getattr(part, name)):
                setattr(part, name, clock.on(getattr(part, name)))
    # pickle and copy reach the expression without the subject.
    expr.__reduce__ = clock.on(expr.__reduce__)
    expr._reconstruct = staticmethod(clock.on(expr._reconstruct))
    atexit.register(clock.flush)
    return subject


def run_seconds(*command: str, **environment: str) -> float:
    """Return how long this interpreter takes for a command; exit if it fails."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode not in (ExitCode.OK, ExitCode.PARTIAL):
        sys.exit(f"bench: {' '.join(command)} failed:\n{done.stdout[-2000:]}")
    return time.perf_counter() - start


def suite_over_engine() -> float:
    """Return the suite's time in one process over start, imports and the engine's own time."""
    ratios = []
    pytest = (*PYTEST, *(f"--ignore={SUITE / f'test_{name}.py'}" for name in ELSEWHERE))
    for _ in range(REPEATS):
        bare = run_seconds("-c", "import datafusion, pyarrow, cloudpickle")
        suite = run_seconds(*pytest)
        with tempfile.NamedTemporaryFile("r", suffix=".txt") as log:
            run_seconds(
                *pytest,
                "--subject",
                "tasks.bench.suite:timed_engine",
                CONFORMANCE_BENCH=log.name,
            )
            engine = sum(float(line) for line in log)
        ratios.append(suite / (bare + engine))
    return median(ratios)


def case_over_calls() -> float:
    """Return the time of warm round-trip cases over the same engine calls without the suite."""
    from conformance.catalogue import ENTRIES
    from conformance.runner import child
    from conformance.subjects import current
    from conformance.suite.helpers.samples import build_expression

    child.open_subject(SUBJECT, [])
    subject = current.subject()

    def bare() -> None:
        for entry in ENTRIES.values():
            expr = subject.from_bytes(
                subject.to_bytes(build_expression(subject, entry)), subject.session()
            )
            subject.evaluate(
                subject.session(),
                expr,
                entry.record_batches(),
                aggregate=entry.is_aggregate,
                group_by=entry.group_by,
            ).to_pylist()

    def cases() -> None:
        for id_ in ENTRIES:
            assert child.run("conformance.suite.test_inline", "test_bytes", {"entry": id_}) is None

    return _ratio(cases, bare)


def _ratio(one: Callable[[], None], other: Callable[[], None]) -> float:
    ratios = []
    for _ in range(2 * REPEATS):
        times = []
        for work in (one, other):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        ratios.append(times[0] / times[1])
    return median(ratios)


def collection() -> float:
    """Return the seconds to collect 1,000 cases, including the start of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        run_seconds(*PYTEST, f"--conformance-report={report}")
        planned: int = json.loads(report.read_text(encoding="utf-8"))["planned"]
    return median(run_seconds(*PYTEST, "--collect-only") for _ in range(REPEATS)) * 1000 / planned


def help_over_click() -> float:
    """Return the time of ``python -m conformance --help`` over ``import click``."""
    return median(
        run_seconds("-m", "conformance", "--help") / run_seconds("-c", "import click")
        for _ in range(3 * REPEATS)
    )


MEASURES: tuple[tuple[Callable[[], float], float], ...] = (
    (suite_over_engine, 2.0),
    (case_over_calls, 1.3),
    (collection, 1.0),
    (help_over_click, 2.0),
)


def main() -> int:
    """Print a line per measure; return 1 if one is over its bound."""
    over = 0
    for measure, bound in MEASURES:
        seen = measure()
        over |= seen > bound
        assert measure.__doc__
        verdict = "over" if seen > bound else "ok"
        print(f"{seen:6.2f}  of at most {bound:.1f}  {verdict:4}  {measure.__doc__}", flush=True)
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
