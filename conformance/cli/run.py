"""The command ``run``."""

from __future__ import annotations

import subprocess
import sys

import click

from conformance.cli import output

SUITE = ("-p", "conformance.runner.plugin", "--pyargs", "conformance.suite")


@click.command(
    context_settings={"ignore_unknown_options": True},
    epilog=output.examples(
        "run",
        "run --chapter STRICT -n 4",
        "run --subject my.module:factory --divergences mine.toml",
        "run --conformance-report report.json",
    ),
)
@click.option("--strict", is_flag=True, help="Fail where a SHOULD clause does not hold.")
@click.argument("pytest_options", metavar="[PYTEST OPTION]...", nargs=-1, type=click.UNPROCESSED)
def run(strict: bool, pytest_options: tuple[str, ...]) -> None:
    """Run the suite on the engine, or the codec, that is installed here.

    All other options go to pytest. Those of the suite are --subject, --chapter, --needs,
    --divergences, --cell and --conformance-report; `pytest -p conformance.runner.plugin --help`
    describes them.

    Exit codes: 0, every clause holds or is a known divergence; 1, something failed; 4, the
    command line is wrong; 5, no case applies; 10, the engine has no Python UDF frames; 11, the
    installed versions are not the required ones; 15, partial run, no verdict: nothing failed, but
    -k or a file narrowed the run; 16, the engine is not installed; 17, the subject
    lacks methods.
    """
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *SUITE]
    strictness = ["--conformance-strict"] if strict else []
    sys.exit(subprocess.run([*command, *strictness, *pytest_options], check=False).returncode)
