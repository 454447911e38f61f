"""The options of nox's sessions: parsed and checked before an environment is made."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from conformance.matrix import ENGINE, FULL, GATE, Cell, MatrixError, read
from conformance.spec import CHAPTERS, CLAUSES
from conformance.spec.clauses import PROFILES
from conformance.spec.divergence_lists import ENGINES
from tasks.cells.paths import ROOT, SUITE

NEEDS = sorted({clause.needs for clause in CLAUSES.values()} - {""})
"""The capabilities and packages that a run can require with ``--needs``."""

PYTEST_FLAGS = (
    *("-x", "--exitfirst", "-v", "--verbose", "-q", "--quiet", "-s", "-l", "--showlocals"),
    *("--lf", "--last-failed", "--ff", "--failed-first", "--sw", "--stepwise"),
    *("--co", "--collect-only", "--pdb", "--no-header", "--no-summary", "--full-trace"),
)
PYTEST_OPTIONS = (
    *("-k", "-m", "-n", "--numprocesses", "--dist", "-p", "-o", "-r", "-W", "-c", "--maxfail"),
    *("--tb", "--durations", "--durations-min", "--deselect", "--ignore", "--ignore-glob"),
    *("--timeout", "--capture", "--color", "--show-capture", "--basetemp", "--log-level"),
)
"""The options of pytest and its plugins that are passed on, without and with a value."""


class OptionError(ValueError):
    """An option of a session is wrong; the text says what was expected."""


@dataclass
class Options:
    """The options after ``--`` on nox's command line; each session takes a part of them.

    ``pytest`` is what is passed on to pytest, or to the command that the session runs.
    """

    engine: str = ""
    subject: str = ""
    packages: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    chapter: list[str] = field(default_factory=list)
    ray: str = ""
    dask: str = ""
    cell: str = ""
    tag: str = FULL
    all: bool = False
    list_divergences: bool = False
    faults: bool = False
    write: bool = False
    replace: list[str] = field(default_factory=list)
    peers: str = "3,6,12,24,48"
    rounds: int = 1
    no_suite: bool = False
    pytest: list[str] = field(default_factory=list)

    @property
    def any_engine(self) -> bool:
        """Return whether the subject's package may choose the engine."""
        return bool(self.subject) and self.engine.startswith(f"{ENGINE}<=")


class Parser(argparse.ArgumentParser):
    """An option parser that raises ``OptionError``, with the nearest known option."""

    def __init__(self, session: str, *examples: str) -> None:
        lines = [f"  nox -s {session} -- {example}" for example in examples]
        super().__init__(
            prog=f"nox -s {session} --",
            allow_abbrev=False,
            epilog="\n".join(["examples:", *lines]) if lines else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        raise OptionError(message)

    def forward(self, names: Sequence[str], **more: object) -> None:
        """Accept options whose text is passed on to pytest as it was given."""
        for name in names:
            settings: dict[str, Any] = {"help": argparse.SUPPRESS, **more}
            self.add_argument(name, action=_Forward, dest="pytest", **settings)

    def read(self, given: Sequence[str]) -> Options:
        """Return the options; raise ``OptionError`` for an unknown one."""
        given = list(given)
        verbatim: list[str] = []
        if "--" in given:
            place = given.index("--")
            given, verbatim = given[:place], given[place + 1 :]
        found, rest = self.parse_known_args(given)
        for argument in rest:
            if argument.startswith("-"):
                known = [name for name in self._option_string_actions if name.startswith("--")]
                raise OptionError(
                    f"unknown option {argument.partition('=')[0]}"
                    f"{nearest(argument.partition('=')[0], known)}; "
                    f"`{self.prog} --help` lists the options"
                )
        values = {name: value for name, value in vars(found).items() if value is not None}
        values["pytest"] = [*values.get("pytest", ()), *rest, *verbatim]
        return Options(**values)


class _Forward(argparse.Action):
    """Append an option and its value to what is passed on."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        del parser
        given = [option_string, *([] if values == [] else [values])]
        namespace.pytest = [*(getattr(namespace, "pytest", None) or []), *given]


def nearest(word: str, known: Sequence[str]) -> str:
    """Return ``; did you mean X?`` where a known word is near, else an empty text."""
    found = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def absolute(given: Sequence[str], folder: str) -> list[str]:
    """Return the arguments with existing paths made absolute: nox itself changes folders."""
    found = []
    for argument in given:
        option, equals, value = argument.rpartition("=")
        path = Path(folder, value)
        is_path = path.suffix in (".whl", ".toml") or "/" in value
        known = is_path and path.exists() and not path.is_relative_to(ROOT / SUITE)
        found.append(f"{option}{equals}{path}" if known else argument)
    return found


def check(options: Options) -> Options:
    """Return the options of a run of the suite, checked; raise ``OptionError``."""
    options.chapter = [one.upper() for one in options.chapter]
    for option, values, known in (
        ("--chapter", options.chapter, list(CHAPTERS)),
        ("--needs", options.needs, NEEDS),
    ):
        for value in values:
            if value not in known:
                raise OptionError(
                    f"{option} {value}: unknown{nearest(value, known)}; "
                    f"expected one of {', '.join(known)}"
                )
    _check_subject(options.subject)
    _check_paths(options)
    # The subject's package may pin an engine; the newest one represents all of them.
    if options.subject and not options.engine:
        options.engine = f"{ENGINE}<={read().engines[-1]}"
    return options


def candidates(options: Options) -> Sequence[Cell]:
    """Return the cells that judge the candidate, if there is one; raise ``OptionError``."""
    try:
        return read().candidates(options.engine) if options.engine else ()
    except MatrixError as error:
        raise OptionError(str(error)) from None


def _check_subject(subject: str) -> None:
    if not subject:
        return
    if not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", subject):
        raise OptionError(f"--subject {subject}: expected MODULE:FACTORY, as in my.module:factory")
    module = subject.partition(":")[0]
    if not module.startswith("conformance."):
        return  # it may be in a package that is not installed yet
    try:
        there = find_spec(module)
    except ModuleNotFoundError:
        there = None
    if there is None:
        known = ["conformance.subjects.reference", "conformance.subjects.engine"]
        raise OptionError(f"--subject {subject}: no module {module}{nearest(module, known)}")


def _check_paths(options: Options) -> None:
    """Check the paths: a file of divergences must exist, a wheel goes behind ``--engine``."""
    for option, value in zip(options.pytest, options.pytest[1:], strict=False):
        if option == "--divergences" and value != ENGINES and not Path(value).is_file():
            raise OptionError(
                f"--divergences {value}: no such file; expected a file, or {ENGINES} for those of "
                "the released engines"
            )
    wheels = [one for one in options.pytest if one.endswith(".whl")]
    if wheels and not options.engine:
        raise OptionError(f"{', '.join(wheels)}: a wheel goes behind --engine")
    if wheels:
        found = [options.engine, *wheels]
        raise OptionError(
            f"--engine takes one wheel; the shell made {len(found)} of "
            f"{Path(found[0]).parent / '*.whl'}: {', '.join(found)}"
        )


def suite_parser(session: str) -> Parser:
    """Return the parser of ``nox -s conformance`` and ``conformance_full``."""
    parser = Parser(
        session,
        "--engine dist/datafusion-56.0.0-cp310-abi3-linux_x86_64.whl",
        "--subject my.module:factory --with ./my-package -k strict",
        "--chapter STRICT --engine datafusion==55.0.0",
        "--ray 10.0.0.5:6379",
    )
    parser.description = "Judge engines. Options of pytest, such as -k, are passed on to it; \
what follows another -- is passed on unchecked."
    add_candidate(parser)
    parser.add_argument(
        "--subject", metavar="MODULE:FACTORY", help="judge this implementation of the format"
    )
    parser.add_argument(
        "--with",
        dest="packages",
        action="append",
        metavar="REQ",
        help="also install this requirement or path; may be given multiple times",
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="run the cells on the nodes of this Ray cluster (HOST:6379); `local` starts one here",
    )
    add_judging(parser)
    return parser


def add_candidate(parser: Parser) -> None:
    """Add ``--engine``."""
    parser.add_argument(
        "--engine", metavar="WHEEL", help="judge this wheel, source tree or requirement"
    )


def add_judging(parser: Parser) -> None:
    """Add what every run of the suite takes."""
    parser.add_argument(
        "--chapter",
        action="append",
        metavar="CHAPTER",
        help="judge this chapter only, such as STRICT; may be given multiple times",
    )
    parser.add_argument(
        "--needs",
        action="append",
        metavar="CAPABILITY",
        help=f"fail where this is missing: {', '.join(NEEDS)}; may be given multiple times",
    )
    parser.add_argument("--all", action="store_true", help="print one line per clause")
    parser.add_argument(
        "--list-divergences", action="store_true", help="list the known divergences at the end"
    )
    parser.forward(
        ("--divergences",),
        metavar="FILE",
        help=f"the known divergences of another subject, or {ENGINES} for those of the released "
        "engines; may be given multiple times",
    )
    parser.forward(
        ("--profile",),
        choices=PROFILES,
        help="judge only what any implementation does with bytes (wire), or only the engine's API",
    )
    parser.forward(
        ("--conformance-strict",), nargs=0, help="fail where a SHOULD clause does not hold"
    )
    parser.forward(
        ("--allow-fixed",), nargs=0, help="list known divergences that are fixed; do not fail"
    )
    parser.forward(PYTEST_FLAGS, nargs=0)
    parser.forward(PYTEST_OPTIONS)


def clusters_parser(session: str) -> Parser:
    """Return the parser of ``nox -s clusters``."""
    parser = Parser(session, "--ray 10.0.0.5:6379", "--dask tcp://10.0.0.5:8786", "--faults")
    parser.description = "Judge released engines on Ray and Dask."
    for library in ("ray", "dask"):
        parser.add_argument(
            f"--{library}",
            metavar="ADDRESS",
            help="judge on this running cluster; its nodes have this package, and an engine and a "
            "Python that --cell names",
        )
    parser.add_argument(
        "--cell", metavar="CELL", help="judge this cell only; `nox --list -s cluster` lists them"
    )
    parser.add_argument(
        "--faults",
        action="store_true",
        help="then run the faults of these chapters on the newest cell of each library",
    )
    add_judging(parser)
    return parser


def interop_parser(session: str) -> Parser:
    """Return the parser of ``nox -s interop``."""
    parser = Parser(session, "--tag gate --engine dist/x.whl", "--write")
    parser.description = "Let every cell read what every cell writes."
    add_candidate(parser)
    parser.add_argument("--tag", choices=[GATE, FULL], help="the cells to use (default: full)")
    parser.add_argument("--write", action="store_true", help="write the grid and its page in docs/")
    return parser


def bench_parser(session: str) -> Parser:
    """Return the parser of ``nox -s bench``."""
    parser = Parser(session, "--peers 3,6 --rounds 3", "--write")
    parser.description = "Measure what the suite, the exchange and frames cost."
    parser.add_argument("--peers", metavar="SIZES", help="numbers of peers (default: 3,6,12,24,48)")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds (default: 1)")
    parser.add_argument("--no-suite", action="store_true", help="leave the suite's ratios out")
    parser.add_argument("--write", action="store_true", help="write the pages in docs/")
    return parser


def regenerate_parser(session: str) -> Parser:
    """Return the parser of ``nox -s regenerate``."""
    parser = Parser(session, "--replace scalar/lambda")
    parser.description = "Add the goldens that are missing."
    parser.add_argument(
        "--replace",
        action="append",
        metavar="CASE",
        help="write this case again; may be given multiple times",
    )
    return parser


TOOLS = {
    "faults": (("--whole", "--list"), ("--chapter", "--json", "-j", "--jobs")),
    "model": ((), ("--stories", "--steps", "--seconds", "--seed", "--subject", "--json")),
    "outputs": (("--update",), ()),
    "mutants": (("--list", "--quick"), ("--only", "--json", "--log", "-j", "--jobs")),
    "releases": (
        ("--pre", "--list"),
        ("--only", "--pretend", "--find-links", "--table", "--json", "--markdown"),
    ),
    "soak": ((), ("--runs", "--seed", "--subject", "--chapter", "-j", "--jobs")),
    "fuzz": (
        (),
        (
            *("--engine", "--examples", "--seed", "--seconds", "--memory", "--subject"),
            *("--out", "--json"),
        ),
    ),
}
"""The flags, and the options with a value, of the commands that nox's sessions run."""


def tool_parser(session: str) -> Parser:
    """Return a parser that passes on the options of the session's command, and no others.

    ``--help`` is the command's own.
    """
    flags, options = TOOLS[session]
    parser = Parser(session)
    parser.forward(flags, nargs=0)
    parser.forward(options)
    return parser
