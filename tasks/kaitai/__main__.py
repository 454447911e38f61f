"""``python -m tasks.kaitai``: compile ``golden/frame.ksy``, and read every frame of the store."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from conformance.cli import output
from conformance.golden.store import Store, StoreError
from tasks.cells.paths import NOX, ROOT
from tasks.kaitai.compare import differences
from tasks.kaitai.compiler import KaitaiError, compile_description, install

_SHOWN = 20


@click.command(epilog=output.example_lines("nox -s kaitai"))
@click.option("--store", type=click.Path(path_type=Path), default=ROOT / "golden", help="Folder.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=NOX / "kaitai-compiler",
    help="Where to install the compiler, and to write what it compiles.",
)
def main(store: Path, folder: Path) -> None:
    """Compile frame.ksy, read all frames and envelopes of the store, and compare each field.

    Exit code 0: all as in the manifest. Exit code 1: differences. Exit code 2: the compiler
    cannot be installed or run, or the store cannot be read.
    """
    try:
        install(folder)
        read = compile_description(store / "frame.ksy", folder)
        opened = Store(store)
        goldens = opened.manifest.goldens
        found = [line for one in goldens for line in differences(one, opened.data(one), read)]
    except (KaitaiError, StoreError) as error:
        click.echo(f"kaitai: {error}", err=True)
        sys.exit(2)
    for line in found[:_SHOWN]:
        click.echo(f"differs: {line}", err=True)
    frames = sum(len(one.frames) for one in goldens)
    envelopes = sum(len(one.envelopes) for one in goldens)
    summary = f"{len(found)} differences" if found else "as the manifest says"
    click.echo(f"{frames} frames and {envelopes} envelopes in {len(goldens)} goldens: {summary}.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main(prog_name="python -m tasks.kaitai")
