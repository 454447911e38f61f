"""Runs of the suite on programs behind stdin and stdout."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.report.file import read_report
from conformance.util.exit_codes import ExitCode
from tests.subjects.external import fake

FAKE = f"{sys.executable} {fake.__file__}"
WRAPS = ("--chapter", "PROGRAM", "-k", "test_wraps and short")


def _run(folder: Path, how: str, *options: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    report = folder / "report.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "conformance", "run", "-q", "-p", "no:hypothesispytest"),
            *("--subject-command", f"{FAKE} {how}", "--conformance-report", str(report)),
            *options,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PYTHONPATH": str(Path(fake.__file__).parents[3]), "PATH": ""},
    )
    return done, report


@pytest.mark.parametrize(
    ("how", "outcome", "kind", "texts"),
    [
        (
            *("crashes", "crash", "crash"),
            ["the program died of SIGABRT (request 1 since its start, ", "out of cheese"],
        ),
        ("hangs", "hang", "hang", ["no reply within 10 s; killed: nothing came", "(request 1"]),
        ("nonsense", "fail", "protocol", ["expected a JSON object a line, got 'hello?"]),
        ("cannot", "fail", "unexpected-error", ["the program replied with an error: not today"]),
    ],
)
def test_each_way_to_fail_has_its_outcome(
    tmp_path: Path, how: str, outcome: str, kind: str, texts: Sequence[str]
) -> None:
    """The line to reproduce it names the command; another one pipes the request into it."""
    done, path = _run(tmp_path, how, *WRAPS)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    report = read_report(path)
    assert report.subject == "fake"
    (case,) = report.cases
    assert (case.case, case.outcome, case.kind) == ("program/wraps[short]", outcome, kind)
    assert all(text in done.stdout for text in texts)
    assert f"--subject-command={FAKE} {how}" in done.stdout.replace("'", "")
    (request,) = (line for line in done.stdout.splitlines() if line.startswith("request  "))
    assert '"op": "hello"' in request
    assert '"op": "wrap", "codec_id": "a"' in request
    assert request.endswith(f"| {FAKE} {how})")


def test_the_request_of_a_failure_can_be_pasted(tmp_path: Path) -> None:
    done, _ = _run(tmp_path, "no-bytes", *WRAPS)
    (line,) = (one for one in done.stdout.splitlines() if one.startswith("request  "))
    pasted = subprocess.run(
        line.removeprefix("request"), shell=True, capture_output=True, text=True, check=True
    )
    assert [json.loads(reply)["id"] for reply in pasted.stdout.splitlines()] == [0, 1]


def test_a_failed_vector_is_shown(tmp_path: Path) -> None:
    """Both cases of a vector get one decision, and each has the request for it."""
    options = ("--chapter", "FRAME", "-k", "FRAME-07-wrong-version-2-scalar-strict")
    done, _ = _run(tmp_path, "good", *options)
    assert "done       The wire version is 2; 1 is the only supported one." in done.stdout
    assert "session    strict, Python 3.12; codecs: none; registered: none" in done.stdout
    assert "failure    wrong-version-2/scalar/strict: accepted (no-error)" in done.stdout
    assert "\nbytes " not in done.stdout
    verbose, _ = _run(tmp_path, "good", *options, "-v", "-v")
    assert any("  02  " in line and "wire version" in line for line in verbose.stdout.splitlines())


def test_all_failures_of_one_vector_have_its_request(tmp_path: Path) -> None:
    options = ("--chapter", "FRAME", "-k", "demand and wrong-version-2-scalar-strict", "-v")
    done, _ = _run(tmp_path, "good", *options)
    requests = [one for one in done.stdout.splitlines() if one.startswith("request  ")]
    assert len(requests) > 2
    assert len({*requests}) == 1


def test_the_kind_is_apart_from_the_text(tmp_path: Path) -> None:
    done, _ = _run(
        tmp_path, "refuses", "--chapter", "FRAME", "-k", "FRAME-07-wrong-version-2-scalar-strict"
    )
    assert 'expected   kind "Execution"' in done.stdout
    assert 'seen       kind "ExecutionError", message: no' in done.stdout


def test_a_failure_about_a_long_codec_id_has_short_lines(tmp_path: Path) -> None:
    """The id has 70,000 characters: the case says which one it is, and nothing repeats it."""
    done, path = _run(tmp_path, "no-bytes", "--chapter", "PROGRAM", "-k", "test_wraps")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "FAILED program/wraps[of-three-bytes] - PROGRAM-08: the of-three-bytes" in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 1_200
    assert max(len(case.message) for case in read_report(path).cases) < 300


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("ends-with-3", "the program ended with exit code 3 after its stdin was closed; expected"),
        ("lingers", "the program did not end within 5 s after its stdin was closed"),
        ("late-words", ""),
    ],
)
def test_a_program_ends_with_its_stdin(tmp_path: Path, how: str, text: str) -> None:
    """It may still write; another end is no verdict on a clause."""
    done, path = _run(tmp_path, how, "--chapter", "PROGRAM", "-k", "accepts and lambda")
    assert done.returncode == ExitCode.PARTIAL
    assert {one.outcome for one in read_report(path).cases} == {"pass"}
    (line,) = [one for one in done.stdout.splitlines() if "PROTOCOL:" in one] or [""]
    assert text in line
    assert bool(line) is bool(text)


@pytest.mark.parametrize(
    ("how", "profile", "text"),
    [
        ("offers-nothing", "wire", "no case applies to the operations that the program offers"),
        ("good", "engine-api", "a program has no API of the engine"),
    ],
)
def test_nothing_was_judged(tmp_path: Path, how: str, profile: str, text: str) -> None:
    done, _ = _run(tmp_path, how, "--profile", profile)
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert f"NOTHING WAS JUDGED: {text}" in done.stdout


def test_a_program_that_must_offer_more(tmp_path: Path) -> None:
    done, _ = _run(tmp_path, "few", "--needs", "decide")
    assert done.returncode == ExitCode.WRONG_CELL
    assert "The program must offer decide, and does not." in done.stdout + done.stderr


def test_a_wrong_reply_is_no_warning(tmp_path: Path) -> None:
    """A SHOULD clause that was not judged is not a SHOULD that does not hold."""
    done, path = _run(tmp_path, "nonsense", "--chapter", "PLAN", "-k", "PLAN-32")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert {(case.outcome, case.kind) for case in read_report(path).cases} == {("fail", "protocol")}


def test_a_handshake_that_fails_ends_the_run(tmp_path: Path) -> None:
    done, report = _run(tmp_path, "dies-at-hello")
    assert done.returncode == ExitCode.NO_HANDSHAKE
    text = "The program did not answer the handshake: the program died of SIGABRT"
    assert text in done.stdout + done.stderr
    assert not report.exists()


def test_an_unknown_program_is_a_usage_error(tmp_path: Path) -> None:
    done, _ = _run(tmp_path, "good", "--subject-command", "./nothing")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--subject-command ./nothing: expected a program, found no file /" in done.stderr


def test_only_clauses_with_vectors_are_judged(tmp_path: Path) -> None:
    _, report = _run(tmp_path, "few", "--profile", "wire", "--chapter", "PROGRAM")
    read = read_report(report)
    assert read.profile == "wire"
    assert read.complete
    assert {case.case.partition("/")[0] for case in read.cases} == {"program"}
    assert {case.clause for case in read.cases} == {"PROGRAM-08", "PROGRAM-09"}
    assert len(read.not_applicable) == 7


def test_the_divergences_of_the_engines_do_not_excuse_a_program(tmp_path: Path) -> None:
    """It has the engine's name, and accepts bytes that every released engine accepts wrongly."""
    case = "negative/demand[PAYLOAD-27-long-tuple-scalar]"
    done, path = _run(tmp_path, "datafusion", "--chapter", "PAYLOAD", "-k", case.split("[")[1][:-1])
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    report = read_report(path)
    assert [(outcome.case, outcome.outcome) for outcome in report.cases] == [(case, "fail")]
    assert "snippet" not in done.stdout


def test_cases_in_python_do_not_apply(tmp_path: Path) -> None:
    done, _ = _run(tmp_path, "few", "--chapter", "TOGGLE")
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
