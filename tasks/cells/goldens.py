"""Let every released engine write its goldens, then update the store or compare with it."""

from __future__ import annotations

import os
from collections.abc import Sequence

import nox
from nox.command import CommandFailed

from conformance.matrix import WRITER, Cell, read
from tasks.cells import environments
from tasks.cells.orchestrate import CellsRun, clear_reports, run_cells
from tasks.cells.paths import MANIFEST, NEGATIVE, REFUSALS, REPORTS

SHOWN = 3
"""How many cells a warning names."""


def write_and(session: nox.Session, command: str, *arguments: str) -> None:
    """Let every writer write, then run ``command`` of tasks.goldens on what they wrote.

    One cell of each engine and Python writes for all of its cloudpickles.
    """
    environments.install(session, "golden")
    clear_reports(session)
    environments.install_cloudpickles(session, read().cloudpickles)
    writers = {(cell.version, cell.python): cell for cell in read().cells(WRITER)}.values()
    names = [f"cell({cell.name})" for cell in writers]
    done = run_cells(session, [*writers], "-s", *names, mode="write", given=[])
    missing = [cell for cell in writers if cell.name in done.absent and not cell.optional]
    _warn(session, done, missing)
    if done.code or (missing and os.environ.get("CI")):
        session.error("Not every writer wrote; see above. The store is unchanged.")
    before = _indexes()
    try:
        session.run("python", "-m", "tasks.goldens", command, *arguments, str(REPORTS))
    except CommandFailed:
        if not MANIFEST.is_file() or _indexes() == before:
            raise
        session.error(
            "The store has changed, so this run fails on purpose: look at the diff, commit it, "
            "and run again."
        )


def _indexes() -> list[bytes]:
    """Return the manifest, which changes with each golden, the refusals and negative vectors."""
    files = [MANIFEST, *sorted(REFUSALS.glob("*.toml")), NEGATIVE]
    return [path.read_bytes() for path in files if path.is_file()]


def _warn(session: nox.Session, done: CellsRun, missing: Sequence[Cell]) -> None:
    for why in dict.fromkeys(done.absent[cell.name] for cell in missing):
        names = [cell.name for cell in missing if done.absent[cell.name] == why]
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        session.warn(f"Wrote nothing, {why.rstrip('.')}: {', '.join(names[:SHOWN])}{more}.")
