"""``python -m tasks.goldens``: take up what engines wrote, or compare it with the store."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from conformance.golden.store import Store, StoreError, root
from conformance.util.file_lock import Locked, file_lock
from tasks.goldens.compare import compare
from tasks.goldens.regenerate import WriterOutput, apply, plan_update

_SHOWN = 40

_store_option = click.option(
    "--store", type=click.Path(path_type=Path, file_okay=False), default=root, help="The folder."
)
_outputs = click.argument(
    "writings", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True)
)


def _read(outputs: tuple[Path, ...]) -> list[WriterOutput]:
    """Return what the writers put into these files, and into the ``*.written`` of these folders."""
    read = []
    for path in outputs:
        files = sorted(path.glob("*.written")) if path.is_dir() else [path]
        if not files:
            raise StoreError(f"{path}: nobody wrote anything into this folder")
        read += [WriterOutput.read(file) for file in files]
    return read


@contextmanager
def _locked_store(store: Path, *, shared: bool = False) -> Iterator[None]:
    """Keep others from the store meanwhile; those who only look do so side by side."""
    if not store.is_dir():
        raise StoreError(f"{store}: there is no such folder")
    try:
        with file_lock(store, shared=shared):
            yield
    except Locked as busy:
        raise StoreError(f"{store}: {busy} is at work on this store; wait for its end") from None


@click.group()
def main() -> None:
    """Maintain the golden store."""


@main.command()
@_store_option
@click.option("--replace", multiple=True, metavar="CASE", help="A case to write again.")
@_outputs
def update(store: Path, replace: tuple[str, ...], outputs: tuple[Path, ...]) -> None:
    """Add what WRITINGS hold and the store lacks, and mend the disassemblies.

    WRITINGS are files of the writer, or folders of *.written.

    Exit code 0 where nothing changed, 1 where the store changed (look at the
    diff, commit it), 2 where something would have changed that was not named
    with --replace: then nothing was written.
    """
    written = _read(outputs)
    store.mkdir(parents=True, exist_ok=True)
    with _locked_store(store):
        _update(store, written, frozenset(replace))


def _update(store: Path, written: list[WriterOutput], replace: frozenset[str]) -> None:
    change = plan_update(store, written, replace)
    for line in change.refused:
        click.echo(f"refused: {line}", err=True)
    if change.refused:
        click.echo(
            "Nothing was written. A case is written anew where --replace names it "
            "and its writers ran.",
            err=True,
        )
        sys.exit(2)
    if not change.changes:
        click.echo(f"{store}: {len(change.manifest.goldens)} goldens, nothing to add.")
        return
    apply(store, change)
    done = [f"wrote {line}" for line in change.added]
    done += [f"removed {path}, which the manifest does not list" for path in change.stale]
    click.echo("\n".join(done[:_SHOWN]))
    if len(done) > _SHOWN:
        click.echo(f"... and {len(done) - _SHOWN} more")
    click.echo(f"{store}: {len(change.manifest.goldens)} goldens. It changed: look at the diff.")
    sys.exit(1)


@main.command()
@_store_option
@_outputs
def check(store: Path, outputs: tuple[Path, ...]) -> None:
    """Compare WRITINGS with the store, and the store with its manifest.

    WRITINGS are files of the writer, or folders of *.written.

    Exit code 0 where all is the same, but for what a patch release of Python
    may bring, 1 where it is not: each difference names
    the case, the writer and the field of the header, tuple, schema or opcode.
    """
    with _locked_store(store, shared=True):
        _check(store, _read(outputs))


def _check(store: Path, written: list[WriterOutput]) -> None:
    kept = Store(store)
    problems = list(kept.problems(listings=True))
    findings = [] if problems else list(compare(kept, written))
    for line in problems:
        click.echo(f"broken: {line}", err=True)
    for finding in findings:
        click.echo(f"{'differs' if finding.fatal else 'patch release'}: {finding}", err=True)
    fatal = len(problems) + sum(finding.fatal for finding in findings)
    minor = sum(not finding.fatal for finding in findings)
    told = [f"{fatal} differences"] if fatal else []
    told += [f"{minor} differences that a patch release of Python may bring"] if minor else []
    how = " and ".join(told) or "the same bytes"
    click.echo(f"{len(kept.manifest.goldens)} goldens, {len(written)} writers: {how}.")
    sys.exit(1 if fatal else 0)


def run() -> None:
    """Run the command; print the store's own errors on one line each."""
    try:
        main(prog_name="python -m tasks.goldens")
    except StoreError as error:
        click.echo(f"golden: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        click.echo(f"golden: {error.filename or 'output'}: {error.strerror}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    run()
