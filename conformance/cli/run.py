"""The command ``run``."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from conformance.cli import completions, output
from conformance.util import packages
from conformance.util.exit_codes import ExitCode

PLUGIN = ("-p", "no:cacheprovider", "-p", "conformance.runner.plugin", "--pyargs")
SUITE = "conformance.suite"
PYTEST = "from conformance.cli.run import run_pytest; run_pytest()"
"""The program of the process in which pytest runs."""

VECTORS = "conformance.suite.vectors"
"""The part of the suite that can judge a program."""


@click.command(
    context_settings={"ignore_unknown_options": True},
    epilog=output.examples(
        "run",
        "run --chapter STRICT -n 4",
        "run --subject my.module:factory --divergences engines --divergences mine.toml",
        "run --allow-fixed",
        "run --subject-command './codec' --profile wire",
        "run --conformance-report report.json",
    ),
)
@click.option("--strict", is_flag=True, help="Fail where a SHOULD clause does not hold.")
@click.option(
    "--allow-fixed",
    is_flag=True,
    help="List the known divergences that are fixed; do not fail for them.",
)
@click.option(
    "--subject-command",
    metavar="COMMAND",
    default="",
    help="Judge a program in any language, which answers JSON lines on its stdin and stdout.",
)
@click.option(
    "--profile",
    type=click.Choice(["wire", "engine-api"]),
    help="Judge only what any implementation does with bytes (wire), or only the engine's API.",
)
@click.argument(
    "pytest_options",
    metavar="[PYTEST OPTION]...",
    nargs=-1,
    type=click.UNPROCESSED,
    shell_complete=completions.suite_options,
)
def run(
    strict: bool,
    allow_fixed: bool,
    subject_command: str,
    profile: str | None,
    pytest_options: tuple[str, ...],
) -> None:
    """Run the suite on the engine, or the codec, that is installed here.

    All other options go to pytest. Those of the suite are --subject, --chapter, --needs,
    --divergences, --cell and --conformance-report; `pytest -p conformance.runner.plugin --help`
    describes them.

    Exit codes: 0, every clause holds or is a known divergence; 1, something failed, or a known
    divergence is fixed and --allow-fixed is not given; 2, the report or the output cannot be
    written, whatever the verdict; 4, the command line is wrong, or --conformance-report names no
    file that can be written; 5, no case applies; 10, the engine has no Python UDF frames; 11, the
    installed versions are not the required ones; 15, partial run, no verdict: nothing failed, but
    -k or a file narrowed the run; 16, the engine is not installed; 17, the subject
    lacks methods; 21, the program did not answer the handshake.
    """
    if absent := packages.missing(["pyarrow"]):
        output.exit_with_error(packages.describe("The suite", absent), ExitCode.NOT_INSTALLED)
    os.write(1, b"")  # raises if the standard output, which pytest inherits, is closed
    options = ["--conformance-strict"] if strict else []
    options += ["--allow-fixed"] if allow_fixed else []
    options += [f"--profile={profile}"] if profile else []
    options += [f"--subject-command={subject_command}"] if subject_command else []
    command = [sys.executable, "-c", PYTEST, *PLUGIN, VECTORS if subject_command else SUITE]
    sys.exit(subprocess.run([*command, *options, *pytest_options], check=False).returncode)


def run_pytest() -> None:
    """Run pytest as its command does, but for a lost output, which is no failure of a case."""
    import pytest

    sys.argv[0] = "pytest"
    with output.answering():
        code = pytest.main()
        sys.stdout.flush()
    sys.exit(code)
