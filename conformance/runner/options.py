"""The options of the plugin, and what they select."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from conformance.runner import progress_hooks
from conformance.spec import CLAUSES, Divergence
from conformance.spec.clauses import PROFILES
from conformance.spec.divergence_lists import ENGINES, read_lists
from conformance.subjects import SUBJECT, external
from conformance.subjects.external.command import read_command
from conformance.util import packages
from conformance.util.exit_codes import ExitCode
from conformance.util.places import SUITE
from conformance.util.records import SpecError
from conformance.util.same_file import find_same_file


def add_options(parser: pytest.Parser) -> None:
    """Add the suite's options."""
    group = parser.getgroup("conformance", "dfpy-conformance")
    group.addoption(
        "--subject",
        metavar="MODULE:FACTORY",
        default=SUBJECT,
        help="the implementation under test (default: the installed datafusion)",
    )
    group.addoption(
        "--subject-command",
        metavar="COMMAND",
        default="",
        help="a program in any language as the implementation under test: one JSON object a line "
        "on its stdin and stdout (docs/implementers.md)",
    )
    group.addoption(
        "--profile",
        choices=PROFILES,
        default="",
        help="judge only the clauses of this profile: wire, what the bytes hold and what any "
        "implementation does with them; engine-api, the engine's own Python API",
    )
    group.addoption(
        "--cell",
        metavar="NAME=VERSION,...",
        default="",
        help="the versions that must be installed: engine, cloudpickle, pyarrow, python; "
        f"exit code {ExitCode.WRONG_CELL} if they are not",
    )
    group.addoption(
        "--needs",
        metavar="CAPABILITY",
        action="append",
        default=[],
        help="a capability or a package that the cell must have, for clauses that need it; "
        f"exit code {ExitCode.WRONG_CELL} if it is missing; may be given multiple times",
    )
    group.addoption(
        "--chapter",
        metavar="PREFIX",
        type=str.upper,
        action="append",
        default=[],
        help="judge only the clauses of this chapter, such as STRICT; may be given multiple times",
    )
    group.addoption(
        "--conformance-report", metavar="FILE", type=Path, help="write the verdicts as JSON"
    )
    group.addoption(
        "--one-child",
        action="store_true",
        help="run all cases in one child process; without it, a second one runs the last cases of "
        "a long run on the engine, where the machine has two processors",
    )
    progress_hooks.add_option(group)
    group.addoption(
        "--conformance-strict",
        action="store_true",
        help="a SHOULD clause that does not hold is a failure, not a warning",
    )
    group.addoption(
        "--allow-fixed",
        action="store_true",
        help="a known divergence that is fixed is listed, and does not fail the run",
    )
    group.addoption(
        "--divergences",
        metavar="FILE",
        action="append",
        default=[],
        help=f"known divergences of another subject, or {ENGINES} for those of the released "
        "engines (their default); may be given multiple times",
    )


def check_options(config: pytest.Config) -> tuple[str, Mapping[str, Divergence] | None]:
    """Return the subject, and the known divergences unless they are those of the engines.

    Raises ``pytest.UsageError``; ends the run where a package is missing.
    """
    spec = _subject(config)
    _check_packages(config, spec)
    if ":" not in spec:
        raise pytest.UsageError(f"--subject {spec}: expected MODULE:FACTORY")
    known_chapters = {clause.chapter for clause in CLAUSES.values()}
    for chapter in config.getoption("--chapter"):
        if chapter not in known_chapters:
            raise pytest.UsageError(
                f"--chapter {chapter}: unknown chapter; known: {', '.join(sorted(known_chapters))}"
            )
    lists: list[str] = config.getoption("--divergences")
    try:
        known = read_lists(lists) if lists else None
    except SpecError as error:
        raise pytest.UsageError(f"--divergences: {error}") from None
    report: Path | None = config.getoption("--conformance-report")
    if report and find_same_file(report, (Path(name) for name in lists if name != ENGINES)):
        raise pytest.UsageError(
            f"--conformance-report {report}: the output is an input, of --divergences: "
            "name another file"
        )
    return spec, known


def _subject(config: pytest.Config) -> str:
    """Return the subject as MODULE:FACTORY; that of a program reads its command from here."""
    spec: str = config.getoption("--subject")
    command: str = config.getoption("--subject-command")
    if not command:
        return spec
    if spec != SUBJECT:
        raise pytest.UsageError("expected --subject or --subject-command, got both")
    try:
        read_command(command)
    except ValueError as error:
        raise pytest.UsageError(f"--subject-command {command}: {error}") from None
    os.environ[external.COMMAND] = command
    return external.SPEC


def _check_packages(config: pytest.Config, spec: str) -> None:
    """End the run where the engine is not installed: nothing could be collected or judged."""
    option = config.option
    if option.help or option.version:
        return
    if spec == external.SPEC:
        return
    # The cases of another subject, and collection, need no engine.
    needed = packages.ENGINE if spec == SUBJECT and not option.collectonly else ("pyarrow",)
    if absent := packages.missing(needed):
        pytest.exit(packages.describe("The suite", absent), ExitCode.NOT_INSTALLED)


def selects_all(config: pytest.Config) -> bool:
    """Return whether nothing on the command line selects or excludes cases."""
    option = config.option
    selected = (option.keyword, option.markexpr, getattr(option, "lf", False))
    excluded = (option.deselect, option.ignore, option.ignore_glob)
    return not any((*selected, *excluded, *map(_picks, config.args)))


def collects_suite(config: pytest.Config) -> bool:
    """Return whether cases of the suite may be collected, which read the golden store."""
    for argument in config.args:
        path = Path(argument.partition("::")[0]).resolve()
        if not path.exists() or path in (SUITE, *SUITE.parents) or SUITE in path.parents:
            return True
    return False


def _picks(argument: str) -> bool:
    """Return whether a command-line argument selects less than a folder or a package."""
    if "::" in argument or Path(argument).is_file():
        return True
    if Path(argument).exists():
        return False
    try:
        found = find_spec(argument)
    except (ImportError, ValueError):
        return True
    return found is None or found.submodule_search_locations is None
