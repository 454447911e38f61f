"""``python -m tasks.model``: run sequences of steps on the installed engine or on a subject."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from conformance.cli import output
from conformance.subjects import SUBJECT
from conformance.subjects.interface import NoFrames, Subject
from conformance.subjects.loading import MethodsMissing, load_subject
from conformance.suite.model.known import known_on
from conformance.suite.model.run import STEPS, STORIES, run
from conformance.suite.model.steps import Result
from conformance.util import atomic
from conformance.util.exit_codes import ExitCode
from conformance.util.shell import pasteable
from tasks.model import show

_ROUND = 200
"""Stories in a round: hypothesis remembers the stories of a round, so that a long one is slow."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run sequences of steps that a model predicts."""


@main.command("run", epilog=output.example_lines("nox -s model -- --stories 500 --seed 7"))
@click.option(
    "--stories",
    type=click.IntRange(1),
    help=f"How many sequences (default: {STORIES}, or as many as --seconds allows).",
)
@click.option(
    "--steps", default=STEPS, show_default=True, type=click.IntRange(1), help="Steps in a sequence."
)
@click.option("--seconds", type=click.FloatRange(0), help="Begin no further round after this time.")
@click.option(
    "--seed", default=1, show_default=True, help="The same seed gives the same sequences."
)
@click.option(
    "--subject",
    default=SUBJECT,
    metavar="MODULE:FACTORY",
    help="The subject to run (default: the installed engine).",
)
@click.option(
    "--json", "output", type=click.Path(path_type=Path), help="Write the figures to this file."
)
def run_command(
    stories: int | None,
    steps: int,
    seconds: float | None,
    seed: int,
    subject: str,
    output: Path | None,
) -> None:
    """Draw sequences of steps, run each in a fork, and compare every step with the model.

    Exit code 0: nothing but known divergences. Exit code 1: a clause is broken; the shortest
    sequence that breaks it is shown.
    """
    opened = _open(subject)
    click.echo(show.opening(opened, known_on(opened), seed))
    total = Result()
    again = ("-m", "tasks.model", "run", "--subject", subject, "--steps", str(steps))
    command = ""
    for number, size in _rounds(stories, seconds):
        command = pasteable([*again, "--seed", str(seed + number), "--stories", str(size)])
        result = run(opened, stories=size, steps=steps, seed=seed + number)
        total.add(result)
        if output:
            document = show.document(opened, total, seed)
            atomic.write(output, (json.dumps(document, indent=1) + "\n").encode())
        if total.findings:
            break  # its sequence is short; the next round would find it again
    click.echo(show.table(total))
    for finding in total.findings.values():
        click.echo(show.finding(finding, command))
    click.echo(show.closing(total))
    sys.exit(ExitCode.FAILED if total.findings else ExitCode.OK)


def _rounds(stories: int | None, seconds: float | None) -> Iterator[tuple[int, int]]:
    """Yield the rounds of a run: their numbers and sizes."""
    left = stories or (STORIES if seconds is None else sys.maxsize)
    ends = time.monotonic() + (seconds if seconds is not None else float("inf"))
    number = 0
    while left > 0 and time.monotonic() < ends:
        yield number, min(left, _ROUND)
        left -= _ROUND
        number += 1


def _open(spec: str) -> Subject:
    """Create the subject; end the command where it cannot be judged."""
    os.environ["CONFORMANCE_SUBJECT"] = spec
    try:
        return load_subject(spec)
    except (ImportError, AttributeError, TypeError) as error:
        click.echo(f"--subject {spec}: {type(error).__name__}: {error}", err=True)
        sys.exit(ExitCode.USAGE)
    except NoFrames as error:
        click.echo(str(error), err=True)
        sys.exit(ExitCode.NO_FRAMES)
    except MethodsMissing as error:
        click.echo(str(error), err=True)
        sys.exit(ExitCode.METHODS_MISSING)


if __name__ == "__main__":
    main(prog_name="python -m tasks.model")
