"""``python -m tasks.releases``: judge what the package index has and the version table lacks."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from packaging.requirements import InvalidRequirement, Requirement

from conformance.cli import output
from conformance.matrix import Matrix, read
from conformance.util import atomic
from tasks.cells.paths import ROOT
from tasks.releases import pythons, text
from tasks.releases.answer import Answer
from tasks.releases.environment import environment
from tasks.releases.index import Index, NotAskedError, UnresolvedError
from tasks.releases.judge import Judged, judge
from tasks.releases.newer import PYTHON, Newer, find, merge, newest_known, packages
from tasks.releases.pretended import rebuild

COLOURS = {"holds": "green", "fails": "red", "not judged": "yellow"}

_file = click.Path(path_type=Path, dir_okay=False, resolve_path=True)
_folder = click.Path(exists=True, file_okay=False, resolve_path=True)


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=output.example_lines(
        "nox -s releases",
        "nox -s releases -- --list",
        "nox -s releases -- --only cloudpickle --markdown issue.md",
        "nox -s releases -- --pre",
        "nox -s releases -- --pretend datafusion==99.0.0",
    ),
)
@click.option("--only", multiple=True, metavar="PACKAGE", help="Ask for this package, or python.")
@click.option("--pre", is_flag=True, help="Judge the engine's newest pre-release, nothing else.")
@click.option("--list", "names", is_flag=True, help="Print what is newer, and judge nothing.")
@click.option(
    "--pretend",
    multiple=True,
    metavar="PACKAGE==VERSION",
    help="Pretend that this release is there: the newest one of the table under another version.",
)
@click.option("--find-links", multiple=True, type=_folder, help="Look for wheels here, too.")
@click.option("--table", type=_file, help="Another version table.")
@click.option("--json", "json_file", type=_file, help="Write the answer as JSON.")
@click.option("--markdown", "markdown_file", type=_file, help="Write the answer for an issue.")
def main(
    only: Sequence[str],
    pre: bool,
    names: bool,
    pretend: Sequence[str],
    find_links: Sequence[str],
    table: Path | None,
    json_file: Path | None,
    markdown_file: Path | None,
) -> None:
    """Judge the releases that the package index has and the version table lacks.

    uv asks the index and installs from it, as it is configured here: mirrors, proxies and
    credentials are those of uv. Each release is judged in an environment of its own, which is
    removed afterwards: on the newest installed Python that can install it, with the newest
    version of the table for all else. A new Python is judged with the newest of the index.

    \b
    Exit codes:
      0   nothing is newer than the table
      19  something is newer, and all of it holds
      1   something is newer, and fails
      18  something is newer and was not judged, such as a Python that is not installed
      20  the index was not asked, wholly or in part: there may be newer releases
    """  # noqa: D301 - click reads the character, not its escape
    matrix = read(table) if table else read()
    wanted = _chosen(matrix, only, pre)
    pins = [_pin(one, wanted) for one in pretend]
    os.chdir(ROOT)
    with ExitStack() as stack:
        index = Index(tuple(find_links))
        answer = Answer(pretended=tuple(pretend))
        try:
            if pins:
                folder = stack.enter_context(_pretended(matrix, pins, index))
                index = Index((*find_links, folder))
        except (NotAskedError, UnresolvedError) as error:
            answer.unasked["release that is pretended"] = str(error)
        else:
            found = _ask(answer, matrix, index, wanted, pre=pre)
            _judge(answer, found, index, names=names)
    _show(answer, json_file, markdown_file)
    sys.exit(answer.code)


def _chosen(matrix: Matrix, only: Sequence[str], pre: bool) -> list[str]:
    known = packages(matrix)
    if pre and only:
        raise click.UsageError("--pre asks for the engine alone: no --only")
    for one in only:
        if one not in known:
            raise click.BadParameter(f"--only {one}: expected one of {', '.join(known)}")
    return [*only] or (known[:1] if pre else known)


def _pin(given: str, wanted: Sequence[str]) -> tuple[str, str]:
    try:
        one = Requirement(given)
        (pin,) = one.specifier
    except (InvalidRequirement, ValueError):
        raise click.BadParameter(f"--pretend {given}: expected PACKAGE==VERSION") from None
    if one.name not in wanted or one.name == PYTHON or pin.operator != "==":
        raise click.BadParameter(f"--pretend {given}: expected PACKAGE==VERSION, of {wanted}")
    return one.name, pin.version


@contextmanager
def _pretended(matrix: Matrix, pins: Sequence[tuple[str, str]], index: Index) -> Iterator[str]:
    """Make the wheels of the pretended releases in a folder."""
    here = pythons.installed()
    with tempfile.TemporaryDirectory(prefix="dfpy-pretended-") as folder:
        for package, version in pins:
            click.echo(f"{package} {version}: making a wheel that pretends to be it", err=True)
            _make_wheel(matrix, package, version, index, here, Path(folder))
        yield folder


def _make_wheel(
    matrix: Matrix,
    package: str,
    version: str,
    index: Index,
    here: Mapping[str, str],
    folder: Path,
) -> None:
    """Make the wheel on the newest installed Python for which the table's release is there."""
    why = "no Python of the table is installed"
    for row in reversed([row for row in matrix.pythons if row.version in here]):
        with environment(here[row.version], index) as made:
            try:
                known = newest_known(package, matrix, row)
                made.install(f"{package}=={known}", options=["--no-deps"])
            except UnresolvedError as error:
                why = str(error)
                continue
            (site,) = made.python.parents[1].glob("lib/python*/site-packages")
            rebuild(site, package, version, folder)
            return
    raise UnresolvedError(why)


def _ask(
    answer: Answer, matrix: Matrix, index: Index, wanted: Sequence[str], *, pre: bool
) -> list[Newer]:
    found: list[Newer] = []
    for package in wanted:
        click.echo(f"{package}: asking the index", err=True)
        try:
            known = merge(matrix, found) if package == PYTHON else matrix
            newer = find(package, known, index, pre=pre)
        except NotAskedError as error:
            answer.unasked[package] = str(error)
        else:
            answer.asked.append(package)
            found += newer
            for one in newer:
                click.echo(f"{one.name} is newer than {one.known}", err=True)
    return found


def _judge(answer: Answer, found: Sequence[Newer], index: Index, *, names: bool) -> None:
    def tell(line: str) -> None:
        click.echo(line, err=True)

    interpreters = pythons.installed() if found and not names else {}
    for newer in found:
        if names:
            answer.judged.append(Judged(newer, newer.why or "only listed"))
            continue
        try:
            answer.judged.append(judge(newer, index, interpreters, tell))
        except NotAskedError as error:
            answer.judged.append(Judged(newer, str(error)))
            answer.unasked[newer.name] = str(error)


def _show(answer: Answer, json_file: Path | None, markdown_file: Path | None) -> None:
    for paragraph, verdict in text.blocks(answer):
        click.secho(paragraph, fg=COLOURS.get(verdict), bold=bool(verdict), color=output.colours())
    if json_file:
        atomic.write(json_file, (json.dumps(answer.document(), indent=1) + "\n").encode())
    if markdown_file:
        atomic.write(markdown_file, text.markdown(answer).encode())


if __name__ == "__main__":
    main(prog_name="python -m tasks.releases")
