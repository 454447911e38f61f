"""`nox -s conformance` is the main job. What is under test stands in conformance/matrix/versions.toml."""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))  # `nox`, unlike `python -m nox`, does not look here by itself

from conformance.matrix import (  # noqa: E402
    ALL_CLUSTERS,
    CLUSTERS,
    ENGINE,
    FULL,
    GATE,
    WRITER,
    Cell,
    MatrixError,
    cloudpickle_minors,
    read,
    spread,
)
from conformance.processes import nested  # noqa: E402
from conformance.util import atomic  # noqa: E402
from conformance.util.file_lock import Busy, held  # noqa: E402

nox.needs_version = ">=2026.4"
nox.options.sessions = ["conformance"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"

MATRIX = read()
CELLS = {cell.name: cell for cell in MATRIX.cells()}
CLUSTER_CELLS = {cell.name: cell for cell in MATRIX.cells(ALL_CLUSTERS)}
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
SUITE = "conformance/suite"
REPORTS = ROOT / ".nox" / "reports"
MERGED = ROOT / ".nox" / "merged.json"
LOCK = ROOT / ".nox" / "lock"
GRID = ROOT / ".nox" / "interop.json"
FIXED = {"PYTHONHASHSEED": "0"}
MANIFEST = ROOT / "golden" / "manifest.json"
READERS = "readers"
"""In `nox -s fuzz`, our own readers in the place of an engine."""
USAGE_ERROR = 4
"""Exit code of pytest where it does not understand what it is called with."""
NO_FRAMES = 10
"""Exit code of the plugin, and then of nox, where an engine has no Python UDF frames."""
UNMERGED = 3
"""Exit code of `report merge` where the reports are not those of one whole run."""
BUSY = 12
"""Exit code of nox where another run is at work in this checkout."""

if nested.is_nested():
    nested.end_with_outermost()

# What only the younger nox releases know.
KNOWN = inspect.signature(nox.session).parameters
PARALLEL: dict[str, Any] = {"allow_parallel": True} if "allow_parallel" in KNOWN else {}
if "download_python" in KNOWN:
    nox.options.download_python = "never"


@contextmanager
def _turn(session: nox.Session, *, shared: bool = False) -> Iterator[None]:
    """Keeps other runs from this checkout's reports and environments meanwhile.

    Single cells run side by side (``shared``). What is nested has its turn with the outermost run.
    """
    if nested.is_nested():
        yield
        return
    LOCK.parent.mkdir(exist_ok=True)
    try:
        with held(LOCK, shared=shared):
            yield
    except Busy as busy:
        session.warn(f"Not run: {busy} of nox is at work in this checkout. Wait for its end.")
        raise SystemExit(BUSY) from None


# The cells. They come first, so that `nox -l` ends with what a person types.


@nox.session(**PARALLEL)
@nox.parametrize(
    "python,engine,cloudpickle,pyarrow",
    [
        nox.param(
            *(cell.python, cell.version, cell.cloudpickle, cell.pyarrow),
            id=cell.name,
            tags=list(cell.tags),
        )
        for cell in CELLS.values()
    ],
)
def cell(session: nox.Session, engine: str, cloudpickle: str, pyarrow: str) -> None:
    """Run the suite on one engine, cloudpickle, Python and pyarrow."""
    wanted = (engine, cloudpickle, session.python, pyarrow)
    (chosen,) = (cell for cell in CELLS.values() if tuple(cell.claim.values()) == wanted)
    options = _options(session)
    with _turn(session, shared=True):
        if options.peer:
            _install(session, "peer", *chosen.requirements)
            _tell_python(session, chosen)
        elif options.write:
            _install(session, "cell", *chosen.requirements, *options.packages)
            _write_goldens(session, chosen)
        else:
            wanted = (
                *chosen.requirements,
                *chosen.ffi_libraries,
                *chosen.carriers,
                *options.packages,
            )
            _install(session, "cell", *wanted, alone=chosen.incompatible_libraries)
            _run_suite(session, chosen, options)


@nox.session(**PARALLEL)
@nox.parametrize(
    "python,engine,library",
    [
        nox.param(
            *(cell.python, cell.version, cell.cluster.name if cell.cluster else ""),
            id=cell.name,
            tags=list(cell.tags),
        )
        for cell in CLUSTER_CELLS.values()
    ],
)
def cluster(session: nox.Session, engine: str, library: str) -> None:
    """Run the chapter of one cluster library on one engine and Python, then a preflight."""
    (chosen,) = (
        cell
        for cell in CLUSTER_CELLS.values()
        if (cell.version, cell.python) == (engine, session.python)
        and cell.cluster
        and cell.cluster.name == library
    )
    options = _options(session)
    address = getattr(options, library) or "local"
    with _turn(session, shared=True):
        _install(session, "cluster", *chosen.requirements, *options.packages)
        _run_suite(session, chosen, options)
        with (REPORTS / f"{chosen.name}.preflight.log").open("w", encoding="utf-8") as log:
            session.run(
                *("python", "-m", "conformance", "preflight", f"--{library}", address),
                stdout=log if options.quiet else None,
            )
        if options.faults and chosen == _newest(library):
            _run_faults(session, chosen, options)


def _newest(library: str) -> Cell:
    """The cell of a cluster library with the newest engine and Python."""
    *_, newest = (
        cell
        for cell in MATRIX.cells(CLUSTERS)
        if cell.cluster is not None and cell.cluster.name == library
    )
    return newest


def _run_faults(session: nox.Session, cell: Cell, options: argparse.Namespace) -> None:
    """Has the faults of a cluster library's chapter noticed, one cluster at a time."""
    told = REPORTS / f"{cell.name}.faults.log"
    session.log(f"Having the faults of this chapter noticed; see {told.relative_to(ROOT)}")
    with told.open("w", encoding="utf-8") as log:
        session.run(
            *("python", "-m", "tasks.mutation", "faults", "--chapter", cell.cluster.chapter),
            *("-j", "1"),
            stdout=log if options.quiet else None,
        )


@nox.session(python=[python.version for python in MATRIX.pythons], **PARALLEL)
def candidate(session: nox.Session) -> None:
    """Run the suite on the engine that `-- --engine WHEEL_OR_REQUIREMENT` names."""
    options = _options(session)
    planned = {cell.python: cell for cell in _candidates(session, options)}
    if session.python not in planned:
        session.skip(f"the wheel does not fit Python {session.python}")
    with _turn(session, shared=True):
        _judge_candidate(session, planned[str(session.python)], options)


def _judge_candidate(session: nox.Session, chosen: Cell, options: argparse.Namespace) -> None:
    wanted = [*nox.project.dependency_groups(PYPROJECT, "cell"), *options.packages]
    if options.any_engine:
        session.install("--upgrade", *wanted, *chosen.requirements)
    else:
        session.install(*wanted)
        session.install(*chosen.requirements, *chosen.ffi_libraries, *chosen.carriers)
        if chosen.incompatible_libraries:
            session.install("--no-deps", *chosen.incompatible_libraries)
        # What is there may be an older build of the same version.
        anew = "--force-reinstall" if Path(chosen.engine).exists() else "--upgrade"
        session.install(anew, "--no-deps", chosen.engine)
    if options.peer:
        _tell_python(session, chosen)
    elif not options.probe:
        _run_suite(session, chosen, options)
    elif options.subject:
        return  # it need not be an engine
    else:
        told = REPORTS / f"{chosen.name}.nothing"
        session.run("python", "-c", PROBE, str(told))


PROBE = """
import pathlib, sys
from conformance.subjects import NoFrames, installed_engine
try:
    installed_engine()
except NoFrames as error:
    pathlib.Path(sys.argv[1]).write_text(str(error), encoding="utf-8")
"""


# The golden store


@nox.session(tags=["rewrites"])
def regenerate(session: nox.Session) -> None:
    """Add the goldens that are missing; `-- --replace CASE` writes that case anew."""
    arguments = _options(session).rest
    with _turn(session):
        _all_writers(session, "take-up", *arguments)


@nox.session
def golden_check(session: nox.Session) -> None:
    """Have every writer write again, and compare with the goldens that are kept."""
    with _turn(session):
        _all_writers(session, "check")


def _all_writers(session: nox.Session, command: str, *arguments: str) -> None:
    _install(session, "golden")
    _clear_reports(session)
    writers = MATRIX.cells(WRITER)
    failed, absent = _nox(session, writers, "-s", "cell", "-t", WRITER, posargs=["--write"])
    missing = [cell for cell in writers if cell.name in absent and not cell.optional]
    for why in dict.fromkeys(absent[cell.name] for cell in missing):
        names = [cell.name for cell in missing if absent[cell.name] == why]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        session.warn(f"Wrote nothing, {why.rstrip('.')}: {', '.join(names[:3])}{more}.")
    if failed or (missing and os.environ.get("CI")):
        session.error("Not every writer wrote; see above. The store was left alone.")
    before = MANIFEST.read_bytes() if MANIFEST.is_file() else b""
    try:
        session.run("python", "-m", "conformance.golden", command, *arguments, str(REPORTS))
    except CommandFailed:
        if not MANIFEST.is_file() or MANIFEST.read_bytes() == before:
            raise
        session.error(
            "The store changed, and so this ends with failure, on purpose: "
            "look at the diff, commit it, run again and it ends with 0."
        )


def _write_goldens(session: nox.Session, cell: Cell) -> None:
    claims = [f"{name}={version}" for name, version in cell.claim.items()]
    session.run(
        *("python", "-m", "tasks.goldens.writer", f"{REPORTS / cell.name}.written", *claims),
        env={"PYTHONHASHSEED": "0"},
    )


# The project's own work


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what the suite, the exchange and frames cost; `-- --write` tells it in docs."""
    options = _options(session)
    sizes = options.peers.split(",")
    if not all(size.isdecimal() for size in sizes):
        session.error(f"--peers {options.peers}: must be numbers, as in 3,6,12")
    # The comparison is of 12 peers, whatever the sizes.
    peers = spread(MATRIX.cells(), max(12, *map(int, sizes)))
    costly = cloudpickle_minors(MATRIX.cells(WRITER))
    with _turn(session):
        newest = MATRIX.candidates(f"{ENGINE}=={MATRIX.engines[-1]}")[0]
        _install(session, "bench", *newest.requirements)
        planned = list(dict.fromkeys([*peers, *costly]))
        there, absent = _peers(session, planned, [f"cell({cell.name})" for cell in planned])
        if absent:
            session.warn(f"Measured without {len(absent)} of {len(planned)}: no such interpreter.")
        session.run(
            *("python", "-m", "tasks.bench", f"--peers={options.peers}"),
            *(f"{cell.name}={there[cell.name]}" for cell in peers if cell.name in there),
            *(f"--cost={cell.name}={there[cell.name]}" for cell in costly if cell.name in there),
            *([f"--write={ROOT / 'docs'}"] if options.write else []),
            *options.rest,
            log=False,
        )


@nox.session(**PARALLEL)
def tests(session: nox.Session) -> None:
    """Run the project's own tests on the newest engine; what follows `--` goes to pytest."""
    _own_environment(session)
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)


@nox.session(**PARALLEL)
def faults(session: nox.Session) -> None:
    """Have each fault noticed by the clauses that it breaks; `-- --help` tells what may follow."""
    _own_environment(session)
    session.run("python", "-m", "tasks.mutation", "faults", *session.posargs)


@nox.session(**PARALLEL)
def soak(session: nox.Session) -> None:
    """Run the suite 200 times in random order on the reference codec: none may be red."""
    _own_environment(session)
    session.run("python", "-m", "tasks.mutation", "soak", *session.posargs)


def _own_environment(session: nox.Session) -> None:
    newest = MATRIX.candidates(f"{ENGINE}=={MATRIX.engines[-1]}")[0]
    wanted = (*newest.requirements[:2], *newest.ffi_libraries, *newest.carriers)
    _install(session, "test", *wanted, alone=newest.incompatible_libraries)


@nox.session(**PARALLEL)
@nox.parametrize("reader", [*MATRIX.engines, READERS], ids=[*MATRIX.engines, READERS])
def fuzz(session: nox.Session, reader: str) -> None:
    """Have each engine and our own readers read hostile bytes; `-- --help` says what it takes."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--engine", choices=[*MATRIX.engines, READERS])
    parser.add_argument("--subject")
    parser.add_argument("--json")
    options, rest = parser.parse_known_args(_given(session))
    asked = {"-h", "--help"} & {*rest}
    if reader != (options.engine or (MATRIX.engines[0] if asked else reader)):
        session.skip(f"{reader} is not asked for")
    if options.subject and reader == READERS:
        session.skip("another subject is asked for")
    engine = MATRIX.engines[-1] if reader == READERS else reader
    _install(session, "fuzz", *MATRIX.candidates(f"{ENGINE}=={engine}")[0].requirements[:2])
    told = Path(options.json or Path(".nox", "fuzz", f"{reader}.json"))
    if options.json and not options.engine:  # one for each
        told = told.with_name(f"{told.stem}-{reader}{told.suffix}")
    told.parent.mkdir(parents=True, exist_ok=True)
    session.run(
        *("python", "-m", "tasks.fuzz", "run", "--json", str(told)),
        *(["--subject", options.subject] if options.subject else []),
        *(["--readers"] if reader == READERS else []),
        *rest,
        env=FIXED,
    )
    if reader != READERS:
        return
    try:
        _install(session, "guided")
    except CommandFailed:
        session.warn("atheris does not install here: nothing is guided by coverage.")
    else:
        session.run("python", "-m", "tasks.fuzz", "guided", *rest, env=FIXED)


@nox.session(**PARALLEL)
def lint(session: nox.Session) -> None:
    """Check style, format and types."""
    _install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")


@nox.session(**PARALLEL)
def workflows(session: nox.Session) -> None:
    """Check the CI workflows with zizmor and actionlint, without the network."""
    # The package on PyPI fetches the program from GitHub; one that is there will do.
    there = shutil.which("actionlint")
    more = () if there else nox.project.dependency_groups(PYPROJECT, "actionlint")
    _install(session, "workflows", *more)
    session.run("zizmor", "--offline", "--persona=pedantic", ".github")
    session.run("actionlint", external=bool(there))


# The main job


@nox.session
def conformance_full(session: nox.Session) -> None:
    """Judge the released engines on every cell: all cloudpickles that work, all Pythons."""
    _judge_all(session, FULL)


@nox.session
def conformance(session: nox.Session) -> None:
    """Judge the released engines on the gate's cells, or `-- --engine WHEEL_OR_REQUIREMENT`."""
    _judge_all(session, GATE)


@nox.session
def clusters(session: nox.Session) -> None:
    """Judge the released engines on Ray and Dask, or on `-- --ray ADDRESS`, `--dask ADDRESS`."""
    _judge_all(session, CLUSTERS)


@nox.session
def interop(session: nox.Session) -> None:
    """Have every cell read what every cell writes; `-- --engine WHEEL` adds a candidate.

    `-- --write` keeps the grid.
    """
    options = _options(session)
    if options.rest:
        session.error(f"{' '.join(options.rest)}: nothing that interop knows")
    if options.write and (options.engine or options.tag != FULL):
        session.error("--write keeps the grid of all cells: no --engine, no --tag")
    candidates = _candidates(session, options) if options.engine else ()
    with _turn(session):
        _exchange(session, MATRIX.cells(options.tag), candidates)
        if options.write:
            _keep_grid(session)


def _exchange(session: nox.Session, planned: Sequence[Cell], candidates: Sequence[Cell]) -> None:
    """Makes the peers' environments, has the peers talk, and shows the grid."""
    _install(session, "report")
    selections = [(planned, [f"cell({cell.name})" for cell in planned])]
    if candidates:
        _probe(session, candidates)
        # The probe has just installed everything.
        selections.append((candidates, [*_sessions(candidates), "--no-install"]))
    told: dict[str, str] = {}
    absent: dict[str, str] = {}
    for cells, names in selections:
        made, lacking = _peers(session, cells, names)
        told |= made
        absent |= lacking
    everyone = (*planned, *candidates)
    needed = {cell.name for cell in everyone if not cell.optional}
    session.run(
        *("python", "-m", "conformance", "exchange", "--output", str(GRID)),
        *(f"{cell.name}={told[cell.name]}" for cell in everyone if cell.name in told),
        *(f"--missing={name}={why}" for name, why in absent.items() if name in needed),
        log=False,
    )


def _keep_grid(session: nox.Session) -> None:
    """Keeps the grid in the package, for `can-talk`, and its page in docs."""
    page = session.run(
        *("python", "-m", "conformance", "grid", "--markdown", f"--grid={GRID}"),
        silent=True,
        stderr=None,
        log=False,
    )
    atomic.write(ROOT / "docs" / "interop.md", str(page).encode())
    atomic.write(ROOT / "conformance" / "interop" / "bundled_grid.json", GRID.read_bytes())
    session.log("kept in docs/interop.md and conformance/interop/bundled_grid.json")


def _peers(
    session: nox.Session, planned: Sequence[Cell], sessions: Sequence[str]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Makes environments; tells their interpreters by the cells' names, and why there is none."""
    _forget("peer")
    failed, absent = _nox(session, planned, "-s", *sessions, posargs=["--peer"])
    if failed:
        session.error("Not every peer could be installed; see above.")
    told = {path.stem: path.read_text(encoding="utf-8") for path in REPORTS.glob("*.peer")}
    return told, {cell.name: absent[cell.name] for cell in planned if cell.name in absent}


def _tell_python(session: nox.Session, cell: Cell) -> None:
    """Leaves word where the interpreter of the cell's environment is."""
    python = Path(session.bin) / "python"
    (REPORTS / f"{cell.name}.peer").write_text(str(python), encoding="utf-8")


def _judge_all(session: nox.Session, tag: str) -> None:
    """Plans the run, and has its turn."""
    options = _options(session)
    planned: Sequence[Cell]
    if tag != CLUSTERS and options.ray and (options.engine or options.packages):
        session.error("--ray spreads the cells of released engines: no --engine, --subject, --with")
    if tag == CLUSTERS:
        planned = _clusters(session, options)
    else:
        planned = _candidates(session, options) if options.engine else MATRIX.cells(tag)
    with _turn(session):
        _judge(session, tag, planned, options)


def _judge(
    session: nox.Session, tag: str, planned: Sequence[Cell], options: argparse.Namespace
) -> None:
    """Runs every cell whatever fails, then prints one table and judges by the reports."""
    spreads = [one.package for one in MATRIX.clusters if one.name == "ray" and options.ray]
    _install(session, "report", *(spreads if tag != CLUSTERS else []))
    _clear_reports(session)
    if tag == CLUSTERS:
        chosen = [f"cluster({cell.name})" for cell in planned]
        # A cluster takes more than a gigabyte.
        failed, absent = _nox(session, planned, "-s", *chosen, most=4)
        expected = [f"--expect={cell.name}" for cell in planned if cell.name not in absent]
    elif options.engine:
        _probe(session, planned)
        # The probe has just installed everything.
        failed, absent = _nox(session, planned, "-s", *_sessions(planned), "--no-install")
        expected = [f"--expect={cell.name}" for cell in planned if cell.name not in absent]
    elif options.ray:
        failed, absent = _spread(session, planned, options)
        expected = [f"--tag={tag}"]
    else:
        failed, absent = _nox(session, planned, "-s", "cell", "-t", tag)
        expected = [f"--tag={tag}"]
    if refusals := {path.read_text(encoding="utf-8") for path in REPORTS.glob("*.refused")}:
        # No table: it would only say NO REPORT of each cell.
        if not any(REPORTS.glob("*.json")):
            session.error("pytest did not run a case:\n" + "\n".join(sorted(refusals)))
        session.warn("pytest did not run every cell:\n" + "\n".join(sorted(refusals)))
    reports = [str(REPORTS), *expected, *(f"--missing={n}={why}" for n, why in absent.items())]
    session.run(
        *("python", "-m", "conformance", "report", "merge", *reports, "-o", str(MERGED)),
        success_codes=[0, UNMERGED],
        log=False,
    )
    session.run(
        *("python", "-m", "conformance", "table", *reports, *(["--all"] if options.all else [])),
        log=False,
    )
    needed = {cell.python for cell in planned if cell.name in absent and not cell.optional}
    if needed and os.environ.get("CI"):
        session.error(f"Under CI every interpreter must be there: {', '.join(sorted(needed))}")
    if failed:
        session.error("A cell failed although its report shows nothing of it; see above.")


def _clear_reports(session: nox.Session) -> None:
    """What an earlier run said must not be taken for this one's."""
    try:
        if REPORTS.exists():
            shutil.rmtree(REPORTS)
        REPORTS.mkdir(parents=True)
        MERGED.unlink(missing_ok=True)
    except OSError as error:
        session.error(f"{error.filename}: cannot be made anew: {error.strerror}")


def _spread(
    session: nox.Session, planned: Sequence[Cell], options: argparse.Namespace
) -> tuple[int, Mapping[str, str]]:
    """Runs the planned cells on a cluster; tells of each that no node has its Python."""
    session.run(
        *("python", "-m", "tasks.cells.distributed", "--ray", options.ray, "--to", str(REPORTS)),
        *(f"--cell={cell.name}" for cell in planned),
        *("--", *options.rest),
        success_codes=[0, 1],
        log=False,
    )
    return 0, json.loads((REPORTS / "spread.txt").read_text(encoding="utf-8"))


def _probe(session: nox.Session, planned: Sequence[Cell]) -> None:
    """Installs the candidate; ends nox where there is nothing to judge, or nothing to install."""
    _forget("nothing")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        failed, _ = _nox(
            *(session, planned, "-x", "-s", *_sessions(planned)),
            posargs=["--probe"],
            output=output,
        )
        if failed:
            output.seek(0)
            print(output.read())
            session.error("The candidate cannot be installed, or not imported; see above.")
    for said in REPORTS.glob("*.nothing"):
        session.warn(said.read_text(encoding="utf-8"))
        raise SystemExit(NO_FRAMES)


def _forget(kind: str) -> None:
    """What cells told in an earlier run."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    for path in REPORTS.glob(f"*.{kind}"):
        path.unlink()


def _sessions(planned: Sequence[Cell]) -> Sequence[str]:
    return [f"candidate-{cell.python}" for cell in planned]


def _nox(
    session: nox.Session,
    planned: Sequence[Cell],
    *selection: str,
    posargs: Sequence[str] = ("--quiet",),
    output: IO[str] | None = None,
    most: int = 64,
) -> tuple[int, Mapping[str, str]]:
    """Runs the planned cells; tells nox's exit code, and why a cell, by its name, did not run."""
    told = REPORTS / "nox.txt"
    jobs = os.environ.get("NOX_PARALLEL") or str(min(os.cpu_count() or 1, most))
    # Not session.run: the interpreters are those of the user, not of this session.
    code = nested.run(
        [
            *(sys.executable, "-m", "nox", "-f", __file__, *selection),
            *(["-j", jobs] if PARALLEL else []),
            *("--no-error-on-missing-interpreters", "--report", str(told)),
            *("--", *_given(session), *posargs),
        ],
        LOCK,
        stdout=output,
    )
    try:
        sessions = json.loads(told.read_text(encoding="utf-8"))["sessions"]
    except (OSError, ValueError):
        session.error("nox ended before it had run the cells; see above.")
    names = {
        name: cell.name
        for cell in planned
        for name in (f"cell({cell.name})", f"cluster({cell.name})", f"candidate-{cell.python}")
    }
    return code, {
        names[signature]: one.get("reason") or "interpreter not found"
        for one in sessions
        for signature in one["signatures"]
        if one["result"] == "skipped" and signature in names
    }


# One cell


def _run_suite(session: nox.Session, cell: Cell, options: argparse.Namespace) -> None:
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = REPORTS / f"{cell.name}.json"
    report.unlink(missing_ok=True)
    # Another subject has versions of its own.
    claim = {"python": cell.python} if options.subject else cell.claim
    needs = () if options.subject else cell.needs
    picked = any(argument.startswith(SUITE) for argument in options.rest)
    command = [
        *(
            "python",
            "-m",
            "pytest",
            "-p",
            "conformance.runner.plugin",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:logging",
        ),
        *("-q", "-rfE", "--timeout=120"),
        *("-o", "faulthandler_timeout=150", "-o", "faulthandler_exit_on_timeout=true"),
        f"--cell={','.join(f'{name}={version}' for name, version in claim.items())}",
        f"--conformance-report={report}",
        f"--junitxml={report.with_suffix('.xml')}",
        *([f"--subject={options.subject}"] if options.subject else []),
        *(f"--needs={part}" for part in needs),
        *(
            [f"--chapter={cell.cluster.chapter}", f"--needs={cell.cluster.needs}"]
            if cell.cluster
            else []
        ),
        *([] if picked else [SUITE]),
        *options.rest,
    ]
    given = {"CONFORMANCE_RAY": options.ray, "CONFORMANCE_DASK": options.dask}
    env = {**FIXED, **{name: value for name, value in given.items() if value}}
    if not options.quiet:
        session.run(*command, env=env)
        return
    log = report.with_suffix(".log")
    try:
        with log.open("w", encoding="utf-8") as stream:
            session.run(*command, env=env, stdout=stream, stderr=subprocess.STDOUT)
    except CommandFailed as failed:
        if failed.return_code == USAGE_ERROR:
            said = _refusal(log.read_text(encoding="utf-8", errors="replace"))
            report.with_suffix(".refused").write_text(said, encoding="utf-8")
        raise
    finally:
        closing = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        session.log(f"{''.join(closing)} (in full: {log.relative_to(ROOT)})")


def _refusal(log: str) -> str:
    """Why pytest did not run, in its own words."""
    lines = [line.strip("! ") for line in log.splitlines()]
    said = [
        re.sub(r"^(ERROR: |_pytest\.outcomes\.Exit: )", "", line)
        for line in lines
        if re.match(r"ERROR: (?!usage:)|.+: error: |_pytest\.outcomes\.Exit: |E  |\w*Error: ", line)
    ]
    return "\n".join(said or lines[-5:])


def _install(
    session: nox.Session, group: str, *requirements: str, alone: Sequence[str] = ()
) -> None:
    """Installs the dependency group and ``requirements``, unless these are there.

    What stands ``alone`` is installed without what it asks for.
    """
    wanted = [*nox.project.dependency_groups(PYPROJECT, group), *requirements]
    stamp = Path(session.virtualenv.location) / "installed.json"
    there = json.loads(stamp.read_text(encoding="utf-8")) if stamp.is_file() else []
    if {*wanted, *alone} <= set(there):
        return
    stamp.unlink(missing_ok=True)
    session.install(*wanted)
    if alone:
        session.install("--no-deps", *alone)
    if "--no-install" not in sys.argv:  # which makes nox install nothing
        stamp.write_text(json.dumps([*wanted, *alone]), encoding="utf-8")


SPREAD = """; `nox -s conformance` and `conformance_full`: a cluster whose nodes run the cells,
each node those whose Python it has, in environments of their own; nodes have uv or pip, and
nothing of this project; `local` starts one here"""

EXAMPLES = """
What is not known here goes to pytest.

examples:
  nox -s conformance -- --engine dist/datafusion-56.0.0-cp310-abi3-linux_x86_64.whl
  nox -s conformance -- --ray 10.0.0.5:6379
  nox -s conformance -- --subject my.module:factory --with ./my-package -k strict
"""


def _options(session: nox.Session) -> argparse.Namespace:
    """What follows `--`; what is not known here goes to pytest, as ``rest``."""
    parser = argparse.ArgumentParser(
        prog="nox -s SESSION --",
        allow_abbrev=False,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--engine", help="a wheel, a source tree or a requirement to judge")
    parser.add_argument(
        "--subject",
        metavar="MODULE:FACTORY",
        help="another implementation to judge; without --engine, beside the newest engine it takes",
    )
    parser.add_argument(
        "--with",
        dest="packages",
        action="append",
        default=[],
        metavar="REQ",
        help="what else to install, such as the package of the subject: a requirement or a path; "
        "may stand more than once",
    )
    parser.add_argument("--all", action="store_true", help="one line a clause in the table")
    for library in MATRIX.clusters:
        parser.add_argument(
            f"--{library.name}",
            metavar="ADDRESS",
            help="`nox -s clusters`: a cluster that is running, on which its chapter is judged; "
            "its nodes have this package, and an engine and a Python that --cell names"
            f"{SPREAD if library.name == 'ray' else ''}",
        )
    parser.add_argument(
        "--cell",
        metavar="CELL",
        help="`nox -s clusters`: this cell only; `nox --list -s cluster` tells which there are",
    )
    parser.add_argument(
        "--faults",
        action="store_true",
        help="`nox -s clusters`: then have the faults of the chapters noticed, on the newest cell "
        "of each library",
    )
    parser.add_argument("--quiet", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        "--write",
        action="store_true",
        help="`nox -s interop`, `nox -s bench`: keep what was seen in docs/",
    )
    parser.add_argument("--probe", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        "--peers",
        metavar="SIZES",
        default="3,6,12,24,48",
        help="`nox -s bench`: so many peers each time (default: 3,6,12,24,48)",
    )
    parser.add_argument(
        "--tag",
        choices=[GATE, FULL],
        default=FULL,
        help="`nox -s interop`: the cells that are peers (default: all)",
    )
    options, rest = parser.parse_known_args(_given(session))
    options.rest = rest
    wheels = [one for one in rest if one.endswith(".whl") and Path(one).is_file()]
    if wheels and not options.engine:
        session.error(f"{', '.join(wheels)}: a wheel goes behind --engine")
    if wheels:
        wheels.insert(0, options.engine)
        session.error(
            f"--engine takes one wheel; the shell made {len(wheels)} of "
            f"{Path(wheels[0]).parent / '*.whl'}: {', '.join(wheels)}"
        )
    # The subject's package may pin an engine; the newest stands for all of them.
    options.any_engine = bool(options.subject and not options.engine)
    if options.any_engine:
        options.engine = f"{ENGINE}<={MATRIX.engines[-1]}"
    return options


def _given(session: nox.Session) -> list[str]:
    """What follows `--`, with paths as from where nox was called: nox itself moved here."""
    given = []
    for argument in session.posargs:
        option, equals, value = argument.rpartition("=")
        path = Path(session.invoked_from, value)
        is_path = path.suffix == ".whl" or "/" in value
        known = is_path and path.exists() and not path.is_relative_to(ROOT / SUITE)
        given.append(f"{option}{equals}{path}" if known else argument)
    return given


def _clusters(session: nox.Session, options: argparse.Namespace) -> Sequence[Cell]:
    """The cells to judge: those of the tag, the one that is named, or one for each address."""
    if options.engine:
        session.error("clusters judges released engines: --cell names one, with its Python")
    if options.cell and options.cell not in CLUSTER_CELLS:
        session.error(f"--cell {options.cell}: there is none such; see nox --list -s cluster")
    if options.cell:
        return [CLUSTER_CELLS[options.cell]]
    given = [library for library in MATRIX.clusters if getattr(options, library.name)]
    if not given:
        return MATRIX.cells(CLUSTERS)
    here = "{}.{}".format(*sys.version_info)
    if here not in {python.version for python in MATRIX.pythons}:
        session.error(f"Say with --cell which Python the cluster has; Python {here} is not judged")
    return [
        cell
        for cell in CLUSTER_CELLS.values()
        if (cell.python, cell.version) == (here, MATRIX.engines[-1]) and cell.cluster in given
    ]


def _candidates(session: nox.Session, options: argparse.Namespace) -> Sequence[Cell]:
    if not options.engine:
        session.error("Say which engine: -- --engine dist/x.whl, or -- --engine datafusion==55.0.0")
    try:
        return MATRIX.candidates(options.engine)
    except MatrixError as error:
        session.error(str(error))
