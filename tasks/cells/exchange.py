"""Let the environments of many cells exchange bytes: the interop grid and the benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import nox

from conformance.matrix import FULL, WRITER, Cell, cloudpickle_minors, covering_sample, read
from conformance.util import atomic
from tasks.cells import environments
from tasks.cells.options import OptionError, Options, candidates
from tasks.cells.orchestrate import candidate_sessions, probe, run_cells
from tasks.cells.paths import BUNDLED_GRID, DOCS, GRID, ROOT
from tasks.cells.results import clear_results, read_results

COMPARED = 12
"""How many peers the comparison in the benchmark has, whatever the sizes."""


def check(options: Options) -> Options:
    """Return the options of interop, checked."""
    if options.pytest:
        raise OptionError(f"{' '.join(options.pytest)}: interop takes no such argument")
    if options.write and (options.engine or options.tag != FULL):
        raise OptionError("--write writes the grid of all cells: no --engine, no --tag")
    return options


def exchange(session: nox.Session, options: Options) -> None:
    """Make the peers' environments, let the peers exchange bytes, and show the grid."""
    planned = read().cells(options.tag)
    extra = candidates(options)
    environments.install(session, "report")
    pythons, absent = locate(session, planned, [f"cell({cell.name})" for cell in planned])
    if extra:
        probe(session, extra)
        # The probe has just installed everything.
        sessions = [*candidate_sessions(extra), "--no-install"]
        more, lacking = locate(session, extra, sessions, engine=options.engine)
        pythons, absent = {**pythons, **more}, {**absent, **lacking}
    peers = (*planned, *extra)
    needed = {cell.name for cell in peers if not cell.optional}
    session.run(
        *("python", "-m", "conformance", "exchange", "--output", str(GRID)),
        *(f"{cell.name}={pythons[cell.name]}" for cell in peers if cell.name in pythons),
        *(f"--missing={name}={why}" for name, why in absent.items() if name in needed),
        log=False,
    )
    if options.write:
        write_grid(session)


def write_grid(session: nox.Session) -> None:
    """Write the grid into the package, for ``can-talk``, and its page into docs."""
    command = ("python", "-m", "conformance", "grid", "--markdown", f"--grid={GRID}")
    page = session.run(*command, silent=True, stderr=None, log=False)
    atomic.write(DOCS / "interop.md", str(page).encode())
    atomic.write(BUNDLED_GRID, GRID.read_bytes())
    session.log(f"Wrote docs/interop.md and {BUNDLED_GRID.relative_to(ROOT)}.")


def locate(
    session: nox.Session, planned: Sequence[Cell], sessions: Sequence[str], engine: str = ""
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Make environments; return their interpreters by cell, and why others have none."""
    clear_results()
    given = ["--engine", engine] if engine else []
    done = run_cells(session, planned, "-s", *sessions, mode="locate", given=given)
    if done.code:
        session.error("Not every peer could be installed; see above.")
    pythons = {name: one.python for name, one in read_results().items() if one.python}
    return pythons, {
        cell.name: done.absent[cell.name] for cell in planned if cell.name in done.absent
    }


def check_bench(options: Options) -> Options:
    """Return the options of bench, checked."""
    if not all(size.isdecimal() and int(size) for size in options.peers.split(",")):
        raise OptionError(f"--peers {options.peers}: expected numbers, as in 3,6,12")
    if options.pytest:
        raise OptionError(f"{' '.join(options.pytest)}: bench takes no such argument")
    return options


def bench(session: nox.Session, options: Options) -> None:
    """Measure the suite, the exchange and frames in environments of many cells."""
    matrix = read()
    peers = covering_sample(matrix.cells(), max(COMPARED, *map(int, options.peers.split(","))))
    costly = cloudpickle_minors(matrix.cells(WRITER))
    environments.install(session, "bench", *environments.newest_candidate().requirements)
    planned = list(dict.fromkeys([*peers, *costly]))
    pythons, absent = locate(session, planned, [f"cell({cell.name})" for cell in planned])
    if absent:
        session.warn(f"Measured without {len(absent)} of {len(planned)}: no such interpreter.")
    session.run(
        *("python", "-m", "tasks.bench", f"--peers={options.peers}", f"--rounds={options.rounds}"),
        *(f"{cell.name}={pythons[cell.name]}" for cell in peers if cell.name in pythons),
        *(f"--cost={cell.name}={pythons[cell.name]}" for cell in costly if cell.name in pythons),
        *([f"--write={DOCS}"] if options.write else []),
        *(["--no-suite"] if options.no_suite else []),
        log=False,
    )
