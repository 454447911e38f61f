"""Run ``libfuzzer`` in a process of its own: give it seeds, collect its results."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from conformance.hostile.mutations import MAX_SIZE
from conformance.hostile.seeds import Seeds
from tasks.fuzz.forks import Limits

_RUN_TIMEOUT = 3600
"""Seconds; a million inputs take less."""

_LIBFUZZER_MEMORY_MIB = 512
"""MiB for libFuzzer itself and its corpus."""

_DONE = re.compile(r"#(\d+)\s+DONE\s+cov: (\d+) ft: \d+ corp: (\d+)")


@dataclass(frozen=True)
class GuidedRun:
    """The result of a run: inputs, branches reached, inputs that reached new branches."""

    inputs: int
    branches: int
    kept: int
    failing: Sequence[bytes]
    """The inputs that crashed or hung a reader."""
    stderr: str


def available() -> bool:
    """Return whether atheris is installed."""
    return find_spec("atheris") is not None


def guided(seeds: Seeds, number: int, examples: int, limits: Limits) -> GuidedRun:
    """Run this project's readers on the seeds and then on ``examples`` inputs."""
    with tempfile.TemporaryDirectory() as folder:
        begin, failing = Path(folder, "seeds"), Path(folder, "left")
        begin.mkdir()
        failing.mkdir()
        for at, seed in enumerate(chain.from_iterable(seeds.values())):
            (begin / f"{at:05}").write_bytes(seed.data)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tasks.fuzz.libfuzzer", str(begin)),
                *(f"-runs={examples}", f"-seed={number}", f"-max_len={MAX_SIZE}"),
                *(f"-timeout={max(1, round(limits.seconds))}", f"-artifact_prefix={failing}/"),
                f"-rss_limit_mb={_LIBFUZZER_MEMORY_MIB + (limits.memory >> 20)}",
            ],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_RUN_TIMEOUT,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        found = [path.read_bytes() for path in sorted(failing.iterdir())]
    figures = _DONE.search(done.stderr)
    inputs, branches, kept = map(int, figures.groups()) if figures else (0, 0, 0)
    stderr = "" if figures and not done.returncode else done.stderr[-4000:]
    return GuidedRun(inputs, branches, kept, found, stderr)
