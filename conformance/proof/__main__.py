"""``python -m conformance.proof``: whether the suite notices faults, and nothing but faults."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from conformance import atomic
from conformance.faults import Fault, faults
from conformance.proof import table
from conformance.proof.cases import collect
from conformance.proof.kills import kill
from conformance.spec import CLAUSES


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Prove that the suite notices what is wrong, and nothing else."""


@main.command("faults")
@click.argument("patterns", nargs=-1, metavar="[FAULT]...")
@click.option("--chapter", multiple=True, metavar="PREFIX", help="Only faults of this chapter.")
@click.option(
    "--whole",
    is_flag=True,
    help="Run every case of a fault's chapters: no clause that it does not name may notice.",
)
@click.option("--json", "output", type=click.Path(path_type=Path), help="Write the table as JSON.")
@click.option("--list", "names", is_flag=True, help="Say what the faults break, and run nothing.")
@click.option("-j", "--jobs", type=click.IntRange(1), help="Faults at a time (default: one a core)")
def kill_table(
    patterns: Sequence[str],
    chapter: Sequence[str],
    whole: bool,
    output: Path | None,
    names: bool,
    jobs: int | None,
) -> None:
    """Have each fault run into the cases of the clauses that it breaks, and print who noticed.

    FAULT is a name such as engine/toggle/ToggleDoesNothing, or a pattern with
    `*`; without one all faults run, and a clause without a fault fails, too. Exit code 1
    where a fault survives, or is noticed only for a clause that it does not break.
    """
    console = Console(stderr=False, soft_wrap=True)
    chosen = _chosen(patterns, chapter)
    if names:
        for fault in chosen:
            click.echo(f"{fault.name}: {' '.join(fault.breaks)}")
        return
    told = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("faults", total=len(chosen))
        for one in kill(chosen, collect(), whole=whole, jobs=jobs or 0):
            told.append(one)
            progress.advance(task)
    missing = [] if patterns or chapter else table.unproven(chosen)
    table.show(console, told)
    if missing:
        console.print(f"[red]No fault breaks[/] {', '.join(missing)}.", highlight=False)
    found = table.document(told, missing)
    if output:
        atomic.write(output, (json.dumps(found, indent=1) + "\n").encode())
    sys.exit(0 if found["ok"] else 1)


def _chosen(patterns: Sequence[str], chapters: Sequence[str]) -> list[Fault]:
    wanted = {chapter.upper() for chapter in chapters}
    known = {clause.chapter for clause in CLAUSES.values()}
    if wanted - known:
        raise click.BadParameter(f"--chapter {min(wanted - known)}: is none of {sorted(known)}")
    everything = list(faults().values())
    for pattern in patterns:
        if not any(fnmatchcase(fault.name, pattern) for fault in everything):
            raise click.BadParameter(f"there is no fault {pattern}; --list has them all")
    return [
        fault
        for fault in everything
        if (not wanted or wanted & set(fault.chapters))
        and (not patterns or any(fnmatchcase(fault.name, pattern) for pattern in patterns))
    ]


if __name__ == "__main__":
    main(prog_name="python -m conformance.proof")
