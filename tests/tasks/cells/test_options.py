"""Options of nox's sessions: wrong ones are refused before an environment is made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click import Command

from conformance.matrix import CLUSTERS, read
from conformance.util.exit_codes import ExitCode
from tasks.cells.clusters import cluster_cells
from tasks.cells.options import TOOLS, OptionError, Options, absolute
from tasks.cells.run import refusal, suite_command
from tasks.cells.sessions import PARSERS, asks_for_cells, check_command_line, parse
from tests.conftest import ROOT


def options(session: str, *given: str) -> Options:
    return parse(session, given, str(ROOT))


@pytest.mark.parametrize(
    ("session", "given", "text"),
    [
        ("conformance", "--engin x", "unknown option --engin; did you mean --engine?"),
        ("conformance", "--writ", "unknown option --writ"),
        ("conformance", "--engine none.whl", "--engine none.whl: "),
        ("conformance", "--engine pandas", "--engine pandas: "),
        ("conformance", "--engine", "expected one argument"),
        ("conformance", "--chapter STRIC", "unknown; did you mean STRICT?"),
        ("conformance", "--needs plan", "unknown; did you mean plans?"),
        ("conformance", "--divergences none.toml", "--divergences none.toml: no such file"),
        ("conformance", "--subject x", "--subject x: expected MODULE:FACTORY"),
        (
            "conformance",
            "--subject conformance.subjects.referenc:X",
            "did you mean conformance.subjects.reference?",
        ),
        ("conformance", "--ray local --engine datafusion==55.0.0", "--ray runs the cells of"),
        ("conformance", "--ray local --subject a:B", "--ray runs the cells of"),
        ("conformance", "--ray local --with x", "--ray runs the cells of"),
        ("conformance", "x.whl", "x.whl: a wheel goes behind --engine"),
        ("clusters", "--cell x", "--cell x: unknown cell"),
        ("clusters", "--engine x", "unknown option --engine"),
        ("interop", "--writ", "did you mean --write?"),
        ("interop", "x", "x: interop takes no such argument"),
        ("interop", "--write --tag gate", "--write writes the grid of all cells"),
        ("interop", "--tag x", "invalid choice"),
        ("bench", "--peers 3,many", "--peers 3,many: expected numbers, as in 3,6,12"),
        ("bench", "--peers 0", "--peers 0: expected numbers"),
        ("regenerate", "--replac x", "did you mean --replace?"),
        ("golden_check", "--x", "unknown option --x"),
        ("faults", "--hole", "did you mean --whole?"),
        ("mutants", "--onl x", "did you mean --only?"),
        ("fuzz", "--engine 56", "--engine 56: expected one of 54.0.0"),
        ("releases", "--onli ray", "did you mean --only?"),
        ("soak", "--rums 3", "did you mean --runs?"),
    ],
)
def test_a_wrong_option_is_one_clear_error(session: str, given: str, text: str) -> None:
    with pytest.raises(OptionError) as caught:
        options(session, *given.split())
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_line_is_checked_before_nox_makes_an_environment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check_command_line(["-l"])
    check_command_line(["-s", "tests", "--", "--anything"])
    with pytest.raises(SystemExit) as caught:
        check_command_line(["--", "--engin", "x.whl"])
    assert caught.value.code == ExitCode.USAGE
    assert "did you mean --engine?" in capsys.readouterr().err


def test_lists_of_divergences_are_passed_on_together() -> None:
    """A file is passed with its whole path; the engines' list has a name."""
    mine = ROOT / "examples" / "python-codec" / "divergences.toml"
    given = f"--subject a:B --divergences engines --divergences {mine.relative_to(ROOT)}"
    assert options("conformance", *given.split()).pytest == [
        *("--divergences", "engines", "--divergences", str(mine)),
    ]


def test_two_wheels_are_one_clear_error(tmp_path: Path) -> None:
    wheels = [tmp_path / f"datafusion-56.0.0-cp3{minor}-cp3{minor}-any.whl" for minor in (10, 11)]
    for wheel in wheels:
        wheel.touch()
    with pytest.raises(OptionError, match="--engine takes one wheel; the shell made 2 of"):
        options("conformance", "--engine", *map(str, wheels))


def test_options_of_pytest_are_passed_on() -> None:
    found = options("conformance", "-k", "strict", "-x", "-n4", "--maxfail=2", "--", "--any")
    assert found.pytest == ["-k", "strict", "-x", "-n", "4", "--maxfail", "2", "--any"]


def test_a_subject_alone_goes_with_the_newest_engine() -> None:
    found = options("conformance", "--subject", "mine:Mine", "-k", "strict")
    assert found.engine == f"datafusion<={read().engines[-1]}"
    assert found.any_engine
    assert found.pytest == ["-k", "strict"]
    assert not options("conformance").engine


def test_chapters_and_needs_reach_the_suite() -> None:
    cell = read().cells()[0]
    strict = ("--conformance-strict", "--allow-fixed")
    found = options("cell", "--chapter", "strict", "--needs", "plans", *strict)
    command = suite_command(cell, found, Path("x.json"))
    assert "--chapter=STRICT" in command
    assert "--needs=plans" in command
    assert command[-3:] == ["conformance/suite", *strict]


def test_paths_are_those_of_the_folder_in_which_nox_was_called(tmp_path: Path) -> None:
    (tmp_path / "x.whl").touch()
    found = absolute(["--engine=x.whl", "none.whl", "-k", "a/b"], str(tmp_path))
    assert found == [f"--engine={tmp_path / 'x.whl'}", "none.whl", "-k", "a/b"]


def test_the_options_of_a_tool_are_those_of_its_command() -> None:
    from tasks.fuzz.__main__ import main as fuzz
    from tasks.model.__main__ import main as model
    from tasks.mutants.__main__ import main as mutants
    from tasks.mutation.__main__ import main as mutation
    from tasks.outputs.__main__ import main as outputs
    from tasks.releases.__main__ import main as releases

    commands: dict[str, Command] = {
        **mutation.commands,
        "fuzz": fuzz.commands["run"],
        "model": model.commands["run"],
        "mutants": mutants.commands["run"],
        "outputs": outputs,
        "releases": releases,
    }
    for session, (flags, valued) in TOOLS.items():
        known = {name for one in commands[session].params for name in one.opts if name[0] == "-"}
        own = {"--engine"} if session == "fuzz" else set()
        assert {*flags, *valued} - own == known - {"--readers"}, session


def test_every_session_with_options_has_a_parser() -> None:
    for session, (parser, _) in PARSERS.items():
        assert parser(session).format_help().startswith(f"usage: nox -s {session} --")


def test_cells_are_registered_where_they_are_asked_for() -> None:
    assert asks_for_cells(["-s", "cell", "-t", "gate"])
    assert asks_for_cells(["-s", "cluster(x)"])
    assert asks_for_cells(["-s", "candidate-3.12"])
    assert not asks_for_cells(["-l"])
    assert not asks_for_cells(["-s", "conformance", "--", "cell"])


def clusters(*given: str) -> list[str]:
    return [cell.name for cell in cluster_cells(options("clusters", *given))]


def test_clusters_are_those_of_the_tag_or_the_named_one() -> None:
    tagged = [cell.name for cell in read().cells(CLUSTERS)]
    assert clusters() == tagged
    assert clusters("--cell", tagged[-1], "--dask", "tcp://x:1") == tagged[-1:]


def test_a_running_cluster_is_judged_on_the_newest_engine_and_this_python() -> None:
    (name,) = clusters("--ray", "10.0.0.5:6379")
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert name.startswith(f"{read().engines[-1]}-py{here}-")
    assert name.endswith("-ray")
    assert len(clusters("--ray", "a", "--dask", "b")) == 2


@pytest.mark.parametrize(
    ("log", "text"),
    [
        (
            "ERROR: usage: pytest [options]\npytest: error: unrecognized arguments: --engin\n"
            "  inifile: x",
            "pytest: error: unrecognized arguments: --engin",
        ),
        ("\nno tests ran in 1s\nERROR: file or directory not found: x\n", "file or directory not "),
        ("!!! _pytest.outcomes.Exit: --subject x: no such !!!", "--subject x: no such"),
        ("something else", "something else"),
    ],
)
def test_a_refusal_has_the_words_of_pytest(log: str, text: str) -> None:
    assert refusal(log).startswith(text)
    assert "\n" not in refusal(log)
