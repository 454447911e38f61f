"""``python -m tasks.mutants``: what the suite does not notice of a changed engine."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console

from conformance.cli import output
from conformance.cli.progress import progress
from conformance.util import atomic
from tasks.mutants import equivalent, reach, targets
from tasks.mutants.figures import Figures, record
from tasks.mutants.verdicts import judge
from tasks.mutation.cases import collect

REACH = Path(__file__).parents[2] / ".nox" / "mutants" / "reach.json"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Mutate the engine's Python layer and its bytes, and see whether the suite notices."""


@main.command(
    "run",
    epilog=output.example_lines(
        "nox -s mutants -- --quick", "nox -s mutants -- --only 'python/ipc.*' --list"
    ),
)
@click.option("--only", multiple=True, metavar="PATTERN", help="Only mutants of this name.")
@click.option("--json", "output", type=click.Path(path_type=Path), help="Write the report as JSON.")
@click.option("--log", type=click.File("w"), help="Write each verdict at once, as a JSON line.")
@click.option("--list", "names", is_flag=True, help="List the mutants, and run nothing.")
@click.option("--quick", is_flag=True, help="Run one case of each test only.")
@click.option(
    "-j", "--jobs", type=click.IntRange(1), help="Mutants at a time (default: one a core)"
)
def run(
    only: Sequence[str],
    output: Path | None,
    log: TextIO | None,
    names: bool,
    quick: bool,
    jobs: int | None,
) -> None:
    """Run the cases on each mutant until one notices it, and print the mutants that survive.

    PATTERN is a name such as python/ipc.set_worker_ctx/delete-statement/1 or
    wire/write/frame-dropped/always, or a pattern with `*`. Exit code 1 where a survivor
    is not in equivalent.toml, or an entry there is no longer needed.
    """
    cases = collect()
    scope = targets.scope(cases, reach.read(REACH, cases))
    chosen = [
        one
        for one in scope.targets
        if not only or any(fnmatchcase(one.name, pattern) for pattern in only)
    ]
    if not chosen:
        raise click.BadParameter(f"there is no mutant {only[0]}; --list has them all")
    if names:
        for one in chosen:
            click.echo(f"{one.name}  {one.place}  {one.shows}")
        return
    with progress(mutants=len(chosen)) as done:
        verdicts = []
        for verdict in judge(chosen, quick=quick, jobs=jobs or 0):
            verdicts.append(verdict)
            if log:
                log.write(json.dumps(record(verdict)) + "\n")
                log.flush()
            done("mutants")
    found = Figures(verdicts, equivalent.entries(), scope.outside)
    found.show(Console(soft_wrap=True, emoji=False))
    if output:
        atomic.write(output, (json.dumps(found.document(), indent=1) + "\n").encode())
    sys.exit(0 if found.ok else 1)


if __name__ == "__main__":
    main(prog_name="python -m tasks.mutants")
