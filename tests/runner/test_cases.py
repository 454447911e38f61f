"""Outcomes of cases: passed, failed, hung and crashed, and the report of each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.spec import CLAUSES
from conformance.spec.clauses import COSTS
from conformance.util.exit_codes import ExitCode
from tests.conftest import alive, gone, pid_in
from tests.runner.runs import OPTIONS, Suite, says
from tests.shell import paste


def test_pass_and_fail(suite: Suite) -> None:
    suite.cases(
        """

@clause("FRAME-01")
def test_holds(subject):
    assert subject.name == "fake"

@clause("FRAME-02")
@pytest.mark.parametrize("family", ["scalar", "aggregate"])
def test_breaks(subject, family):
    '''A case with a purpose.'''
    print("printed by the case")
    if family == "scalar":
        assert_equal(b"DFPYUDX", b"DFPYUDF", "the magic")

@clause("FRAME-03")
def test_raises(subject):
    raise LookupError("no such thing")

def test_that_is_no_case():
    pass
"""
    )
    result = suite.run("--cell", "engine=55.0,cloudpickle=3.1.2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    says(
        result,
        "subject fake:Fake",
        f"clause     FRAME-02 (MUST, since 54.0.0): {CLAUSES['FRAME-02'].title}",
        "requires   *",
        "case       chapter/breaks[[]scalar]",
        "done       A case with a purpose.",
        "failure    the magic: not the expected value (wrong-value)",
        "expected   b'DFPYUDF'",
        "seen       b'DFPYUDX'",
        f"severity   {CLAUSES['FRAME-02'].severity}: {COSTS[CLAUSES['FRAME-02'].severity]}",
        "cell       engine 55.0.0, cloudpickle 3.1.2, python *, platform *",
        "in test_breaks",
        "reproduce  (cd * && * -m pytest * --subject=fake:Fake '*::test_breaks[[]scalar]')",
        "printed by the case",
        "failure    unexpected LookupError: no such thing (unexpected-error)",
        "fake: engine 55.0.0, cloudpickle 3.1.2",
        "clauses: 1 pass, 2 fail, *",
        "FAILED chapter/breaks[[]scalar] - FRAME-02: the magic: not the expected value",
        "FAILED chapter/raises - FRAME-03: unexpected LookupError: no such thing",
    )
    assert "isolation.py" not in result.stdout.str()
    assert suite.verdicts() == {"FRAME-01": "pass", "FRAME-02": "fail", "FRAME-03": "fail"}
    report = suite.report
    assert (report.subject, report.planned, report.complete, report.missing_outcomes) == (
        "fake",
        4,
        True,
        0,
    )
    assert report.cell["cloudpickle"] == "3.1.2"
    assert {case.case: case.message for case in report.cases if case.message} == {
        "chapter/breaks[scalar]": "the magic: not the expected value",
        "chapter/raises": "unexpected LookupError: no such thing",
    }
    assert [case.kind for case in report.cases if case.kind] == ["wrong-value", "unexpected-error"]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_the_line_of_a_failure_works_in_another_folder(
    suite: Suite, tmp_path: Path, workers: list[str]
) -> None:
    """The cases are in a folder below the configuration, and named as a module of the suite."""
    suite.cases('@clause("FRAME-01")\ndef test_a(subject): raise ValueError("here")', "test_frame")
    suite.pytester.makeini("[pytest]")
    suite.pytester.mkdir("below")
    for name in ("fake.py", "test_frame.py"):
        (suite.folder / name).rename(suite.folder / "below" / name)
    os.chdir("below")
    run = suite.run(*workers)
    assert run.ret == ExitCode.FAILED
    pasted = paste(run.stdout.str(), tmp_path)
    assert pasted.returncode == ExitCode.FAILED, pasted.stdout
    assert "failure    unexpected ValueError: here" in pasted.stdout


def test_the_line_of_a_strict_run_is_strict(suite: Suite, tmp_path: Path) -> None:
    should = next(clause.id for clause in CLAUSES.values() if clause.level == "SHOULD")
    suite.cases(f'@clause("{should}")\ndef test_a(subject): raise ValueError("here")')
    pasted = paste(suite.run("--conformance-strict").stdout.str(), tmp_path)
    assert pasted.returncode == ExitCode.FAILED, pasted.stdout
    assert f"clause     {should} (SHOULD" in pasted.stdout


DYING = """
import ctypes, faulthandler, os, re, subprocess, sys, time
from pathlib import Path

@clause("FRAME-01")
def test_before(subject):
    print("nobody asks for this")

@clause("FRAME-02")
@pytest.mark.deadline(2)
def test_sleeps(subject):
    print("going to sleep")
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path("grandchild").write_text(str(grandchild.pid))
    Path("child").write_text(str(os.getpid()))
    time.sleep(60)

@clause("FRAME-03")
@pytest.mark.cpu_deadline(1)
def test_holds_the_gil(subject):
    re.match(r"(a+)+$", "a" * 40 + "b")

@clause("FRAME-04")
def test_aborts(subject):
    os.abort()

@clause("FRAME-05")
def test_leaves(subject):
    print("last words")
    os._exit(3)

@clause("FRAME-06")
def test_segfaults(subject):
    faulthandler._sigsegv()

@clause("FRAME-07")
def test_exits(subject):
    raise SystemExit("enough")

@clause("FRAME-08")
def test_interrupts(subject):
    raise KeyboardInterrupt

@clause("FRAME-09")
def test_after(subject):
    assert subject.pid == os.getpid()
"""
OUTCOMES = {
    "chapter/before": "pass",
    "chapter/sleeps": "hang",
    "chapter/holds_the_gil": "hang",
    "chapter/aborts": "crash",
    "chapter/leaves": "crash",
    "chapter/segfaults": "crash",
    "chapter/exits": "fail",
    "chapter/interrupts": "fail",
    "chapter/after": "pass",
}


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_whatever_a_case_does_costs_that_case(suite: Suite, workers: list[str]) -> None:
    suite.cases(DYING)
    result = suite.run(*workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert suite.outcomes() == OUTCOMES
    assert suite.report.complete
    assert suite.verdicts() == {
        f"FRAME-0{number}": "pass" if outcome == "pass" else "fail"
        for number, outcome in enumerate(OUTCOMES.values(), 1)
    }
    messages = {case.case: case.message for case in suite.report.cases}
    assert messages["chapter/sleeps"] == "no answer within 2 s; killed with its process group"
    assert messages["chapter/holds_the_gil"].startswith("no answer within 1 s of processor time;")
    assert messages["chapter/aborts"] == "the process died of SIGABRT"
    assert messages["chapter/leaves"] == "the process ended with exit code 3"
    assert messages["chapter/segfaults"] == "the process died of SIGSEGV"
    assert messages["chapter/exits"] == "SystemExit: enough"
    assert messages["chapter/interrupts"].startswith("KeyboardInterrupt")
    lines = result.stdout.str()
    for text in ("going to sleep", "last words"):
        assert lines.count(f"  {text}") == 1
    assert "nobody asks for this" not in lines
    for name in ("sleeps", "holds_the_gil", "aborts", "segfaults"):
        assert f"in test_{name}" in lines
    for who in ("child", "grandchild"):
        assert gone(pid_in(suite.folder / who))


def test_a_subject_that_does_not_come_back(suite: Suite) -> None:
    """Every remaining case is reported, and the report is written."""
    suite.cases(
        """
import os
@clause("FRAME-01")
@pytest.mark.parametrize("n", range(4))
def test_x(subject, n):
    if n == 0:
        os._exit(1)
"""
    )
    says(suite.run(subject="fake:late"), "4 failed")
    assert list(suite.outcomes().values()) == ["crash", "fail", "fail", "fail"]
    assert "FileExistsError" in suite.report.cases[-1].message


@pytest.mark.parametrize("how", ["sleep", "gil"])
def test_a_killed_pytest_leaves_no_child(suite: Suite, how: str) -> None:
    suite.cases(
        f"""
import os, re, time
from pathlib import Path
@clause("FRAME-01")
def test_x(subject):
    Path("pid").write_text(str(os.getpid()))
    time.sleep(60) if {how == "sleep"} else re.match(r"(a+)+$", "a" * 40 + "b")
"""
    )
    command = [sys.executable, "-m", "pytest", *OPTIONS, "--subject", "fake:Fake"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=suite.folder) as run:
        pid = pid_in(suite.folder / "pid")
        assert alive(pid)
        run.send_signal(signal.SIGKILL)
    assert gone(pid)


def test_an_interrupted_pytest_leaves_no_child_and_a_report(suite: Suite) -> None:
    suite.cases(
        """
import os, time
from pathlib import Path
@clause("FRAME-01")
def test_a(subject): pass
@clause("FRAME-02")
@pytest.mark.deadline(200)
def test_b(subject):
    Path("pid").write_text(str(os.getpid()))
    time.sleep(60)
"""
    )
    command = [sys.executable, "-m", "pytest", *OPTIONS, "--subject", "fake:Fake"]
    command += ["--conformance-report", str(suite.report_file), "-v"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=suite.folder) as run:
        assert run.stdout
        # The line ends when the next case starts. The child runs ahead of the report.
        assert any("test_a PASSED" in line for line in run.stdout)
        pid = pid_in(suite.folder / "pid")
        run.send_signal(signal.SIGINT)
        run.stdout.read()
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert gone(pid)
    assert (suite.outcomes(), suite.report.complete) == ({"chapter/a": "pass"}, False)
    assert suite.verdicts() == {}


def test_a_case_that_leaves_a_process_behind(suite: Suite) -> None:
    """It fails with the command of what it left, which is ended; the next case does not suffer."""
    suite.cases(
        """
import os, subprocess, sys
from pathlib import Path
SLEEP = "import time; time.sleep(60)"

@clause("FRAME-01")
def test_child(subject):
    Path("child").write_text(str(subprocess.Popen([sys.executable, "-c", SLEEP]).pid))

@clause("FRAME-02")
def test_orphan(subject):
    start = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEP!r}],"
    start += " start_new_session=True, stdout=-3, stderr=-3).pid)"
    done = subprocess.run([sys.executable, "-c", start], capture_output=True, check=True)
    Path("orphan").write_text(done.stdout.decode())

@clause("FRAME-03")
def test_ended(subject):
    subprocess.Popen([sys.executable, "-c", ""])
"""
    )
    result = suite.run()
    assert suite.verdicts() == {"FRAME-01": "fail", "FRAME-02": "fail", "FRAME-03": "pass"}
    says(result, "failure    the case left processes behind", "seen       process *: *sleep(60)")
    assert gone(pid_in(suite.folder / "child"))
    assert gone(pid_in(suite.folder / "orphan"))


def test_xdist_reports_the_same(suite: Suite) -> None:
    suite.cases(
        """
@pytest.mark.parametrize("n", range(20))
@clause("FRAME-01")
def test_many(subject, n):
    assert n != 7
@clause("STRICT-04")
def test_one(subject): pass
def test_that_is_no_case(): pass
"""
    )
    reports = []
    for workers in ([], ["-n", "2"]):
        assert suite.run(*workers).ret == pytest.ExitCode.TESTS_FAILED
        document = suite.document
        document["cases"] = sorted(
            (case | {"seconds": 0} for case in document["cases"]), key=lambda case: case["case"]
        )
        # pytester runs the second one in another process, with another PYTHONPATH.
        assert [*document.pop("commands")] == ["chapter/many[7]"]
        reports.append(document)
    assert reports[0] == reports[1]
    assert (reports[0]["planned"], reports[0]["complete"]) == (21, True)


def test_an_xdist_worker_that_dies(suite: Suite) -> None:
    """A fixture, which runs outside of the child, kills a worker: one case, which is reported."""
    suite.pytester.makeconftest(
        """
import os, pytest
@pytest.fixture
def deadly(n):
    if n == 2:
        os._exit(1)
"""
    )
    suite.cases(
        """
@pytest.mark.parametrize("n", range(4))
@clause("FRAME-01")
def test_x(subject, n, deadly): pass
"""
    )
    result = suite.run("-n", "2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    outcomes = {f"chapter/x[{n}]": "crash" if n == 2 else "pass" for n in range(4)}
    assert suite.outcomes() == outcomes
    assert suite.verdicts() == {"FRAME-01": "fail"}


def test_a_fixture_that_fails_is_a_failure_of_its_case(suite: Suite) -> None:
    suite.cases(
        """
@pytest.fixture
def broken():
    raise LookupError("no such fixture data")
@pytest.fixture
def late():
    yield
    raise LookupError("cannot tidy up")
@clause("FRAME-01")
def test_a(subject, broken): pass
@clause("FRAME-02")
def test_b(subject): pass
@clause("FRAME-04")
def test_d(subject, late): pass
"""
    )
    assert suite.run().ret == pytest.ExitCode.TESTS_FAILED
    assert suite.outcomes() == {"chapter/a": "fail", "chapter/b": "pass", "chapter/d": "fail"}
    assert suite.verdicts() == {"FRAME-01": "fail", "FRAME-02": "pass", "FRAME-04": "fail"}


def test_a_skip_is_not_green(suite: Suite) -> None:
    suite.cases(
        """
@pytest.fixture
def skips():
    pytest.skip("not today")
@clause("FRAME-01")
def test_a(subject): pass
@clause("FRAME-02")
def test_b(subject, skips): pass
"""
    )
    result = suite.run()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    says(result, "INCOMPLETE: 1 of 2 planned cases have no outcome")
    assert not suite.report.complete
    assert suite.verdicts() == {}


def test_an_empty_collection_is_not_green(suite: Suite) -> None:
    suite.cases("")
    assert suite.run().ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert not suite.report.complete
    assert suite.verdicts() == {}


def test_an_older_engine_is_not_asked_for_newer_promises(suite: Suite) -> None:
    suite.cases('@clause("FRAME-01")\ndef test_a(subject): assert False')
    source = "from fake import Fake\nclass Old(Fake):\n    name = 'datafusion'\n"
    source += '    def versions(self):\n        return {"engine": "53.0.0"}\n'
    suite.pytester.makepyfile(older=source)
    assert suite.run(subject="older:Old").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert set(suite.verdicts().values()) == {"not applicable"}
    assert not suite.report.complete


def test_fixtures_reach_the_case(suite: Suite) -> None:
    suite.cases(
        """
@pytest.fixture
def seven():
    return 7
@clause("FRAME-01")
@pytest.mark.parametrize("n", [3])
def test_a(subject, seven, n):
    assert seven + n == 10
"""
    )
    assert suite.run().ret == pytest.ExitCode.OK


def test_durations_are_reported(suite: Suite) -> None:
    suite.cases('import time\n@clause("FRAME-01")\ndef test_a(subject): time.sleep(0.2)')
    began = time.monotonic()
    suite.run()
    assert 0.2 <= suite.report.cases[0].seconds < time.monotonic() - began


def test_the_case_may_start_processes_that_open_the_subject(suite: Suite) -> None:
    suite.cases(
        """
import os
@clause("FRAME-01")
def test_a(subject): assert os.environ["CONFORMANCE_SUBJECT"] == "fake:Fake"
"""
    )
    assert suite.run().ret == pytest.ExitCode.OK
    assert "CONFORMANCE_SUBJECT" not in os.environ


@pytest.mark.parametrize("mark", ['not_applicable("nothing to read here")', 'needs("plans")'])
@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_case_that_nothing_could_show_is_not_applicable(
    suite: Suite, options: tuple[str, ...], mark: str
) -> None:
    """It counts neither as passed nor as missing; a clause with another case is judged by that."""
    suite.cases(
        f"""
nothing = pytest.mark.{mark}
@nothing
@clause("FRAME-01")
def test_a(subject): raise AssertionError("must not run")
@pytest.mark.parametrize("n", [1, pytest.param(2, marks=nothing)])
@clause("FRAME-02")
def test_b(subject, n): assert n == 1
"""
    )
    assert suite.run(*options).ret == pytest.ExitCode.OK
    assert suite.outcomes() == {"chapter/b[1]": "pass"}
    assert suite.report.complete
    verdicts = {verdict.clause: verdict.verdict for verdict in suite.report.verdicts()}
    assert verdicts["FRAME-01"] == "not applicable"
    assert verdicts["FRAME-02"] == "pass"
