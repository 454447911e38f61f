"""Throw-away environments: made for one release, removed when it is judged."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.matrix import Cell
from conformance.processes import nested
from tasks.cells import environments
from tasks.cells.paths import LOCK
from tasks.cells.run import FIXED_HASHES
from tasks.releases.index import Index, NotAskedError, UnresolvedError, run_uv, shorten


@dataclass(frozen=True)
class Environment:
    """A virtual environment in ``folder``, which has room for the output of what runs in it."""

    folder: Path
    index: Index

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.folder / "environment" / "bin" / "python"

    def install(self, *requirements: str, options: Sequence[str] = ()) -> None:
        """Install; raise ``UnresolvedError`` or ``NotAskedError`` where that fails."""
        done = run_uv(
            *("pip", "install", "--quiet", "--python", str(self.python)),
            *(*self.index.options, *options, *requirements),
        )
        if done.returncode:
            kind = UnresolvedError if done.returncode == 1 else NotAskedError
            raise kind(shorten(done.stderr))

    def install_cell(self, cell: Cell) -> None:
        """Install what a cell has, as nox does for the cells of the table."""
        group = environments.group("cluster" if cell.cluster else "cell")
        # A pre-release is named with its version: uv then takes it, and no other.
        self.install(*group, *cell.requirements, *cell.ffi_libraries, *cell.parallel_backends)
        if cell.incompatible_libraries:
            self.install(*cell.incompatible_libraries, options=["--no-deps"])

    def run(self, *arguments: str, log: Path) -> int:
        """Run the interpreter with its output in ``log``; return its exit code.

        On Linux, none of its processes is left.
        """
        environment: Mapping[str, str] = {**os.environ, **FIXED_HASHES}
        LOCK.parent.mkdir(exist_ok=True)
        with log.open("w", encoding="utf-8") as stream:
            return nested.run([str(self.python), *arguments], LOCK, stdout=stream, env=environment)


@contextmanager
def environment(python: str, index: Index) -> Iterator[Environment]:
    """Make an environment with the interpreter ``python``, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="dfpy-releases-") as folder:
        made = Environment(Path(folder), index)
        done = run_uv("venv", "--quiet", "--python", python, str(made.python.parents[1]))
        if done.returncode:
            raise UnresolvedError(f"no environment with {python}: {shorten(done.stderr)}")
        yield made
