"""The command line. Each command imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from conformance.cli import output
from conformance.cli.check_subject import check_subject
from conformance.cli.completion import completion
from conformance.cli.diff import diff
from conformance.cli.explain import explain
from conformance.cli.inspect import inspect
from conformance.cli.interop import can_talk, exchange, grid
from conformance.cli.new_subject import new_subject
from conformance.cli.preflight import preflight
from conformance.cli.report_files import badge, html
from conformance.cli.reports import report, table
from conformance.cli.run import run
from conformance.cli.schema import schema
from conformance.cli.spec import cells, clauses, divergences
from conformance.cli.version import version_options
from conformance.util import packages
from conformance.util.exit_codes import ExitCode


@contextmanager
def _usage_errors() -> Iterator[None]:
    """End the command on a wrong command line: click ends with 1 if nobody reads its message."""
    try:
        yield
    except click.ClickException as error:
        with output.reporting():
            error.show()
        sys.exit(error.exit_code)


class Group(click.Group):
    """A group whose commands say in one sentence which package, or what output, is missing."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        if sys.stdout is None:  # a closed standard output: what is written to it is lost
            # A device that is open for reading only refuses each write, as a closed output does.
            sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: SIM115
        if isinstance(sys.stdout, io.TextIOWrapper):  # it may have fewer characters than an answer
            sys.stdout.reconfigure(errors="backslashreplace")
        return super().main(*args, **kwargs)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the command line, and so answer ``--help`` and ``--version``."""
        with _usage_errors(), output.answering():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _usage_errors(), output.answering():
                return super().invoke(ctx)
        except (click.Abort, click.exceptions.Exit):
            raise
        except KeyboardInterrupt:  # click ends with 1, which is an answer's code
            output.exit_with_error("interrupted: there is no answer")
        except MemoryError:
            output.exit_with_error("not enough memory: there is no answer; give smaller files")
        except Exception as error:  # noqa: BLE001 - 1, which Python ends with, is an answer's code
            name = error.name if isinstance(error, ModuleNotFoundError) else None
            package = (name or "").partition(".")[0]
            if package in packages.OPTIONAL:
                described = packages.describe(str(ctx.invoked_subcommand), [package])
                output.exit_with_error(described, ExitCode.NOT_INSTALLED)
            with output.reporting():
                traceback.print_exc()
            output.exit_with_error("an error of this tool, see above: there is no answer")


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=output.examples("run", "inspect expression.bin", "can-talk --help"),
)
@version_options
def main() -> None:
    """Judge, inspect and compare the bytes in which DataFusion ships Python UDFs."""


for command in (
    *(run, new_subject, check_subject, explain, inspect, clauses, divergences, cells, schema),
    *(preflight, report, table, diff, exchange, grid, can_talk, completion),
):
    main.add_command(command)
for command in (html, badge):
    report.add_command(command)
