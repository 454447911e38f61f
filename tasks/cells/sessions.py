"""The bodies of nox's sessions: check the options, take the lock, do the work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence

import nox
from nox.command import CommandFailed

from conformance.matrix import CLUSTERS, ENGINE, Cell, read
from conformance.processes import nested
from conformance.util.exit_codes import ExitCode
from tasks.cells import environments, goldens, options
from tasks.cells import exchange as exchanges
from tasks.cells.clusters import cluster_cells
from tasks.cells.options import OptionError, Options, Parser, absolute
from tasks.cells.orchestrate import exclusive, judge_cells
from tasks.cells.paths import NOX
from tasks.cells.run import FIXED_HASHES, run_candidate, run_cell, run_cluster

READERS = "readers"
"""In `nox -s fuzz`, this project's own readers in the place of an engine."""

CELL_SESSIONS = ("cell", "candidate", "cluster(")


def asks_for_cells(arguments: Sequence[str]) -> bool:
    """Return whether nox's command line names the sessions of single cells.

    They are left out of ``nox --list`` otherwise: there are more than a hundred.
    """
    if nested.is_nested():
        return True
    given = list(arguments)
    own = given[: given.index("--")] if "--" in given else given
    return any(one.startswith(CELL_SESSIONS) or one == "cluster" for one in own)


def _unchecked(found: Options) -> Options:
    return found


def _checked_clusters(found: Options) -> Options:
    cluster_cells(found)
    return options.check(found)


def _checked_suite(found: Options) -> Options:
    found = options.check(found)
    if found.ray and (found.engine or found.packages):
        message = "--ray runs the cells of released engines: no --engine, --subject, --with"
        raise OptionError(message)
    options.candidates(found)
    return found


def _checked_exchange(found: Options) -> Options:
    options.candidates(found)
    return exchanges.check(found)


def _checked_fuzz(found: Options) -> Options:
    wanted, known = _value(found.pytest, "--engine"), [*read().engines, READERS]
    if wanted and wanted not in known:
        near = options.nearest(wanted, known)
        raise OptionError(f"--engine {wanted}: expected one of {', '.join(known)}{near}")
    return found


_SUITE = (options.suite_parser, _checked_suite)
_TOOL = (options.tool_parser, _unchecked)
PARSERS: Mapping[str, tuple[Callable[[str], Parser], Callable[[Options], Options]]] = {
    "conformance": _SUITE,
    "conformance_full": _SUITE,
    "cell": _SUITE,
    "candidate": _SUITE,
    "clusters": (options.clusters_parser, _checked_clusters),
    "cluster": (options.clusters_parser, _checked_clusters),
    "interop": (options.interop_parser, _checked_exchange),
    "bench": (options.bench_parser, exchanges.check_bench),
    "regenerate": (options.regenerate_parser, _unchecked),
    **dict.fromkeys(("golden_check", "lint", "package", "workflows"), (Parser, _unchecked)),
    **dict.fromkeys(options.TOOLS, _TOOL),
    "fuzz": (options.tool_parser, _checked_fuzz),
}
"""The parser and the check of each session; the sessions that run pytest take anything."""


def parse(name: str, given: Sequence[str], folder: str) -> Options:
    """Return the options of the session ``name``; raise ``OptionError`` for a wrong one."""
    parser, check = PARSERS[name]
    if name in options.TOOLS and {"-h", "--help"} & {*given}:
        return Options(pytest=["--help"])  # the help is the command's own
    return check(parser(name).read(absolute(given, folder)))


def check_command_line(arguments: Sequence[str]) -> None:
    """Check the options of the named sessions before nox makes an environment for them.

    ``arguments`` are nox's own. Exits with ``ExitCode.USAGE`` where one is wrong.
    """
    if "--" not in arguments or nested.is_nested():
        return
    place = list(arguments).index("--")
    given = arguments[place + 1 :]
    own = [one.rpartition("=")[2] for one in arguments[:place]]
    named = [name.partition("(")[0].partition("-3")[0] for name in own]
    if not any(one.startswith(("-s", "-e", "--session")) for one in arguments[:place]):
        named = ["conformance"]
    for name in (one for one in named if one in PARSERS):
        try:
            parse(name, given, os.getcwd())
        except OptionError as error:
            print(f"nox -s {name}: {error}", file=sys.stderr)
            raise SystemExit(ExitCode.USAGE) from None


def read_options(session: nox.Session, name: str = "") -> Options:
    """Return the session's options; end it where one is wrong."""
    try:
        return parse(name or session.name, session.posargs, session.invoked_from)
    except OptionError as error:
        session.warn(str(error))
        raise SystemExit(ExitCode.USAGE) from None


def judge(session: nox.Session, tag: str) -> None:
    """Judge released engines on the cells of a tag, or a candidate."""
    found = read_options(session)
    planned = options.candidates(found) or read().cells(tag)
    with exclusive(session):
        judge_cells(session, tag, planned, found)


def judge_clusters(session: nox.Session) -> None:
    """Judge released engines on Ray and Dask."""
    found = read_options(session)
    with exclusive(session):
        judge_cells(session, CLUSTERS, cluster_cells(found), found)


def judge_cell(session: nox.Session, cell: Cell) -> None:
    """Run one cell of the version table."""
    found = read_options(session, "cell")
    with exclusive(session, shared=True):
        run_cell(session, cell, found)


def judge_cluster(session: nox.Session, cell: Cell) -> None:
    """Run one cell on Ray or Dask."""
    found = read_options(session, "cluster")
    with exclusive(session, shared=True):
        run_cluster(session, cell, found)


def judge_candidate(session: nox.Session) -> None:
    """Run the suite on a candidate, on this session's Python."""
    found = read_options(session, "candidate")
    if not found.engine:
        session.error("No engine given: -- --engine dist/x.whl, or --engine datafusion==55.0.0")
    planned = {cell.python: cell for cell in options.candidates(found)}
    if session.python not in planned:
        session.skip(f"the wheel does not fit Python {session.python}")
    with exclusive(session, shared=True):
        run_candidate(session, planned[str(session.python)], found)


def exchange(session: nox.Session) -> None:
    """Let the cells exchange bytes."""
    found = read_options(session)
    with exclusive(session):
        exchanges.exchange(session, found)


def bench(session: nox.Session) -> None:
    """Measure."""
    found = read_options(session)
    with exclusive(session):
        exchanges.bench(session, found)


def regenerate(session: nox.Session) -> None:
    """Update the store of goldens."""
    found = read_options(session)
    with exclusive(session):
        goldens.write_and(session, "update", *(f"--replace={case}" for case in found.replace))


def compare_goldens(session: nox.Session) -> None:
    """Compare what the engines write now with the store."""
    read_options(session)
    with exclusive(session):
        goldens.write_and(session, "check")


def run_tool(session: nox.Session, *command: str) -> None:
    """Run a command of the repository beside the newest engine; options are passed on to it."""
    given = read_options(session).pytest
    environments.install_newest(session, "test")
    session.run("python", "-m", *command, *given)


def judge_releases(session: nox.Session) -> None:
    """Judge what the version table lacks; nox ends with the exit code of the command."""
    given = read_options(session).pytest
    environments.install(session, "releases")
    with exclusive(session, shared=True):
        try:
            session.run("python", "-m", "tasks.releases", *given)
        except CommandFailed as failed:
            raise SystemExit(failed.return_code) from None


def outputs(session: nox.Session, engine: str) -> None:
    """Compare what the reproductions print on one engine with the record, or record it."""
    given = read_options(session, "outputs").pytest
    cell = read().candidates(f"{ENGINE}=={engine}")[0]
    wanted = (*cell.requirements, *cell.ffi_libraries, *cell.parallel_backends)
    environments.install(session, "outputs", *wanted, no_deps=cell.incompatible_libraries)
    session.run("python", "-m", "tasks.outputs", *given)


def fuzz(session: nox.Session, reader: str) -> None:
    """Fuzz one engine, or this project's own readers, with the options that it was given."""
    given = read_options(session, "fuzz").pytest
    engines = read().engines
    wanted = _value(given, "--engine")
    first = engines[0] if "--help" in given else reader
    if reader != (wanted or first):
        session.skip(f"{reader} is not selected")
    if reader == READERS and _value(given, "--subject"):
        session.skip("another subject is selected")
    _run_fuzzer(session, reader, given)


def _run_fuzzer(session: nox.Session, reader: str, given: Sequence[str]) -> None:
    engine = read().engines[-1] if reader == READERS else reader
    cell = read().candidates(f"{ENGINE}=={engine}")[0]
    environments.install(session, "fuzz", *cell.requirements[:2])
    rest = _without(given, "--engine")
    if not _value(given, "--json"):
        report = NOX / "fuzz" / f"{reader}.json"
        report.parent.mkdir(parents=True, exist_ok=True)
        rest = ["--json", str(report), *rest]
    readers = ["--readers"] if reader == READERS else []
    session.run("python", "-m", "tasks.fuzz", "run", *readers, *rest, env=FIXED_HASHES)
    if reader == READERS:
        try:
            environments.install(session, "guided")
        except CommandFailed:
            session.warn("atheris does not install here: no coverage-guided fuzzing.")
        else:
            guided = _without(rest, "--json")
            session.run("python", "-m", "tasks.fuzz", "guided", *guided, env=FIXED_HASHES)


def _value(given: Sequence[str], option: str) -> str:
    return given[given.index(option) + 1] if option in given else ""


def _without(given: Sequence[str], option: str) -> list[str]:
    if option not in given:
        return [*given]
    place = given.index(option)
    return [*given[:place], *given[place + 2 :]]
