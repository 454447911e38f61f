from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from conformance.matrix import CLUSTERS, read

ROOT = Path(__file__).parents[3]
NOXFILE = runpy.run_path(str(ROOT / "noxfile.py"))


def nox(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NOX")}
    return subprocess.run(
        [sys.executable, "-m", "nox", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_main_job_is_what_nox_runs_by_itself() -> None:
    selected = [line for line in nox("--list").stdout.splitlines() if line.startswith("*")]
    assert [line.split()[1] for line in selected] == ["conformance"]


def test_each_session_says_what_it_does_in_one_sentence() -> None:
    listed = [line for line in nox("--list").stdout.splitlines() if line[:2] in ("- ", "* ")]
    assert len(listed) > 100
    assert [line for line in listed if " -> " not in line or not line.endswith(".")] == []


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        ("none.whl", "--engine none.whl: there is no such file"),
        ("pandas", "--engine pandas: a requirement of pandas, not datafusion"),
    ],
)
def test_a_wrong_candidate_is_one_clear_error(tmp_path: Path, candidate: str, said: str) -> None:
    run = nox("--envdir", str(tmp_path), "-s", "conformance", "--", "--engine", candidate)
    assert run.returncode == 1
    assert said in run.stdout
    assert "Traceback" not in run.stdout


def test_a_candidate_that_is_not_named_is_one_clear_error(tmp_path: Path) -> None:
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    run = nox("--envdir", str(tmp_path), "-s", f"candidate-{running}")
    assert run.returncode == 1
    assert "Traceback" not in run.stdout
    assert "Say which engine" in run.stdout


def test_a_wheel_for_another_python_skips_the_session(tmp_path: Path) -> None:
    running = sys.version_info.minor
    other = 11 if running == 10 else 10
    wheel = tmp_path / f"datafusion-56.0.0-cp3{other}-cp3{other}-any.whl"
    wheel.touch()
    run = nox(
        *("--envdir", str(tmp_path), "-s", f"candidate-3.{running}", "--", "--engine", str(wheel))
    )
    assert run.returncode == 0, run.stdout
    assert f"the wheel does not fit Python 3.{running}" in run.stdout


def test_two_wheels_are_one_clear_error(tmp_path: Path) -> None:
    wheels = [tmp_path / f"datafusion-56.0.0-cp3{minor}-cp3{minor}-any.whl" for minor in (10, 11)]
    for wheel in wheels:
        wheel.touch()
    run = nox(
        *("--envdir", str(tmp_path), "-s", "conformance", "--", "--engine", *map(str, wheels))
    )
    assert run.returncode == 1
    assert f"--engine takes one wheel; the shell made 2 of {tmp_path}/*.whl: " in run.stdout
    assert "Traceback" not in run.stdout


def test_help_has_examples_and_says_what_goes_to_pytest(tmp_path: Path) -> None:
    run = nox("--envdir", str(tmp_path), "-s", "conformance", "--", "--help")
    assert run.returncode == 0
    for said in ("examples:", "goes to pytest", "what else to install"):
        assert said in run.stdout


def test_sizes_that_are_no_numbers_are_one_clear_error(tmp_path: Path) -> None:
    run = nox("--envdir", str(tmp_path), "-s", "bench", "--", "--peers", "3,many")
    assert run.returncode == 1
    assert "--peers 3,many: must be numbers, as in 3,6,12" in run.stdout
    assert "Traceback" not in run.stdout


def test_a_subject_alone_goes_with_one_engine() -> None:
    given = ["--subject", "mine:Mine", "-k", "strict"]
    session = SimpleNamespace(invoked_from=str(ROOT), posargs=given)
    options = NOXFILE["_options"](session)
    cells = NOXFILE["_candidates"](session, options)
    assert [cell.python for cell in cells] == [python.version for python in read().pythons]
    assert {cell.engine for cell in cells} == {f"datafusion<={read().engines[-1]}"}
    assert options.rest == ["-k", "strict"]
    assert not NOXFILE["_options"](SimpleNamespace(invoked_from=str(ROOT), posargs=[])).engine


@pytest.mark.parametrize(
    ("log", "said"),
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
def test_a_refusal_is_told_in_the_words_of_pytest(log: str, said: str) -> None:
    assert NOXFILE["_refusal"](log).startswith(said)
    assert "\n" not in NOXFILE["_refusal"](log)


def clusters(*given: str) -> list[str]:
    """The cells that `nox -s clusters` would judge."""

    def error(said: str) -> None:
        raise SystemExit(said)

    session = SimpleNamespace(invoked_from=str(ROOT), posargs=list(given), error=error)
    options = NOXFILE["_options"](session)
    return [cell.name for cell in NOXFILE["_clusters"](session, options)]


def test_clusters_are_those_of_the_tag_or_the_one_that_is_named() -> None:
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
    ("given", "said"),
    [(["--cell", "x"], "--cell x: there is none such"), (["--engine", "x"], "released engines")],
)
def test_a_cluster_cell_that_there_is_not(given: list[str], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        clusters(*given)


@pytest.mark.parametrize("given", [["--engine", "x"], ["--subject", "a:B"], ["--with", "x"]])
def test_a_cluster_runs_the_cells_of_released_engines(tmp_path: Path, given: list[str]) -> None:
    run = nox("--envdir", str(tmp_path), "-s", "conformance", "--", "--ray", "local", *given)
    assert run.returncode == 1
    assert "--ray spreads the cells of released engines" in run.stdout
    assert "Traceback" not in run.stdout


def test_help_tells_both_meanings_of_a_cluster_s_address() -> None:
    said = " ".join(nox("-s", "conformance", "--", "--help").stdout.split())
    for meaning in ("on which its chapter is judged", "a cluster whose nodes run the cells"):
        assert meaning in said
