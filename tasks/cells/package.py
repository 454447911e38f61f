"""Build what a release has, check it, and call the commands where there is no checkout."""

from __future__ import annotations

import zipfile
from pathlib import Path

import nox

from tasks.cells import environments
from tasks.cells.paths import NOX, ROOT
from tasks.vectors import VectorsError, check_archive, write_archive

DIST = NOX / "dist"
VECTORS = NOX / "vectors"
"""The folder of the archive of vectors, which does not go to the package index."""

MOST_FILES = 1000
"""How many files the wheel may hold: more means that a folder of data is in it as files."""

COMMANDS = (
    ("--help",),
    ("--version",),
    ("clauses",),
    ("divergences",),
    ("cells",),
    ("grid",),
    ("schema",),
    ("schema", "manifest"),
    ("inspect", "--help"),
    ("run", "--help"),
    ("preflight", "--help"),
    ("exchange", "--help"),
    ("can-talk", "--help"),
    ("table", "--help"),
    ("report", "merge", "--help"),
    ("report", "html", "--help"),
)
"""What must work after a plain install, without an engine."""


MUST_HAVE = (
    "conformance/py.typed",
    "conformance/golden/store.zip",
    "conformance/inspection/schema.json",
    "conformance/interop/schema.json",
    "conformance/page/template/page.css",
    "conformance/page/template/page.html",
    "conformance/page/template/page.js",
    "conformance/report/merged.schema.json",
    "conformance/report/schema.json",
    "conformance/subjects/external/protocol.schema.json",
)
"""Files without which the wheel is broken, though it installs."""


class WheelError(ValueError):
    """The wheel holds something that it must not hold, or lacks something."""


def check_contents(names: list[str]) -> None:
    """Check the names of a wheel's files; raise ``WheelError``."""
    if len(names) > MOST_FILES:
        raise WheelError(f"{len(names)} files; expected at most {MOST_FILES}")
    for name in names:
        if not name.startswith(("conformance/", "dfpy_conformance-")):
            raise WheelError(f"{name}: only the package conformance belongs into the wheel")
    for name in MUST_HAVE:
        if name not in names:
            raise WheelError(f"{name} is missing")


def make_vectors(session: nox.Session) -> None:
    """Write the archive of the vectors, and check what is in it."""
    for old in VECTORS.glob("*"):
        old.unlink()
    try:
        path = write_archive(ROOT / "golden", ROOT / "LICENSE", VECTORS)
        session.log(f"{path}: {check_archive(path)} files")
    except VectorsError as error:
        session.error(str(error))


def check_wheel(session: nox.Session) -> None:
    """Build the distributions, check them, install the wheel elsewhere and call its commands."""
    for old in DIST.glob("*"):
        old.unlink()
    session.run("python", "-m", "build", "--outdir", str(DIST), str(ROOT))
    session.run("twine", "check", "--strict", *map(str, DIST.glob("*")))
    (wheel,) = DIST.glob("*.whl")
    try:
        check_contents(zipfile.ZipFile(wheel).namelist())
    except WheelError as error:
        session.error(f"{wheel.name}: {error}")
    session.install("--force-reinstall", "--no-deps", str(wheel))
    session.install(str(wheel))
    session.chdir(session.create_tmp())
    script = Path(session.bin) / "dfpy-conformance"
    for command in COMMANDS:
        session.run(str(script), *command, silent=True)
    engine = environments.newest_candidate()
    session.install(*engine.requirements[:2])
    session.run(str(script), "run", "--chapter", "STRICT", "-q")
