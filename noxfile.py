# /// script
# dependencies = [
#   "filelock>=3.16",
#   "nox>=2026.4",
#   "packaging>=24",
#   "psutil>=6",
#   "rich>=13.7",
#   "tomli>=2; python_version < '3.11'",
#   "uv",
# ]
# ///
"""`nox -s conformance` is the main job. The versions are in conformance/matrix/versions.toml."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))  # `nox`, unlike `python -m nox`, does not look here by itself
# Many containers set it: each of the many interpreters would compile all modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from conformance.matrix import ALL_CLUSTERS, FULL, GATE, read  # noqa: E402
from conformance.processes import nested  # noqa: E402
from tasks.cells import environments, sessions  # noqa: E402
from tasks.cells.package import check_wheel, make_vectors  # noqa: E402
from tasks.cells.paths import SITE  # noqa: E402

nox.needs_version = ">=2026.4"
nox.options.sessions = ["conformance"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.download_python = "never"

MATRIX = read()
PYTHONS = [python.version for python in MATRIX.pythons]
CELLS = {cell.name: cell for cell in MATRIX.cells()}
CLUSTER_CELLS = {cell.name: cell for cell in MATRIX.cells(ALL_CLUSTERS)}

if nested.is_nested():
    nested.die_with_parent_run()
sessions.check_command_line(sys.argv[1:])


# Judge engines and codecs


@nox.session
def conformance(session: nox.Session) -> None:
    """Judge every released engine, or `-- --engine WHEEL`, clause by clause."""
    sessions.judge(session, GATE)


@nox.session
def conformance_full(session: nox.Session) -> None:
    """Judge the released engines on all Pythons, cloudpickles and pyarrows."""
    sessions.judge(session, FULL)


@nox.session
def clusters(session: nox.Session) -> None:
    """Judge the released engines on Ray and Dask, or on `-- --ray ADDRESS`."""
    sessions.judge_clusters(session)


@nox.session
def interop(session: nox.Session) -> None:
    """Let every cell read what every cell writes; `-- --write` updates the grid."""
    sessions.exchange(session)


@nox.session
def releases(session: nox.Session) -> None:
    """Judge what the package index has and the version table lacks; `-- --pre`, `-- --list`."""
    sessions.judge_releases(session)


# The store of goldens


@nox.session(tags=["rewrites"])
def regenerate(session: nox.Session) -> None:
    """Add the goldens that are missing; `-- --replace CASE` writes one again."""
    sessions.regenerate(session)


@nox.session
def golden_check(session: nox.Session) -> None:
    """Let every engine write again, and compare with the goldens."""
    sessions.compare_goldens(session)


@nox.session(allow_parallel=True)
def kaitai(session: nox.Session) -> None:
    """Read every frame of the store by golden/frame.ksy (Kaitai Struct); needs npm."""
    environments.install(session, "kaitai")
    session.run("python", "-m", "tasks.kaitai", *session.posargs)


# The project's own work


@nox.session(allow_parallel=True)
def tests(session: nox.Session) -> None:
    """Run the project's own tests on the newest engine; `-- ARGS` goes to pytest."""
    environments.install_newest(session, "test")
    workers = str((os.cpu_count() or 1) + 1)  # some tests wait for processes
    session.run("python", "-m", "pytest", "-n", workers, "--dist", "worksteal", *session.posargs)


@nox.session(allow_parallel=True)
def coverage(session: nox.Session) -> None:
    """Run the project's own tests and measure the coverage of conformance/."""
    environments.install_newest(session, "coverage")
    session.run(
        "python", "-m", "pytest", "-n", "auto", "--dist", "worksteal", "--cov", *session.posargs
    )


@nox.session(allow_parallel=True)
def faults(session: nox.Session) -> None:
    """Check that the suite notices every fault, each by its clauses, and nothing harmless."""
    sessions.run_tool(session, "tasks.mutation", "faults")
    if not session.posargs:
        session.run("python", "-m", "tasks.mutation", "variants")


@nox.session(allow_parallel=True)
def mutants(session: nox.Session) -> None:
    """Mutate the engine's Python layer and its bytes: the suite must notice."""
    sessions.run_tool(session, "tasks.mutants", "run")


@nox.session(allow_parallel=True)
def soak(session: nox.Session) -> None:
    """Run the suite 200 times in random order on a correct codec: no run may fail."""
    sessions.run_tool(session, "tasks.mutation", "soak")


@nox.session(allow_parallel=True)
@nox.parametrize("reader", [*MATRIX.engines, sessions.READERS])
def fuzz(session: nox.Session, reader: str) -> None:
    """Feed hostile bytes to each engine and to this project's own readers."""
    sessions.fuzz(session, reader)


@nox.session(python="3.11", allow_parallel=True)  # on others, some errors have other words
@nox.parametrize("engine", MATRIX.engines)
def outputs(session: nox.Session, engine: str) -> None:
    """Run the reproductions on each engine: what they print must be what was recorded."""
    sessions.outputs(session, engine)


@nox.session(allow_parallel=True)
def model(session: nox.Session) -> None:
    """Run random sequences of steps that a model predicts; `-- --seconds N` runs longer."""
    sessions.run_tool(session, "tasks.model", "run")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what the suite, the exchange and frames cost; `-- --write` updates docs/."""
    sessions.bench(session)


@nox.session(allow_parallel=True)
def browser(session: nox.Session) -> None:
    """Check the pages and the site in a real browser; needs chromium and npm."""
    environments.install(session, "browser")
    session.run("python", "-m", "tasks.site")
    session.run("python", "-m", "tasks.browser", "--site", str(SITE / "html"), *session.posargs)


@nox.session(allow_parallel=True)
def lint(session: nox.Session) -> None:
    """Check style, types, layers and spelling."""
    environments.install_newest(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("lint-imports")
    session.run("typos")


@nox.session(allow_parallel=True)
def package(session: nox.Session) -> None:
    """Build the wheel and the archive of vectors, check them, and call every command."""
    environments.install(session, "package")
    make_vectors(session)
    check_wheel(session)


@nox.session(allow_parallel=True)
def workflows(session: nox.Session) -> None:
    """Check the CI workflows and action.yml with zizmor and actionlint, without the network."""
    # The package on PyPI fetches the program from elsewhere; an installed one is used as it is.
    there = shutil.which("actionlint")
    environments.install(session, "workflows", *([] if there else environments.group("actionlint")))
    session.run("zizmor", "--offline", "--persona=pedantic", ".github", "action.yml")
    session.run("actionlint", external=bool(there))


@nox.session(allow_parallel=True)
def docs(session: nox.Session) -> None:
    """Build the site with warnings as errors, check its links offline, and say where it is."""
    environments.install(session, "docs")
    session.run("python", "-m", "tasks.site", *session.posargs)


# Single cells: registered where they are asked for, since `nox -l` is for people.


def cell(session: nox.Session, name: str) -> None:
    """Run the suite on one engine, cloudpickle, Python and pyarrow."""
    sessions.judge_cell(session, CELLS[name])


def cluster(session: nox.Session, name: str) -> None:
    """Run the chapter of one cluster library on one engine and Python."""
    sessions.judge_cluster(session, CLUSTER_CELLS[name])


def candidate(session: nox.Session) -> None:
    """Run the suite on the engine that `-- --engine` names, on one Python."""
    sessions.judge_candidate(session)


if sessions.asks_for_cells(sys.argv[1:]):
    for function, found in ((cell, CELLS), (cluster, CLUSTER_CELLS)):
        # Cells that judge the most chapters first: the last ones to end are then short.
        longest_first = sorted(found.items(), key=lambda one: len(one[1].without))
        rows = [
            nox.param(one.python, name, id=name, tags=list(one.tags)) for name, one in longest_first
        ]
        parametrized = nox.parametrize("python,name", rows)(function)
        nox.session(default=False, allow_parallel=True)(parametrized)
    nox.session(python=PYTHONS, default=False, allow_parallel=True)(candidate)
