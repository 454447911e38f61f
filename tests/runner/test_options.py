"""Errors that end a run before any case, each with one line and its own exit code."""

from __future__ import annotations

import pytest

from conformance.subjects import SUBJECT
from conformance.util import packages
from conformance.util.exit_codes import ExitCode
from tests.runner.runs import Suite, says

ABSENT = ("datafusion", "cloudpickle")
USAGE = pytest.ExitCode.USAGE_ERROR
each_way = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])


@pytest.fixture
def traced(suite: Suite) -> Suite:
    """A suite with one case, which leaves a trace when it runs."""
    suite.cases('@clause("FRAME-01")\ndef test_a(subject): open("ran", "w").close()')
    return suite


def refused(suite: Suite, result: pytest.RunResult, code: int, *says: str) -> None:
    """The run ended with ``code`` and these words before any case ran."""
    outcome = result.stdout.str() + result.stderr.str()
    assert result.ret == code, outcome
    for text in says:
        assert text in outcome
    assert "INTERNALERROR" not in outcome
    for stream in (result.stdout, result.stderr):
        assert stream.str().count("Traceback") <= 1
    assert not (suite.folder / "ran").exists()
    assert not suite.report_file.exists()


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ("fake", "--subject fake: expected MODULE:FACTORY"),
        ("nowhere:Fake", "--subject nowhere:Fake: ModuleNotFoundError: No module named 'nowhere'"),
        ("fake:Missing", "module 'fake' has no attribute 'Missing'"),
        ("fake:broken", "--subject fake:broken: RuntimeError: no subject today"),
        ("fake:Unversioned", "--subject fake:Unversioned: versions(): engine: Invalid version"),
    ],
)
def test_subject_that_cannot_be_had(traced: Suite, subject: str, says: str) -> None:
    refused(traced, traced.run(subject=subject), USAGE, says)


def test_subject_that_cannot_be_had_with_xdist(traced: Suite) -> None:
    refused(traced, traced.run("-n", "2", subject="fake:broken"), USAGE, "no subject today")


def test_a_report_over_a_list_of_divergences(traced: Suite) -> None:
    """The run would remove the list before it writes the report."""
    known = traced.folder / "known.toml"
    known.write_text("", encoding="utf-8")
    (traced.folder / "link.json").symlink_to(known)
    result = traced.run("--divergences=known.toml", "--conformance-report=link.json")
    refused(traced, result, USAGE, "--conformance-report link.json: the output is an input")
    assert known.exists()


LACKING = """
from fake import Fake
from tests.subjects.complete import complete
from conformance.subjects import Subject
from conformance.subjects.loading import PARTS

class Lacking(Fake):
    evaluate = None
    chain = complete(PARTS["chain"])(type("Chain", (), {"ids": None}))()

class Stubs(Subject):
    name = "stubs"
    bases = {}
"""


@each_way
def test_subject_that_lacks_methods(traced: Suite, workers: list[str]) -> None:
    """All are listed once, with their purpose, before any case runs."""
    traced.pytester.makepyfile(mine=LACKING)
    result = traced.run(*workers, subject="mine:Lacking")
    said = [
        "mine:Lacking lacks 2 methods of conformance.subjects.interface:",
        "evaluate: Return the values of ``expr`` over ``batches``, each of which is one partition.",
        "chain.ids (needed unless chain is None): Return the ids of the installed codecs, in",
    ]
    refused(traced, result, ExitCode.METHODS_MISSING, *said)
    outcome = result.stdout.str() + result.stderr.str()
    assert [outcome.count(text) for text in said] == [1, 1, 1]


def test_the_stubs_of_the_interface_are_no_methods(traced: Suite) -> None:
    traced.pytester.makepyfile(mine=LACKING)
    result = traced.run(subject="mine:Stubs")
    refused(traced, result, ExitCode.METHODS_MISSING, "to_bytes: Encode the expression,")
    assert "\n  name: " not in result.stdout.str()


@each_way
def test_engine_that_is_not_installed(
    traced: Suite, workers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence with the line that installs it, and nothing else."""
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name in ABSENT else name)
    result = traced.run(*workers, subject=SUBJECT)
    refused(traced, result, ExitCode.NOT_INSTALLED)
    assert result.stdout.str() == ""
    (line,) = result.stderr.str().splitlines()
    assert line == (
        "Exit: The suite needs the packages datafusion, cloudpickle: "
        "python -m pip install datafusion cloudpickle"
    )


def test_another_subject_needs_no_engine(traced: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name in ABSENT else name)
    assert traced.run().ret == ExitCode.OK


@each_way
def test_subject_without_frames(traced: Suite, workers: list[str]) -> None:
    result = traced.run(*workers, subject="fake:nothing")
    refused(traced, result, ExitCode.NO_FRAMES, "fake 1.0 has no frames.")
    assert "Traceback" not in result.stdout.str()


@each_way
def test_wrong_cell(traced: Suite, workers: list[str]) -> None:
    result = traced.run(*workers, "--cell", "cloudpickle=3.1,engine=54.0.0")
    refused(
        traced, result, ExitCode.WRONG_CELL, "The cell requires engine 54.0.0; installed is 55.0.0."
    )


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("engine=5", "requires engine 5; installed is 55.0.0."),
        ("pyarrow=25.0.1", "requires pyarrow 25.0.1; installed is none."),
        ("python=2.7", "requires python 2.7; installed is 3."),
    ],
)
def test_wrong_cells(traced: Suite, cell: str, says: str) -> None:
    refused(traced, traced.run("--cell", cell), ExitCode.WRONG_CELL, says)


@pytest.mark.parametrize("cell", ["engine", "engine=", "=5"])
def test_cells_without_a_name_or_a_version(traced: Suite, cell: str) -> None:
    says = f"--cell: expected NAME=VERSION, such as engine=55.0.0, found {cell!r}"
    refused(traced, traced.run("--cell", cell), pytest.ExitCode.USAGE_ERROR, says)


@pytest.mark.parametrize(
    ("mark", "says"),
    [
        ('clause("FRAME-99")', "test_x: unknown clause 'FRAME-99'"),
        ("clause()", "test_x: unknown clause ''"),
        ('clause("FRAME-01")\n@pytest.mark.skip', "test_x: a case must not be marked with skip"),
        (
            'clause("FRAME-01")\n@pytest.mark.xfail(reason="?")',
            "test_x: a case must not be marked with xfail",
        ),
        ('clause("FRAME-01")\n@pytest.mark.needs("plan")', "test_x: unknown capability 'plan'"),
        ('clause("FRAME-01")\n@pytest.mark.needs()', "test_x: unknown capability ''"),
    ],
)
def test_case_that_cannot_be_judged(traced: Suite, mark: str, says: str) -> None:
    traced.cases(f"@{mark}\ndef test_x(subject): pass", "test_other")
    refused(traced, traced.run(), USAGE, says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "known.toml: No such file"),
        ("[[divergence]]\n", "known.toml: divergence 1: the field 'id' is missing"),
        ("nonsense", "known.toml: Expected"),
    ],
)
def test_divergences_that_cannot_be_read(traced: Suite, text: str | None, says: str) -> None:
    path = traced.folder / "known.toml"
    if text is not None:
        path.write_text(text)
    refused(traced, traced.run("--divergences", str(path)), USAGE, says)


def test_collecting_alone_opens_nothing(traced: Suite) -> None:
    result = traced.run("--collect-only", subject="fake:broken")
    assert result.ret == pytest.ExitCode.OK
    says(result, "1 test collected")
