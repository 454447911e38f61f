"""Run one cell: the suite, the golden writer, or a look at its environment."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast

import nox
from nox.command import CommandFailed

from conformance.matrix import CLUSTERS, WRITER, Cell, read
from conformance.processes import nested
from conformance.spec import CHAPTERS
from conformance.util.exit_codes import ExitCode
from tasks.cells import environments
from tasks.cells.options import Options
from tasks.cells.paths import CLOUDPICKLES, REPORTS, ROOT, SUITE
from tasks.cells.results import CellResult
from tasks.cells.watch import PROGRESS

Mode = Literal["judge", "probe", "locate", "write"]
MODE = "CONFORMANCE_CELL_MODE"
"""The variable by which a run says what its cells do: judge by default."""

BESIDE_OTHERS = "CONFORMANCE_BESIDE_OTHERS"
"""The variable by which a run says that several of its cells run at once."""

JOB = ("scalar", "aggregate", "expression", "query")
"""The objects of ``preflight_job.py`` that a preflight sends."""

FIXED_HASHES = {"PYTHONHASHSEED": "0"}

OWN_CODES = frozenset(code for code in ExitCode if code > ExitCode.NO_CASES)
"""The exit codes of the suite that are not pytest's: nox ends with them, too."""

EXIT = re.compile(r"^(?:!+ _pytest\.outcomes\.)?Exit: (.*(?:\n  .+)*)", re.MULTILINE)
"""The text with which the plugin ended a run before its first case."""

PROBE = """
import sys
from conformance.subjects import NoFrames, installed_engine
try:
    installed_engine()
except NoFrames as error:
    print(error)
"""


def mode() -> Mode:
    """Return what this process is asked to do with a cell."""
    return cast("Mode", os.environ.get(MODE, "judge"))


def run_cell(session: nox.Session, cell: Cell, options: Options) -> None:
    """Do with a cell of the version table what the run asks for."""
    if mode() == "locate":
        environments.install(session, "peer", *cell.requirements)
        write_location(session, cell)
    elif mode() == "write":
        environments.install(session, "cell", *cell.requirements)
        write_goldens(session, cell)
    else:
        environments.install_cell(session, cell, options.packages)
        judge(session, cell, options)


def run_candidate(session: nox.Session, cell: Cell, options: Options) -> None:
    """Install a candidate and do with it what the run asks for."""
    environments.install_candidate(session, cell, options)
    if mode() == "locate":
        write_location(session, cell)
    elif mode() == "judge":
        judge(session, cell, options)
    elif not options.subject:  # another subject need not have an engine
        found = session.run("python", "-c", PROBE, silent=True, log=False)
        if isinstance(found, str) and found.strip():
            CellResult(cell.name, no_frames=found.strip()).write()


def run_cluster(session: nox.Session, cell: Cell, options: Options) -> None:
    """Judge the chapter of a cluster library, then run a preflight and perhaps the faults."""
    assert cell.cluster is not None
    library = cell.cluster.name
    address = getattr(options, library) or "local"
    environments.install(session, "cluster", *cell.requirements)
    judge(session, cell, options)
    preflight = ("python", "-m", "conformance", "preflight", f"--{library}", address)
    _logged(session, *preflight, log=f"{cell.name}.preflight.log")
    job = [f"--expr=tasks/cells/preflight_job.py:{name}" for name in JOB]
    _logged(session, *preflight, *job, log=f"{cell.name}.preflight-job.log")
    *_, newest = (one for one in read().cells(CLUSTERS) if one.cluster == cell.cluster)
    if options.faults and cell == newest:
        session.log(f"Running the faults of the chapter {cell.cluster.chapter}, one at a time.")
        faults = ("python", "-m", "tasks.mutation", "faults", "--chapter", cell.cluster.chapter)
        _logged(session, *faults, "-j", "1", log=f"{cell.name}.faults.log")


def _logged(session: nox.Session, *command: str, log: str) -> None:
    with (REPORTS / log).open("w", encoding="utf-8") as stream:
        session.run(*command, stdout=stream if nested.is_nested() else None)


def write_location(session: nox.Session, cell: Cell) -> None:
    """Write which interpreter the cell's environment has."""
    CellResult(cell.name, python=str(Path(session.bin) / "python")).write()


def write_goldens(session: nox.Session, cell: Cell) -> None:
    """Let the cell's engine write its goldens with each cloudpickle for this Python."""
    wanted = cell.version, cell.python
    cells = [one for one in read().cells(WRITER) if (one.version, one.python) == wanted]
    claims = [f"{name}={one}" for name, one in cell.claim.items() if name != "cloudpickle"]
    outputs = [f"--out={one.cloudpickle}={REPORTS / one.name}.written" for one in cells]
    command = ("python", "-m", "tasks.goldens.writers", f"--packages={CLOUDPICKLES}")
    session.run(*command, *outputs, *claims, env=FIXED_HASHES)


def judge(session: nox.Session, cell: Cell, options: Options) -> None:
    """Run the suite on a cell; leave its report, JUnit XML and, in a nested run, its log."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = REPORTS / f"{cell.name}.json"
    report.unlink(missing_ok=True)
    command = suite_command(cell, options, report)
    addresses = {"CONFORMANCE_RAY": options.ray, "CONFORMANCE_DASK": options.dask}
    env = {**FIXED_HASHES, **({n: v for n, v in addresses.items() if v} if cell.cluster else {})}
    if nested.is_nested():
        _judge_quietly(session, cell, command, env)
        return
    try:
        session.run(*command, env=env)
    except CommandFailed as failed:
        if failed.return_code in OWN_CODES:
            raise SystemExit(failed.return_code) from None
        raise


def suite_command(cell: Cell, options: Options, report: Path) -> list[str]:
    """Return the command that runs the suite on a cell."""
    # Another subject has versions of its own.
    versions = {"python": cell.python} if options.subject else cell.claim
    needs = [*options.needs, *(() if options.subject else cell.needs)]
    chapters = [*options.chapter] or [
        one for one in CHAPTERS if cell.without and one not in cell.without
    ]
    chapters += [cell.cluster.chapter] if cell.cluster else []
    if cell.cluster:
        needs.append(cell.cluster.needs)
    picked = any(argument.startswith(SUITE) for argument in options.pytest)
    return [
        *("python", "-m", "pytest", "-p", "conformance.runner.plugin"),
        *("-p", "no:cacheprovider", "-p", "no:logging", "-p", "no:hypothesispytest"),
        *("-q", "-rfE", "--timeout=120"),
        *("-o", "faulthandler_timeout=150", "-o", "faulthandler_exit_on_timeout=true"),
        f"--cell={','.join(f'{name}={version}' for name, version in versions.items())}",
        f"--conformance-report={report}",
        f"--junitxml={report.with_suffix('.xml')}",
        *(["--one-child"] if os.environ.get(BESIDE_OTHERS) else []),
        *([f"--subject={options.subject}"] if options.subject else []),
        *(f"--needs={one}" for one in needs),
        *(f"--chapter={one}" for one in chapters),
        *([] if picked else [SUITE]),
        *options.pytest,
    ]


def _judge_quietly(
    session: nox.Session, cell: Cell, command: list[str], env: Mapping[str, str]
) -> None:
    """Run the suite into a log, and print its last line.

    A partial run is no error here: the table of all cells ends with its exit code.
    """
    log = REPORTS / f"{cell.name}.log"
    progress = f"--conformance-progress={REPORTS / cell.name}{PROGRESS}"
    codes = [ExitCode.OK, ExitCode.PARTIAL]
    try:
        with log.open("w", encoding="utf-8") as stream:
            out, error = stream, subprocess.STDOUT
            run = (*command, progress)
            session.run(*run, env=env, success_codes=codes, stdout=out, stderr=error)
    except CommandFailed as failed:
        if failed.return_code in (ExitCode.PYTEST_USAGE, *OWN_CODES):
            text = log.read_text(encoding="utf-8", errors="replace")
            CellResult(cell.name, refusal=refusal(text), code=failed.return_code).write()
        raise
    finally:
        closing = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        session.log(f"{''.join(closing)} (log: {log.relative_to(ROOT)})")


def refusal(log: str) -> str:
    """Return why pytest did not run, in its own words."""
    if found := EXIT.search(log):
        return str(found[1]).rstrip("! ")
    lines = [line.strip("! ") for line in log.splitlines()]
    pattern = r"ERROR: (?!usage:)|.+: error: |E  |\w*Error: "
    errors = [line.removeprefix("ERROR: ") for line in lines if re.match(pattern, line)]
    return "\n".join(errors or lines[-5:])
