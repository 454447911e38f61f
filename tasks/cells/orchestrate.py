"""Run many cells: one nox within another, one run per checkout, one verdict at the end."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import IO

import nox
from nox.command import CommandFailed

from conformance.matrix import CLUSTERS, Cell, read
from conformance.processes import nested
from conformance.util.exit_codes import ExitCode
from conformance.util.file_lock import Locked, file_lock
from tasks.cells import environments
from tasks.cells.display import show_end, watching
from tasks.cells.options import Options, absolute
from tasks.cells.page import leave_page
from tasks.cells.paths import LOCK, MERGED, REPORTS, ROOT
from tasks.cells.results import clear_results, read_results
from tasks.cells.run import BESIDE_OTHERS, MODE, OWN_CODES, Mode
from tasks.cells.watch import Watch

CLUSTER_JOBS = 4
"""How many clusters run at once: each takes more than a gigabyte."""


@contextmanager
def exclusive(session: nox.Session, *, shared: bool = False) -> Iterator[None]:
    """Keep other runs from this checkout's reports and environments.

    Single cells can run in parallel (``shared``). A nested run shares the outermost run's lock.
    """
    if nested.is_nested():
        yield
        return
    LOCK.parent.mkdir(exist_ok=True)
    try:
        with file_lock(LOCK, shared=shared):
            yield
    except Locked as busy:
        session.warn(f"{str(busy).capitalize()} is using this checkout; wait for it to finish.")
        raise SystemExit(ExitCode.LOCKED) from None


@dataclass(frozen=True)
class CellsRun:
    """How the cells of a nested nox ended: its exit code, and why cells did not run."""

    code: int
    absent: Mapping[str, str]


def run_cells(
    session: nox.Session,
    planned: Sequence[Cell],
    *selection: str,
    mode: Mode = "judge",
    given: Sequence[str] | None = None,
    output: IO[str] | None = None,
    jobs: int = 64,
) -> CellsRun:
    """Run nox on the selected cells, in parallel, as the user's interpreters allow."""
    outcome = REPORTS / "nox.txt"
    names = session_names(planned)
    watch = Watch(planned, names, REPORTS)
    number = os.environ.get("NOX_PARALLEL") or str(min(os.cpu_count() or 1, jobs))
    at_once = len(planned) > 1 and number != "1"
    arguments = absolute(session.posargs, session.invoked_from) if given is None else given
    # Not session.run: the interpreters are those of the user, not of this session.
    with watching(watch) if mode == "judge" else nullcontext(output) as stream:
        code = nested.run(
            [
                *(sys.executable, "-m", "nox", "-f", str(ROOT / "noxfile.py"), *selection),
                *("-j", number, "--no-error-on-missing-interpreters", "--report", str(outcome)),
                *("--", *arguments),
            ],
            LOCK,
            stdout=stream,
            env={**os.environ, MODE: mode, **({BESIDE_OTHERS: "1"} if at_once else {})},
        )
    try:
        sessions = json.loads(outcome.read_text(encoding="utf-8"))["sessions"]
    except (OSError, ValueError):
        show_end(watch.log)
        session.error("nox ended before it had run the cells; see above.")
    absent = {
        names[signature]: one.get("reason") or "interpreter not found"
        for one in sessions
        for signature in one["signatures"]
        if one["result"] == "skipped" and signature in names
    }
    return CellsRun(code, absent)


def session_names(planned: Sequence[Cell]) -> Mapping[str, str]:
    """Return the cells' names by those of the nox sessions that may run them."""
    return {
        name: cell.name
        for cell in planned
        for name in (f"cell({cell.name})", f"cluster({cell.name})", f"candidate-{cell.python}")
    }


def candidate_sessions(planned: Sequence[Cell]) -> list[str]:
    """Return the names of the sessions that judge a candidate."""
    return [f"candidate-{cell.python}" for cell in planned]


def probe(session: nox.Session, planned: Sequence[Cell]) -> None:
    """Install the candidate; end the run where there is nothing to judge or to install."""
    clear_results()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        sessions = candidate_sessions(planned)
        done = run_cells(session, planned, "-x", "-s", *sessions, mode="probe", output=output)
        if done.code:
            output.seek(0)
            print(output.read())
            session.error("The candidate cannot be installed or imported; see above.")
    for result in read_results().values():
        if result.no_frames:
            session.warn(result.no_frames)
            raise SystemExit(ExitCode.NO_FRAMES)


def clear_reports(session: nox.Session) -> None:
    """Remove the reports of an earlier run, which must not be taken for this one's."""
    try:
        if REPORTS.exists():
            shutil.rmtree(REPORTS)
        REPORTS.mkdir(parents=True)
        MERGED.unlink(missing_ok=True)
    except OSError as error:
        session.error(f"{error.filename}: cannot be cleared: {error.strerror}")


def judge_cells(session: nox.Session, tag: str, planned: Sequence[Cell], options: Options) -> None:
    """Run every cell, whatever fails, then print one table and end with the verdict."""
    distributed = [one.package for one in read().clusters if one.name == "ray" and options.ray]
    environments.install(session, "report", *(distributed if tag != CLUSTERS else []))
    clear_reports(session)
    expected = [f"--tag={tag}"]
    if tag == CLUSTERS:
        names = [f"cluster({cell.name})" for cell in planned]
        done = run_cells(session, planned, "-s", *names, jobs=CLUSTER_JOBS)
    elif options.engine:
        probe(session, planned)
        # The probe has just installed everything.
        sessions = candidate_sessions(planned)
        done = run_cells(session, planned, "-s", *sessions, "--no-install")
    elif options.ray:
        done = _run_on_ray(session, planned, options)
    else:
        done = run_cells(session, planned, "-s", "cell", "-t", tag)
    if tag == CLUSTERS or options.engine:
        expected = [f"--expect={cell.name}" for cell in planned if cell.name not in done.absent]
    report_refusals(session)
    verdict = show_table(session, expected, done.absent, options)
    needed = {cell.python for cell in planned if cell.name in done.absent and not cell.optional}
    if needed and os.environ.get("CI"):
        session.error(
            f"In CI every interpreter must be there; missing: {', '.join(sorted(needed))}"
        )
    if done.code:
        session.error("A cell failed although its report shows no failure; see above.")
    if verdict:
        raise SystemExit(verdict)


def report_refusals(session: nox.Session) -> None:
    """Show why pytest ran no case; end with its exit code if no cell has a report."""
    refused = [result for result in read_results().values() if result.refusal]
    if not refused:
        return
    text = "\n".join(sorted({result.refusal for result in refused}))
    # No table where no cell has a report: it would only show NO REPORT for each.
    if any(REPORTS.glob("*.json")):
        session.warn(f"pytest did not run every cell:\n{text}")
        return
    codes = {result.code for result in refused}
    if len(codes) > 1 or not codes <= OWN_CODES:
        session.error(f"pytest did not run a case:\n{text}")
    session.warn(f"pytest did not run a case:\n{text}")
    raise SystemExit(codes.pop())


def show_table(
    session: nox.Session, expected: Sequence[str], absent: Mapping[str, str], options: Options
) -> ExitCode:
    """Merge the reports and print the table; return ``OK`` or ``PARTIAL``, or fail."""
    missing = [f"--missing={name}={why}" for name, why in absent.items()]
    reports = [str(REPORTS), *expected, *missing]
    command = ("python", "-m", "conformance")
    merge = (*command, "report", "merge", *reports, "-o", str(MERGED))
    codes = [ExitCode.OK, ExitCode.UNMERGED]
    merged = str(session.run(*merge, success_codes=codes, silent=True, log=False))
    shown = [
        *(["--all"] if options.all else []),
        *(["--list-divergences"] if options.list_divergences else []),
        *(["--no-reproduce"] if options.ray else []),  # the nodes are elsewhere
    ]
    page = REPORTS / "table.md"
    ended: CommandFailed | None = None
    try:
        session.run(*command, "table", *reports, *shown, f"--write={page}", log=False)
    except CommandFailed as failed:
        if failed.return_code not in (ExitCode.FAILED, ExitCode.PARTIAL):
            raise
        ended = failed
    joined = merged.strip() if "Not merged" in merged else f"all in one: {os.path.relpath(MERGED)}"
    print(
        f"Each clause and each known divergence: {os.path.relpath(page)}; beside it the report "
        f"and the log of each cell; {joined}",
        flush=True,
    )
    leave_page(session, reports, *(["--no-reproduce"] if options.ray else []))
    if ended and ended.return_code == ExitCode.FAILED:
        raise ended
    return ExitCode.PARTIAL if ended else ExitCode.OK


def _run_on_ray(session: nox.Session, planned: Sequence[Cell], options: Options) -> CellsRun:
    """Run the planned cells on a cluster; a cell whose Python no node has is absent."""
    given = [
        *(f"--chapter={one}" for one in options.chapter),
        *(f"--needs={one}" for one in options.needs),
        *options.pytest,
    ]
    session.run(
        *("python", "-m", "tasks.cells.distributed", "--ray", options.ray, "--to", str(REPORTS)),
        *(f"--cell={cell.name}" for cell in planned),
        *("--", *given),
        success_codes=[0, 1],
        log=False,
    )
    text = (REPORTS / "spread.txt").read_text(encoding="utf-8")
    return CellsRun(0, json.loads(text))
