"""``python -m tasks.goldens``: update the store with writers' output, or compare the two."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from conformance.cli import output
from conformance.golden.store import REFUSALS, Store, StoreError, root
from conformance.util.file_lock import Locked, file_lock
from tasks.goldens import negative, refusals
from tasks.goldens.compare import compare
from tasks.goldens.refusals import Observed
from tasks.goldens.regenerate import WriterOutput, apply, plan_update

_SHOWN = 40

_store_option = click.option(
    "--store", type=click.Path(path_type=Path, file_okay=False), default=root, help="The folder."
)
_outputs = click.argument(
    "outputs",
    nargs=-1,
    metavar="OUTPUTS...",
    required=True,
    type=click.Path(path_type=Path, exists=True),
)


Outputs = tuple[list[WriterOutput], list[Observed]]


def _read(outputs: tuple[Path, ...]) -> Outputs:
    """Read the writers' output in these files, and in the ``*.written`` files of these folders."""
    read: Outputs = ([], [])
    for path in outputs:
        files = sorted(path.glob("*.written")) if path.is_dir() else [path]
        if not files:
            raise StoreError(f"{path}: no *.written file in this folder")
        read[0].extend(WriterOutput.read(file) for file in files)
        read[1].extend(filter(None, map(Observed.read, files)))
    return read


@contextmanager
def _locked_store(store: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of the store; readers (``shared``) can hold it together."""
    if not store.is_dir():
        raise StoreError(f"{store}: no such folder")
    try:
        with file_lock(store, shared=shared):
            yield
    except Locked as busy:
        raise StoreError(f"{store}: {busy} is using this store; wait for it to finish") from None


@click.group()
def main() -> None:
    """Maintain the golden store."""


@main.command(
    epilog=output.example_lines(
        "nox -s regenerate",
        "nox -s regenerate -- --replace scalar/lambda",
        "python -m tasks.goldens update written/*.json",
    )
)
@_store_option
@click.option(
    "--replace",
    multiple=True,
    metavar="CASE",
    help="A case whose goldens may be replaced, refusals/ENGINE, or negative/vectors.",
)
@_outputs
def update(store: Path, replace: tuple[str, ...], outputs: tuple[Path, ...]) -> None:
    """Add missing goldens from OUTPUTS to the store; update disassemblies and negative vectors.

    OUTPUTS are files that the writer wrote, or folders with *.written files.

    Exit code 0: nothing changed. Exit code 1: the store changed; look at the diff and commit
    it. Exit code 2: a golden of a case without --replace would change, and nothing was written.
    """
    read_outputs = _read(outputs)
    store.mkdir(parents=True, exist_ok=True)
    with _locked_store(store):
        _update(store, read_outputs, frozenset(replace))


def _update(store: Path, outputs: Outputs, replace: frozenset[str]) -> None:
    texts = frozenset(one for one in replace if one.startswith(f"{REFUSALS}/"))
    change = plan_update(store, outputs[0], replace - texts - {negative.NAME})
    texts_change = refusals.plan_update(store, outputs[1], texts)
    vectors = negative.plan_update(store, replace=negative.NAME in replace)
    refused = [*change.refused, *texts_change.refused, *vectors.refused]
    for line in refused[:_SHOWN]:
        click.echo(f"refused: {line}", err=True)
    if refused:
        if len(refused) > _SHOWN:
            click.echo(f"... and {len(refused) - _SHOWN} more", err=True)
        click.echo(
            "Nothing was written. To replace the goldens of a case, pass --replace CASE and the "
            "output of all its writers.",
            err=True,
        )
        sys.exit(2)
    if not (change.changes or texts_change.added or vectors.added):
        click.echo(f"{store}: {len(change.manifest.goldens)} goldens, nothing to add.")
        return
    apply(store, change)
    refusals.apply(store, texts_change)
    negative.apply(store, vectors)
    done = [f"wrote {line}" for line in [*change.added, *texts_change.added, *vectors.added]]
    done += [f"removed {path}, which the manifest does not list" for path in change.stale]
    click.echo("\n".join(done[:_SHOWN]))
    if len(done) > _SHOWN:
        click.echo(f"... and {len(done) - _SHOWN} more")
    click.echo(
        f"{store}: {len(change.manifest.goldens)} goldens. The store changed: look at the diff."
    )
    sys.exit(1)


@main.command(
    epilog=output.example_lines(
        "nox -s golden_check", "python -m tasks.goldens check written/*.json"
    )
)
@_store_option
@_outputs
def check(store: Path, outputs: tuple[Path, ...]) -> None:
    """Compare OUTPUTS with the store, and the store with its manifest, records and builders.

    OUTPUTS are files that the writer wrote, or folders with *.written files.

    Exit code 0: no differences, except those that a patch release of Python explains. Exit
    code 1: there are others; each line names the case, the writer and the field of the header,
    tuple, schema or opcode.
    """
    with _locked_store(store, shared=True):
        _check(store, _read(outputs))


def _check(store: Path, outputs: Outputs) -> None:
    kept_store = Store(store)
    problems = list(kept_store.problems(contents=True))
    found = [] if problems else list(compare(kept_store, outputs[0]))
    texts = [*refusals.compare(store, outputs[1]), *negative.compare(store)]
    for line in texts[:_SHOWN]:
        click.echo(f"differs: {line}", err=True)
    for line in problems:
        click.echo(f"broken: {line}", err=True)
    for difference in found:
        click.echo(f"{'differs' if difference.fatal else 'patch release'}: {difference}", err=True)
    fatal = len(problems) + len(texts) + sum(difference.fatal for difference in found)
    minor = sum(not difference.fatal for difference in found)
    counts = [f"{fatal} differences"] if fatal else []
    counts += [f"{minor} differences that a patch release of Python explains"] if minor else []
    summary = " and ".join(counts) or "the same bytes and texts"
    click.echo(f"{len(kept_store.manifest.goldens)} goldens, {len(outputs[0])} writers: {summary}.")
    sys.exit(1 if fatal else 0)


def run() -> None:
    """Run the command; print each error of the store on one line."""
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
