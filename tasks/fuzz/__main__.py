"""``python -m tasks.fuzz``: hostile bytes to the engine that is installed here."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from conformance.hostile.corpus import FOLDER, CorpusEntry, add_entry, entries
from conformance.hostile.mutations import Input
from conformance.hostile.seeds import seeds
from conformance.hostile.targets import READERS
from conformance.processes.child import ChildError
from conformance.spec.toml import SpecError
from conformance.util import atomic
from tasks.fuzz import show
from tasks.fuzz.forks import Limits
from tasks.fuzz.run import ENGINE, Fuzzer, Result, source

DEFAULT_EXAMPLES = 4000
"""Inputs of a run without the option."""

EXIT_NEW_FINDING = 1
"""Exit code where something was found that the corpus does not know."""

EXIT_USAGE = 2
"""Exit code where there is nothing to run on, or no such file."""

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


_examples = click.option(
    "--examples",
    default=DEFAULT_EXAMPLES,
    show_default=True,
    type=click.IntRange(1),
    help="How many.",
)
_seed = click.option(
    "--seed", default=1, show_default=True, help="The same one gives the same inputs."
)
_seconds = click.option(
    "--seconds", default=Limits.seconds, show_default=True, help="An input that takes longer hangs."
)
_memory = click.option(
    "--memory",
    default=Limits.memory >> 20,
    show_default=True,
    help="MiB that reading an input may take.",
)
_out = click.option(
    "--out",
    default=Path(".nox/fuzz"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="Write what is found there.",
)


@click.group(context_settings=_HELP)
def main() -> None:
    """Feed hostile bytes to readers: goldens, changed by their structure."""


@main.command(
    epilog=(
        "\b\nExamples:\n"
        "  python -m tasks.fuzz run --examples 100000 --seed 7\n"
        "  python -m tasks.fuzz run --subject my.module:factory\n"
        "  python -m tasks.fuzz run --readers --json figures.json\n"
        "  nox -s fuzz -- --examples 100000    # every released engine, and our own readers\n"
        "  nox -s fuzz -- --engine 55.0.0      # one of them, or: --engine readers"
    )
)
@_examples
@_seed
@click.option("--subject", metavar="MODULE:FACTORY", help="What reads; else the engine.")
@click.option("--readers", is_flag=True, help="Our own readers, conformance.wire, read.")
@_seconds
@_memory
@click.option(
    "--json",
    "figures",
    type=click.Path(path_type=Path),
    help="Write the figures there, as it goes.",
)
@_out
def run(
    examples: int,
    seed: int,
    subject: str | None,
    readers: bool,
    seconds: float,
    memory: int,
    figures: Path | None,
    out: Path,
) -> None:
    """Read hostile bytes, and tell what became of them.

    Each input is read by a strict and by an inlining session, in a process that
    may die: with a deadline, a bound on memory, and a guard that no pickle
    passes. A finding is an input that ends the process, hangs, raises what is no
    Exception, or has a strict session unpickle.

    Exit code 0 where all findings are in the corpus, by their signature; 1 where
    one is new: it is reduced and shown, with the command that adds it.
    """
    spec = READERS if readers else subject or ENGINE
    try:
        fuzzer = Fuzzer(spec, Limits(seconds, memory << 20))
    except ChildError as error:
        sys.exit(_print_error(f"{spec}: {error}"))
    try:
        click.echo(show.opening(fuzzer.target, examples, seed))
        result = fuzzer.run(
            source(fuzzer.target, seed), seed, examples, partial(_progress, figures)
        )
    finally:
        fuzzer.close()
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    click.echo(show.table(result))
    for finding in result.new:
        click.echo(show.finding(finding, _write_finding(out, result, finding)))
    _write_figures(figures, result)
    click.echo(show.closing(result))
    sys.exit(EXIT_NEW_FINDING if result.new else 0)


def _progress(figures: Path | None, result: Result) -> None:
    """Show the progress of a run; a killed run leaves the figures so far."""
    _write_figures(figures, result)
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{show.line(result)}", nl=False, err=True)


def _write_figures(figures: Path | None, result: Result) -> None:
    if figures:
        atomic.write(figures, (json.dumps(result.to_dict(), indent=1) + "\n").encode())


def _write_finding(out: Path, result: Result, finding: show.FuzzFinding) -> Path:
    """Write the bytes and the entry of a finding; returns the entry's path."""
    data, one = finding.input.data, finding.input
    slug = re.sub(r"[^a-z0-9]+", "-", finding.signature.lower()).strip("-")[:60]
    slug = f"{slug}-{hashlib.sha256(finding.signature.encode()).hexdigest()[:6]}"
    opened = result.target
    version = opened.versions.get("engine", opened.versions.get(opened.name, "0"))
    entry = CorpusEntry(
        id=slug,
        signature=finding.signature,
        level=one.level,
        modes=tuple(sorted(finding.modes)),
        engines=f"=={version}",
        sha256=hashlib.sha256(data).hexdigest(),
        origin=(
            f"{one.seed}, damaged by {one.mutation}, seed {result.seed}, {opened.name} {version}"
        ),
        target=opened.name,
    )
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{slug}.bin").write_bytes(data)
    path = out / f"{slug}.json"
    path.write_text(json.dumps(asdict(entry), indent=1) + "\n", encoding="utf-8")
    return path


@main.command()
@_examples
@_seed
@_seconds
@_memory
@_out
def guided(examples: int, seed: int, seconds: float, memory: int, out: Path) -> None:
    """Fuzz this project's own readers, guided by coverage, with atheris.

    It begins with the goldens, and goes on from each input that reached a new
    branch of conformance.wire. Exit codes as those of `run`.
    """
    from tasks.fuzz.guided import available, guided

    if not available():
        sys.exit(_print_error("atheris is not installed: nothing is guided by coverage"))
    limits = Limits(seconds, memory << 20)
    told = guided(seeds(sys.version_info[:2]), seed, examples, limits)
    click.echo(
        f"atheris: {told.inputs:,} inputs, {told.branches:,} branches reached, "
        f"by {told.kept:,} inputs"
    )
    if not told.said:
        return
    fuzzer = Fuzzer(READERS, limits)
    try:
        left = (Input("expression", data, "", "coverage") for data in told.left)
        result = fuzzer.run(left, seed, len(told.left))
    finally:
        fuzzer.close()
    for finding in result.new:
        click.echo(show.finding(finding, _write_finding(out, result, finding)))
    if not result.findings:
        click.echo(told.said)
    sys.exit(EXIT_NEW_FINDING if result.new or not result.findings else 0)


@main.command(epilog="\b\nExample:\n  python -m tasks.fuzz keep .nox/fuzz/hang-3f2a.json")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--id", "id_", help="A name that says more than the signature; for one FILE.")
@click.option("--engines", help="A version specifier: where it is known; else where it was seen.")
@click.option("--corpus", default=FOLDER, type=click.Path(path_type=Path), hidden=True)
def keep(files: Sequence[Path], id_: str | None, engines: str | None, corpus: Path) -> None:
    """Add each FILE, a finding that `run` wrote, to the corpus.

    From then on a run knows its signature on these engines, and the chapter
    HOSTILE judges every subject by its bytes.
    """
    for file in files:
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            data = file.with_suffix(".bin").read_bytes()
        except OSError as error:
            sys.exit(_print_error(f"{file}: {error.strerror}"))
        kept["modes"] = tuple(kept["modes"])
        kept |= {"id": id_ or kept["id"], "engines": engines or kept["engines"]}
        try:
            add_entry(CorpusEntry(**kept), data, corpus)
        except SpecError as error:
            sys.exit(_print_error(str(error)))
        click.echo(f"{kept['id']}: {len(data)} bytes in {corpus}")


@main.command()
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option("--subject", metavar="MODULE:FACTORY", help="What reads; else the engine.")
def replay(ids: Sequence[str], subject: str | None) -> None:
    """Read the corpus, or these entries of it, and tell what becomes of each."""
    try:
        chosen = [entries()[one] for one in ids] or list(entries().values())
    except KeyError as error:
        sys.exit(_print_error(f"no entry {error} in {FOLDER}"))
    opened: dict[str, Fuzzer] = {}
    for entry in chosen:
        spec = READERS if entry.target == "wire" else subject or ENGINE
        fuzzer = opened.setdefault(spec, Fuzzer(spec, Limits())) if spec not in opened else None
        fuzzer = fuzzer or opened[spec]
        batch = fuzzer.decode([(entry.reader, entry.data())])
        click.echo(show.replayed(entry, fuzzer.target, batch))
    for fuzzer in opened.values():
        fuzzer.close()


def _print_error(message: str) -> int:
    click.echo(message, err=True)
    return EXIT_USAGE


if __name__ == "__main__":
    main(prog_name="python -m tasks.fuzz")
