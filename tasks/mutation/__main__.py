"""``python -m tasks.mutation``: whether the suite notices faults, and nothing but faults."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path

import click
from rich.console import Console

from conformance.cli import output
from conformance.cli.progress import progress
from conformance.spec import CLAUSES
from conformance.util import atomic
from conformance.util.shell import pasteable
from tasks.faults import Fault, faults
from tasks.mutation import table
from tasks.mutation.cases import collect
from tasks.mutation.forks import End
from tasks.mutation.kills import kill
from tasks.mutation.soak import soak

REFERENCE = "conformance.subjects.reference:Reference"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Prove that the suite notices what is wrong, and nothing else."""


@main.command(
    "faults",
    epilog=output.example_lines(
        "nox -s faults",
        "nox -s faults -- 'reference/*'",
        "nox -s faults -- engine/ffi/AnotherKindWillDo --json kills.json",
    ),
)
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
    """Run each fault against the cases of the clauses that it breaks, and print which case noticed.

    FAULT is a name such as engine/toggle/ToggleDoesNothing, or a pattern with
    `*`; without one all faults run, and a clause without a fault fails, too. Exit code 1
    where a fault survives, or is noticed only for a clause that it does not break.
    """
    console = Console(stderr=False, soft_wrap=True, emoji=False)
    chosen = _chosen(patterns, chapter)
    if names:
        for fault in chosen:
            click.echo(f"{fault.name}: {' '.join(fault.breaks)}")
        return
    told = []
    with progress(faults=len(chosen)) as done:
        for one in kill(chosen, collect(), whole=whole, jobs=jobs or 0):
            told.append(one)
            done("faults")
    wanted = {one.upper() for one in chapter} or {one.chapter for one in CLAUSES.values()}
    unproven = [id_ for id_ in table.unproven(chosen) if CLAUSES[id_].chapter in wanted]
    missing = [] if patterns else unproven
    table.show(console, told)
    for one in told:
        if not one.ok:
            again = ["faults", one.fault.name, *(["--whole"] if whole else [])]
            click.echo(f"reproduce  {_pasteable(*again)}")
    if missing:
        console.print(f"[red]No fault breaks[/] {', '.join(missing)}.", highlight=False)
    found = table.document(told, missing)
    if output:
        atomic.write(output, (json.dumps(found, indent=1) + "\n").encode())
    sys.exit(0 if found["ok"] else 1)


@main.command("soak", epilog=output.example_lines("nox -s soak -- --runs 6 --chapter SLOT"))
@click.option("--runs", type=click.IntRange(1), default=200, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first run's order.")
@click.option(
    "--subject", metavar="MODULE:FACTORY", default=REFERENCE, show_default=True, help="What runs."
)
@click.option("--chapter", multiple=True, metavar="PREFIX", help="Only cases of this chapter.")
@click.option("-j", "--jobs", type=click.IntRange(1), help="Runs at a time (default: one a core).")
def soaked(runs: int, seed: int, subject: str, chapter: Sequence[str], jobs: int | None) -> None:
    """Run the suite on a subject without a fault, in another order each time.

    Exit code 1 where a case was red, with the command that gives that order again.
    """
    wanted = _chapters(chapter)
    cases = [case for case in collect() if CLAUSES[case.clause].chapter in wanted]
    ended = held = 0
    red: list[str] = []
    with (
        progress(runs=runs) as done,
        # An interrupted soak prints the figures of the runs so far.
        suppress(KeyboardInterrupt),
    ):
        for one in soak(subject, cases, runs, seed, jobs or 0):
            ended, held = ended + 1, held + one.cases
            found = [one.broken] if one.broken else [_sentence(end) for end in one.red]
            red += [f"seed {one.seed}: {text}" for text in found]
            if found:
                again = ["soak", "--runs", "1", "--seed", str(one.seed), "--subject", subject]
                chapters = [option for name in chapter for option in ("--chapter", name)]
                red.append(f"reproduce  {_pasteable(*again, *chapters)}")
            done("runs")
    for line in red:
        click.echo(line)
    failed = sum(line.startswith("seed ") for line in red)
    # No red run in n: with 95% confidence a run is red less often than 3 times in n.
    most = min(1, 3 / max(1, ended))
    bound = "" if red else f"; a run is red in less than {most:.1%} (95% confidence)"
    early = f" of {runs}, stopped early" if ended < runs else ""
    click.echo(f"{ended} runs{early}, {held} cases: {failed or 'none'} red{bound}.")
    sys.exit(1 if red or early else 0)


def _pasteable(*arguments: str) -> str:
    return pasteable(["-m", "tasks.mutation", *arguments])


def _sentence(end: End) -> str:
    said = end.failure.message if end.failure else ""
    return f"{end.case.id}: {end.outcome}: {said}"


@main.command(
    "variants",
    epilog=output.example_lines(
        "python -m tasks.mutation variants",
        "python -m tasks.mutation variants 'messages/*' --chapter FRAME",
    ),
)
@click.argument("patterns", nargs=-1, metavar="[VARIANT]...")
@click.option("--chapter", multiple=True, metavar="PREFIX", help="Only cases of this chapter.")
@click.option("-j", "--jobs", type=click.IntRange(1), help="Variants at a time (default: a core).")
def judged(patterns: Sequence[str], chapter: Sequence[str], jobs: int | None) -> None:
    """Run the suite on engines whose libraries write other bytes: nothing may fail.

    VARIANT is a name such as cloudpickles/RenamesFiles, or a pattern with `*`; without one those
    run that combine all others. Exit code 1 for a case that ends otherwise than on the released
    engine: it depends on bytes that nobody promises.
    """
    from tasks.mutation.variants import judge
    from tasks.variants import TOGETHER, variants

    patterns = patterns or (f"{TOGETHER}/*",)
    chosen = [
        variant
        for name, variant in variants().items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    ]
    if not chosen:
        raise click.BadParameter(f"there is no variant {patterns[0]}")
    wanted = _chapters(chapter)
    cases = [case for case in collect() if CLAUSES[case.clause].chapter in wanted]
    lines, failed = [], 0
    with progress(variants=len(chosen)) as done:
        for one in judge(chosen, cases, jobs or 0):
            red = [one.broken] if one.broken else [_sentence(end) for end in one.red]
            failed += bool(red)
            lines += [f"{one.variant.name}: {one.cases} cases, {len(red) or 'none'} red", *red]
            if red and one.variant.parts:
                chapters = sorted({CLAUSES[end.case.clause].chapter for end in one.red})
                options = [option for name in chapters for option in ("--chapter", name)]
                lines.append(f"which  {_pasteable('variants', *one.variant.parts, *options)}")
            done("variants")
    for line in lines:
        click.echo(line)
    click.echo(f"{len(chosen)} variants, {failed or 'none'} with a red case.")
    sys.exit(1 if failed else 0)


@main.command("trace", epilog=output.example_lines("python -m tasks.mutation trace --json"))
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON, with every name.")
def traced(as_json: bool) -> None:
    """List the clauses with their cases, faults and goldens.

    Exit code 1 for a clause without a case or a fault, a golden that no case decodes,
    a case of the goldens that has none: each is named.
    """
    from conformance.golden.store import Store
    from tasks.mutation.trace import gaps, trace

    store = Store()
    traces = trace(collect(), list(faults().values()), store)
    missing = list(gaps(traces, store))
    if as_json:
        click.echo(json.dumps({"gaps": missing, "clauses": list(map(asdict, traces))}, indent=1))
    else:
        for one in traces:
            numbers = f"{len(one.cases):4} cases {len(one.goldens):5} goldens"
            click.echo(f"{one.clause:14} {numbers}  {', '.join(one.faults) or 'no fault'}")
        for gap in missing:
            click.echo(gap, err=True)
        click.echo(f"{len(traces)} clauses, {len(missing) or 'no'} gaps.")
    sys.exit(1 if missing else 0)


def _chapters(given: Sequence[str]) -> set[str]:
    known = {clause.chapter for clause in CLAUSES.values()}
    wanted = {chapter.upper() for chapter in given}
    if wanted - known:
        raise click.BadParameter(f"--chapter {min(wanted - known)}: is none of {sorted(known)}")
    return wanted or known


def _chosen(patterns: Sequence[str], chapters: Sequence[str]) -> list[Fault]:
    wanted = _chapters(chapters)
    everything = list(faults().values())
    for pattern in patterns:
        if not any(fnmatchcase(fault.name, pattern) for fault in everything):
            raise click.BadParameter(f"there is no fault {pattern}; --list has them all")
    return [
        fault
        for fault in everything
        if wanted & set(fault.chapters)
        and (not patterns or any(fnmatchcase(fault.name, pattern) for pattern in patterns))
    ]


if __name__ == "__main__":
    main(prog_name="python -m tasks.mutation")
