"""``python -m tasks.browser``: open the page in a real browser and check it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from conformance.cli import output
from tasks.browser.chromium import BrowserError, find_browser, read_axe
from tasks.cells.paths import NOX


@click.command(
    epilog=output.example_lines("nox -s browser", "python -m tasks.browser --screenshots shots")
)
@click.option("--browser", metavar="PATH", help="The browser (default: chromium on PATH).")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=NOX / "axe-core",
    help="Where to install axe-core.",
)
@click.option(
    "--screenshots",
    type=click.Path(path_type=Path),
    help="Also take screenshots into this folder: both themes, desktop and phone.",
)
@click.option(
    "--site",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Also check the pages of the site in this folder.",
)
def main(browser: str | None, folder: Path, screenshots: Path | None, site: Path | None) -> None:
    """Check filters, links, keyboard, console, accessibility and speed of the page.

    The page of `inspect --html` is checked, too, for what keeps people from reading it.

    Then each fault in `faults.py` is put into the page, and its check must notice it.

    Exit code 0: all is well. Exit code 1: a check found something, or a fault was not noticed.
    Exit code 2: there is no browser, or no axe-core.
    """
    try:
        program = find_browser(browser)
        axe = read_axe(folder)
    except BrowserError as error:
        click.echo(f"browser: {error}", err=True)
        sys.exit(2)
    from tasks.browser.run import run

    failed = 0
    with tempfile.TemporaryDirectory() as pages:
        for name, problems in run(program, axe, Path(pages), site, screenshots):
            click.echo(f"{'FAIL' if problems else 'ok  '} {name}")
            for problem in problems:
                click.echo(f"     {problem}")
            failed += bool(problems)
    click.echo(f"{failed} failed." if failed else "All checks hold, and all faults are noticed.")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(prog_name="python -m tasks.browser")
