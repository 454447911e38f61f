"""The environments of nox's sessions: what is installed, and skipping what is there already."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nox

from conformance.matrix import ENGINE, Cell, read
from tasks.cells.options import Options
from tasks.cells.paths import CLOUDPICKLES, ROOT


def group(name: str) -> list[str]:
    """Return the requirements of a dependency group of pyproject.toml."""
    return list(nox.project.dependency_groups(nox.project.load_toml(ROOT / "pyproject.toml"), name))


def install(
    session: nox.Session, name: str, *requirements: str, no_deps: Sequence[str] = ()
) -> None:
    """Install the dependency group ``name`` and ``requirements``, unless they are installed.

    What is in ``no_deps`` is installed without its dependencies.
    """
    wanted = [*group(name), *requirements]
    stamp = Path(session.virtualenv.location) / "installed.json"
    there = json.loads(stamp.read_text(encoding="utf-8")) if stamp.is_file() else []
    if {*wanted, *no_deps} <= set(there):
        return
    stamp.unlink(missing_ok=True)
    session.install(*wanted)
    if no_deps:
        session.install("--no-deps", *no_deps)
    if "--no-install" not in sys.argv:  # which makes nox install nothing
        stamp.write_text(json.dumps([*wanted, *no_deps]), encoding="utf-8")


def install_cell(session: nox.Session, cell: Cell, packages: Sequence[str]) -> None:
    """Install what the suite needs to run on a cell of the version table."""
    requirements = (*cell.requirements, *cell.ffi_libraries, *cell.parallel_backends, *packages)
    install(session, "cell", *requirements, no_deps=cell.incompatible_libraries)


def install_cloudpickles(session: nox.Session, versions: Sequence[str]) -> None:
    """Install each version of cloudpickle into a folder of its own, unless it is there.

    The package is pure Python: the folders serve all interpreters.
    """
    CLOUDPICKLES.mkdir(parents=True, exist_ok=True)
    for version in versions:
        if (CLOUDPICKLES / version).is_dir():
            continue
        with tempfile.TemporaryDirectory(dir=CLOUDPICKLES) as folder:
            new = Path(folder) / version
            session.install("--no-deps", f"--target={new}", f"cloudpickle=={version}")
            if new.is_dir():  # not so with --no-install
                new.rename(CLOUDPICKLES / version)


def install_newest(session: nox.Session, name: str) -> None:
    """Install the group ``name`` beside the newest engine, for the project's own tests."""
    newest = newest_candidate()
    wanted = (*newest.requirements[:2], *newest.ffi_libraries, *newest.parallel_backends)
    install(session, name, *wanted, no_deps=newest.incompatible_libraries)


def install_candidate(session: nox.Session, cell: Cell, options: Options) -> None:
    """Install a candidate, even where an older build of the same version is installed."""
    wanted = [*group("cell"), *options.packages]
    if options.any_engine:
        session.install("--upgrade", *wanted, *cell.requirements)
        return
    session.install(*wanted)
    session.install(*cell.requirements, *cell.ffi_libraries, *cell.parallel_backends)
    if cell.incompatible_libraries:
        session.install("--no-deps", *cell.incompatible_libraries)
    how = "--force-reinstall" if Path(cell.engine).exists() else "--upgrade"
    session.install(how, "--no-deps", cell.engine)


def newest_candidate() -> Cell:
    """Return the cell of the newest released engine on the first Python."""
    matrix = read()
    return matrix.candidates(f"{ENGINE}=={matrix.engines[-1]}")[0]
