"""``python -m tasks.cells.distributed``: what ``nox -s conformance -- --ray ADDRESS`` runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from conformance.cli import output
from conformance.matrix import read
from conformance.preflight.survey import SurveyError
from conformance.util.exit_codes import ExitCode
from tasks.cells.distributed.cluster import CellOutcome, run_cells


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--ray", "address", required=True, metavar="ADDRESS", help="What ray.init takes.")
@click.option("--cell", "cells", multiple=True, required=True, metavar="CELL")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="A folder.")
@click.argument("given", nargs=-1)
def main(address: str, cells: Sequence[str], folder: Path, given: Sequence[str]) -> None:
    """Run cells on the nodes of a cluster; what is GIVEN goes to pytest.

    The folder gets their reports and logs, and spread.txt: the cells, each with
    the reason, that no node has the Python for. Exit code 1 where a cell was
    lost, 2 where there is no cluster, or none of its nodes can run a cell.
    """
    pythons = {cell.name: cell.python for cell in read().cells()}
    missing: dict[str, str] = {}
    lost = 0
    try:
        for outcome in run_cells(address, {cell: pythons[cell] for cell in cells}, given):
            if outcome.missing:
                missing[outcome.cell] = outcome.missing
                continue
            for name, content in outcome.files.items():
                if name != "output":
                    (folder / name).write_bytes(content)
            why = _why(outcome)
            lost += bool(why)
            where = f" on {outcome.node}" if outcome.node else ""
            click.echo(
                f"{outcome.cell}{where}: " + (f"LOST: {why}" if why else "reported"), err=True
            )
    except SurveyError as error:
        output.exit_with_error(str(error))
    (folder / "spread.txt").write_text(json.dumps(missing), encoding="utf-8")
    sys.exit(ExitCode.FAILED if lost else 0)


def _why(outcome: CellOutcome) -> str:
    """Why there is no report; empty where there is one."""
    if outcome.lost or f"{outcome.cell}.json" in outcome.files:
        return outcome.lost
    lines = outcome.files["output"].decode(errors="replace").strip().splitlines()
    return "no report; the last that was printed: " + " / ".join(lines[-5:])


if __name__ == "__main__":
    main()
