"""The command ``new-subject``."""

from __future__ import annotations

import re
import shlex
from importlib.resources import files
from pathlib import Path

import click

from conformance.cli import output

FILES = ("adapter.py", "divergences.toml", "README.md")
"""The files of a skeleton."""

PLACEHOLDER = "my-codec"
"""The name of the codec in the files of the skeleton."""


@click.command("new-subject", epilog=output.examples("new-subject my-codec"))
@click.argument("folder")
@output.json_option
def new_subject(folder: str, as_json: bool) -> None:
    """Write the skeleton of an adapter for a codec in Python, on top of datafusion.

    FOLDER gets an adapter with the methods to write, a file for known divergences, and a README
    with the commands to run. The name of the folder is the name of the codec. The JSON has the
    keys folder, files and next: the command that lists the methods to write.

    Exit codes: 0, written; 2, a file is there already, or the folder cannot be written.
    """
    if not folder:
        output.exit_with_error("FOLDER: expected the name of a folder, found an empty text")
    _write(Path(folder), as_json)


def _write(folder: Path, as_json: bool) -> None:
    name = folder.resolve().name
    if not re.fullmatch(r"\w[\w.-]*", name):
        output.exit_with_error(
            f"{folder}: expected a folder named after the codec, with letters, digits, '_', '-' "
            f"and '.' in its name; found {name!r}"
        )
    if there := [file for file in FILES if (folder / file).exists()]:
        output.exit_with_error(
            f"{folder}: {', '.join(there)} is there already, and is not overwritten: "
            "name a new or an empty folder"
        )
    source = files("conformance.subjects") / "skeleton"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in FILES:
            text = (source / file).read_text(encoding="utf-8")
            (folder / file).write_text(text.replace(PLACEHOLDER, name), encoding="utf-8")
    except OSError as error:
        output.exit_with_error(f"{folder}: cannot be written: {error.strerror}")
    step = f"cd {shlex.quote(str(folder))} && dfpy-conformance run --subject adapter:Codec"
    if as_json:
        output.print_json({"folder": str(folder), "files": FILES, "next": step})
        return
    click.echo(f"{folder}: {', '.join(FILES)}")
    click.echo("Next, to list the methods to write:")
    click.echo(f"  {step}")
