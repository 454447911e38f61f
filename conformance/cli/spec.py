"""The commands ``clauses``, ``divergences`` and ``cells``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from conformance.cli import completions, output, selection
from conformance.cli.progress import progress

if TYPE_CHECKING:
    from conformance.spec import Divergence

SEVERITY_NAMES = (
    *("code-execution", "wrong-result", "data-loss", "hang", "crash", "interop", "diagnostics"),
)
PROFILE_NAMES = ("wire", "engine-api")
T = TypeVar("T")


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that select clauses and divergences."""
    for option in (
        click.option(
            "--engine",
            metavar="VERSION",
            default="",
            shell_complete=completions.engines,
            help="Only those of this released engine.",
        ),
        click.option(
            "--chapter",
            metavar="PREFIX",
            default="",
            shell_complete=completions.chapters,
            help="Only those of this chapter.",
        ),
        click.option(
            "--severity",
            type=click.Choice(SEVERITY_NAMES),
            help="Only those whose break costs a user this.",
        ),
        click.option(
            "--text",
            metavar="WORDS",
            default="",
            help="Only those with these words, in any letter case.",
        ),
    ):
        command = option(command)
    return command


@click.command(
    epilog=output.examples(
        "clauses",
        "clauses --chapter STRICT --text remedy",
        "clauses --profile wire --needs take-apart",
        "clauses --json",
    )
)
@_filters
@click.option("--profile", type=click.Choice(PROFILE_NAMES), help="Only those of this profile.")
@click.option(
    "--needs",
    metavar="CAPABILITY",
    default="",
    shell_complete=completions.capabilities,
    help="Only those that need this capability of a subject, or this operation of a program.",
)
@output.json_option
def clauses(
    engine: str,
    chapter: str,
    severity: str | None,
    text: str,
    profile: str | None,
    needs: str,
    as_json: bool,
) -> None:
    """List the clauses: what is required, and where the engine promises it.

    `explain CLAUSE` explains one. Exit code 2: an option is wrong, or nothing matches.
    """
    from conformance.spec import CHAPTERS, CLAUSES
    from conformance.subjects.codec import spelled

    wanted = selection.Wanted(
        *(_released(engine), _chapter(chapter), severity or "", text),
        *(profile or "", _capability(needs)),
    )
    chosen = _some([one for one in CLAUSES.values() if wanted.selects_clause(one)])
    if as_json:
        output.print_json([{**asdict(clause), "level": clause.level} for clause in chosen])
        return
    for one in CHAPTERS.values():
        inside = [clause for clause in chosen if clause.chapter == one.id]
        if not inside:
            continue
        click.echo(f"{one.id}: {one.title}\n")
        for clause in inside:
            click.echo(f"{clause.id}  {clause.level}, since {clause.since}: {clause.title}")
            click.echo(f"  {clause.requirement}")
            need = f", needs {spelled(clause.needs)}" if clause.needs else ""
            click.echo(f"  severity {clause.severity}, profile {clause.profile}{need}")
            click.echo(f"  source: {clause.source}")
            if clause.link:
                click.echo(f"  {clause.link}")
        click.echo()


@click.command(
    epilog=output.examples(
        "divergences --severity code-execution",
        "divergences --engine 55.0.0 --markdown > issues.md",
        "divergences --text slot --markdown --run",
    )
)
@_filters
@click.option("--markdown", is_flag=True, help="Print each as an issue for the engine.")
@click.option(
    "--run", is_flag=True, help="Run each script here, and put its output into the issue."
)
@output.json_option
def divergences(
    engine: str,
    chapter: str,
    severity: str | None,
    text: str,
    markdown: bool,
    run: bool,
    as_json: bool,
) -> None:
    """List the clauses that released engines are known to break, the worst first.

    `explain DIVERGENCE` explains one. Exit code 2: an option is wrong, or nothing matches.
    """
    from conformance.explain import issue
    from conformance.explain.verdicts import by_severity
    from conformance.spec import CLAUSES, DIVERGENCES

    if run and not markdown:
        output.exit_with_error("--run: expected --markdown with it.")
    wanted = selection.Wanted(_released(engine), _chapter(chapter), severity or "", text)
    known = [one for one in DIVERGENCES.values() if wanted.selects_divergence(one)]
    chosen = by_severity(_some(known))
    if as_json:
        output.print_json(
            [
                {
                    **asdict(entry),
                    "severity": CLAUSES[entry.clause].severity,
                    "reproduction": _relative(entry.reproduction),
                }
                for entry in chosen
            ]
        )
        return
    outputs = _run_scripts(chosen) if run else {}
    for entry in chosen:
        if markdown:
            click.echo(issue.markdown(entry, outputs.get(entry.id, "")))
            continue
        where = f"datafusion {entry.engines}" + (f", Python {entry.python}" if entry.python else "")
        click.echo(f"{entry.id}  ({entry.clause}, {CLAUSES[entry.clause].severity}; {where})")
        click.echo(f"  {entry.reason}")
        label = "reported as" if entry.reported_as else "introduced by"
        click.echo(f"  {label}: {entry.reported_as or entry.introduced_by}")
        click.echo(f"  shown by: python {_relative(entry.reproduction)}")


def _run_scripts(chosen: Sequence[Divergence]) -> Mapping[str, str]:
    """Return what each reproduction prints here. Nothing may be printed while a bar is shown."""
    from conformance.explain import issue

    outputs = {}
    with progress(scripts=len(chosen)) as done:
        for entry in chosen:
            outputs[entry.id] = issue.run_script(entry)
            done("scripts", note=entry.id)
    return outputs


def _released(engine: str) -> str:
    """Return the engine, checked: only released ones have known divergences."""
    from conformance.matrix import read

    if engine and engine not in read().engines:
        known = ", ".join(read().engines)
        output.exit_with_error(f"--engine {engine}: expected a released engine, one of {known}.")
    return engine


def _chapter(name: str) -> str:
    from conformance.spec import CHAPTERS

    if name and name.upper() not in CHAPTERS:
        known = ", ".join(CHAPTERS)
        output.exit_with_error(f"--chapter {name}: unknown chapter; expected one of {known}.")
    return name.upper()


def _capability(name: str) -> str:
    """Return the capability, as clauses spell it."""
    known = completions.known_capabilities()
    if name and name not in known:
        expected = ", ".join(known)
        output.exit_with_error(f"--needs {name}: unknown capability; expected one of {expected}.")
    return known.get(name, "")


def _some(chosen: Sequence[T]) -> Sequence[T]:
    """Return what was selected; end the command if nothing was."""
    if not chosen:
        output.exit_with_error("Nothing has all that the options ask for.")
    return chosen


@click.command(epilog=output.examples("cells --tag gate"))
@click.option(
    "--tag",
    type=click.Choice(["full", "gate", "writer", "clusters", "clusters-full"]),
    default="full",
    show_default=True,
    help="List the cells of this tag only.",
)
@output.json_option
def cells(tag: str, as_json: bool) -> None:
    """List the combinations of versions that are judged.

    A cell is one engine, cloudpickle, Python and pyarrow.
    """
    from conformance.matrix import read

    chosen = read().cells(tag)
    if as_json:
        output.print_json(
            [
                {
                    "name": cell.name,
                    **cell.claim,
                    "tags": cell.tags,
                    "requirements": cell.requirements,
                    "optional": cell.optional,
                }
                for cell in chosen
            ]
        )
        return
    for cell in chosen:
        click.echo(f"{cell.name}  {', '.join(cell.tags)}{', optional' if cell.optional else ''}")


def _relative(path: Path) -> str:
    """Return ``path`` from the working directory, where it lies in it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
