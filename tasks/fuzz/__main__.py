"""``python -m tasks.fuzz``: fuzz the installed engine, a subject or this project's readers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click

from conformance.cli import output
from conformance.cli.progress import Advance, progress
from conformance.hostile.corpus import CORPUS, CorpusEntry, add_entry, entries
from conformance.hostile.mutations import Input
from conformance.hostile.seeds import seeds
from conformance.hostile.targets import READERS
from conformance.processes.child import ChildError
from conformance.util import atomic
from conformance.util.exit_codes import ExitCode
from conformance.util.records import SpecError
from tasks.fuzz import show
from tasks.fuzz.forks import Limits
from tasks.fuzz.run import ENGINE, Fuzzer, Result, source

DEFAULT_EXAMPLES = 4000
"""The default of ``--examples``."""

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


_examples = click.option(
    "--examples",
    default=DEFAULT_EXAMPLES,
    show_default=True,
    type=click.IntRange(1),
    help="How many inputs.",
)
_seed = click.option(
    "--seed", default=1, show_default=True, help="The same seed gives the same inputs."
)
_seconds = click.option(
    "--seconds",
    default=Limits.seconds,
    show_default=True,
    help="CPU seconds after which an input counts as hung.",
)
_memory = click.option(
    "--memory",
    default=Limits.memory >> 20,
    show_default=True,
    help="MiB that decoding an input may allocate.",
)
_out = click.option(
    "--out",
    default=Path(".nox/fuzz"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="Write findings to this folder.",
)


@click.group(context_settings=_HELP)
def main() -> None:
    """Fuzz decoders with structure-aware mutations of the goldens."""


@main.command(
    epilog=output.example_lines(
        "python -m tasks.fuzz run --examples 100000 --seed 7",
        "python -m tasks.fuzz run --subject my.module:factory",
        "python -m tasks.fuzz run --readers --json figures.json",
        "nox -s fuzz -- --examples 100000    # every released engine, and our own readers",
        "nox -s fuzz -- --engine 55.0.0      # one of them, or: --engine readers",
    )
)
@_examples
@_seed
@click.option(
    "--subject",
    metavar="MODULE:FACTORY",
    help="The subject to fuzz (default: the installed engine).",
)
@click.option("--readers", is_flag=True, help="Fuzz this project's own readers, conformance.wire.")
@_seconds
@_memory
@click.option(
    "--json",
    "figures",
    type=click.Path(path_type=Path),
    help="Write the figures to this file, after each batch.",
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
    """Decode hostile bytes and report the outcomes.

    A strict and an inlining session decode each input in a child process, with a deadline, a
    memory limit and a guard that blocks unpickling. A finding is an input that crashes or hangs
    the process, raises something other than an Exception, or makes a strict session unpickle.

    Exit code 0: the corpus knows the signatures of all findings. Exit code 1: a finding is new;
    it is minimised and shown, with the command that adds it to the corpus.
    """
    spec = READERS if readers else subject or ENGINE
    try:
        fuzzer = Fuzzer(spec, Limits(seconds, memory << 20))
    except ChildError as error:
        sys.exit(_print_error(f"{spec}: {error}"))
    try:
        click.echo(show.opening(fuzzer.target, examples, seed))
        with progress(inputs=examples) as done:
            result = fuzzer.run(source(fuzzer.target, seed), seed, examples, _follow(figures, done))
    finally:
        fuzzer.close()
    click.echo(show.table(result))
    options = _target_options(spec, seconds, memory)
    for finding in result.new:
        click.echo(show.finding(finding, _write_finding(out, result, finding), options))
    _write_figures(figures, result)
    click.echo(show.closing(result))
    sys.exit(ExitCode.FAILED if result.new else 0)


def _target_options(spec: str, seconds: float, memory: int) -> tuple[str, ...]:
    """Return the options with which `replay` decodes as this run did."""
    return ("--subject", spec, "--seconds", f"{seconds:g}", "--memory", str(memory))


def _follow(figures: Path | None, done: Advance) -> Callable[[Result], None]:
    """Return what shows the progress of a run; a killed run leaves the figures so far."""
    counted = 0

    def follow(result: Result) -> None:
        nonlocal counted
        _write_figures(figures, result)
        done("inputs", result.inputs - counted, note=show.line(result))
        counted = result.inputs

    return follow


def _write_figures(figures: Path | None, result: Result) -> None:
    if figures:
        atomic.write(figures, (json.dumps(result.to_dict(), indent=1) + "\n").encode())


def _write_finding(out: Path, result: Result, finding: show.FuzzFinding) -> Path:
    """Write the bytes and the entry of a finding; return the path of the entry."""
    data, one = finding.input.data, finding.input
    slug = re.sub(r"[^a-z0-9]+", "-", finding.signature.lower()).strip("-")[:60]
    slug = f"{slug}-{hashlib.sha256(finding.signature.encode()).hexdigest()[:6]}"
    target = result.target
    version = target.versions.get("engine", target.versions.get(target.name, "0"))
    entry = CorpusEntry(
        id=slug,
        signature=finding.signature,
        level=one.level,
        modes=tuple(sorted(finding.modes)),
        engines=f"=={version}",
        sha256=hashlib.sha256(data).hexdigest(),
        base64=base64.b64encode(data).decode(),
        origin=(
            f"{one.seed}, damaged by {one.mutation}, seed {result.seed}, {target.name} {version}"
        ),
        target=target.name,
    )
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{slug}.bin").write_bytes(data)
    path = out / f"{slug}.json"
    path.write_text(json.dumps(asdict(entry), indent=1) + "\n", encoding="utf-8")
    return path


@main.command(epilog=output.example_lines("python -m tasks.fuzz guided --examples 100000"))
@_examples
@_seed
@_seconds
@_memory
@_out
def guided(examples: int, seed: int, seconds: float, memory: int, out: Path) -> None:
    """Fuzz this project's own readers, guided by coverage, with atheris.

    The run starts from the goldens and mutates every input that reached a new branch of
    conformance.wire. The exit codes are those of `run`.
    """
    from tasks.fuzz.guided import available, guided

    if not available():
        sys.exit(_print_error("atheris is not installed: python -m pip install atheris"))
    limits = Limits(seconds, memory << 20)
    guided_run = guided(seeds(sys.version_info[:2]), seed, examples, limits)
    click.echo(
        f"atheris: {guided_run.inputs:,} inputs, {guided_run.branches:,} branches reached, "
        f"by {guided_run.kept:,} inputs"
    )
    if not guided_run.stderr:
        return
    fuzzer = Fuzzer(READERS, limits)
    try:
        left = (Input("expression", data, "", "coverage") for data in guided_run.failing)
        result = fuzzer.run(left, seed, len(guided_run.failing))
    finally:
        fuzzer.close()
    options = _target_options(READERS, seconds, memory)
    for finding in result.new:
        click.echo(show.finding(finding, _write_finding(out, result, finding), options))
    if not result.findings:
        click.echo(guided_run.stderr)
    sys.exit(ExitCode.FAILED if result.new or not result.findings else 0)


@main.command(epilog=output.example_lines("python -m tasks.fuzz keep .nox/fuzz/hang-3f2a.json"))
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--id", "id_", help="The id of the entry; for one FILE.")
@click.option(
    "--engines", help="Version specifier of the engines that fail (default: the engine of the run)."
)
@click.option("--corpus", default=CORPUS, type=click.Path(path_type=Path), hidden=True)
def keep(files: Sequence[Path], id_: str | None, engines: str | None, corpus: Path) -> None:
    """Add findings to the corpus; each FILE is a finding that `run` wrote.

    From then on `run` treats its signature as known on these engines, and the chapter HOSTILE
    runs every subject on its bytes.
    """
    for file in files:
        try:
            entry = _read_finding(file)
            kept = replace(entry, id=id_ or entry.id, engines=engines or entry.engines)
            add_entry(kept, corpus)
        except OSError as error:
            sys.exit(_print_error(f"{error.filename}: {error.strerror}"))
        except SpecError as error:
            sys.exit(_print_error(str(error)))
        click.echo(f"{kept.id}: {len(kept.data)} bytes in {corpus}")


def _read_finding(file: Path) -> CorpusEntry:
    """Return the entry that `run` wrote into this file; raise ``SpecError`` if it holds none."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        lists = {name: tuple(found[name]) for name in ("modes", "also")}
        return CorpusEntry(**{**found, **lists})
    except (ValueError, TypeError, KeyError):
        raise SpecError(
            f"{file}: not a finding; expected the .json file that `run` wrote"
        ) from None


def _replayable(name: str) -> tuple[CorpusEntry, bool]:
    """Return an entry, or a finding in a file, and whether it is in the corpus."""
    path = Path(name)
    return (_read_finding(path), False) if path.suffix else (entries()[name], True)


@main.command(
    epilog=output.example_lines(
        "python -m tasks.fuzz replay", "python -m tasks.fuzz replay column-past-the-schema"
    )
)
@click.argument("names", metavar="[ID|FILE]...", nargs=-1)
@click.option(
    "--subject",
    metavar="MODULE:FACTORY",
    help="The subject that decodes (default: the installed engine).",
)
@_seconds
@_memory
def replay(names: Sequence[str], subject: str | None, seconds: float, memory: int) -> None:
    """Decode the corpus, or these entries and findings of `run`, and print the outcome of each."""
    try:
        chosen = [*map(_replayable, names)] or [(one, True) for one in entries().values()]
    except KeyError as error:
        sys.exit(_print_error(f"unknown entry {error}; expected one in {CORPUS}"))
    except OSError as error:
        sys.exit(_print_error(f"{error.filename}: {error.strerror}"))
    except SpecError as error:
        sys.exit(_print_error(str(error)))
    fuzzers: dict[str, Fuzzer] = {}
    for entry, in_corpus in chosen:
        spec = subject or ENGINE
        if entry.target == "wire" and (in_corpus or not subject):
            spec = READERS  # the corpus has entries for both
        if spec not in fuzzers:
            fuzzers[spec] = Fuzzer(spec, Limits(seconds, memory << 20))
        try:
            batch = fuzzers[spec].decode([(entry.reader, entry.data)])
        except SpecError as error:
            sys.exit(_print_error(str(error)))
        click.echo(show.replayed(entry, fuzzers[spec].target, batch))
    for fuzzer in fuzzers.values():
        fuzzer.close()


def _print_error(message: str) -> int:
    click.echo(message, err=True)
    return ExitCode.USAGE


if __name__ == "__main__":
    main(prog_name="python -m tasks.fuzz")
