"""`can-talk` does not judge pre-releases, other builds of Python, engines that do not import."""

from __future__ import annotations

import json
import platform
import sys
import sysconfig
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.interop import peer
from conformance.interop.answer import answer
from conformance.interop.grid import Grid, PairResult, Reading
from conformance.interop.importing import import_error
from conformance.interop.peer_spec import PeerSpecError, parse_peer
from conformance.interop.rules import MODES, rule

SAME = "datafusion==55.0.0,cloudpickle==3.1.3,python==3.12"


def can_talk(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["can-talk", *options])
    return result.exit_code, result.output


def with_engine(version: str) -> str:
    return SAME.replace("55.0.0", version)


@pytest.mark.parametrize("form", ["inline", "by-name", "chain"])
@pytest.mark.parametrize("version", ["54.0.0rc1", "54.0.0.dev0", "55.0.0+mine"])
@pytest.mark.parametrize("side", ["sender", "receiver"])
def test_a_pre_release_of_the_engine(form: str, version: str, side: str) -> None:
    other = {"sender": "receiver", "receiver": "sender"}[side]
    ends = [f"--{side}", with_engine(version), f"--{other}", SAME]
    code, text = can_talk(*ends, "--form", form)
    assert code == 18, text
    assert text.startswith("Not judged: ")
    assert f"this suite has not judged datafusion {version}, only 54.0.0, 54.1.0, 55.0.0." in text


def test_a_pre_release_in_a_list_of_requirements(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(with_engine("54.0.0.dev0").replace(",", "\n"))
    code, text = can_talk("--sender", SAME, "--receiver-from", str(file))
    assert (code, "has not judged datafusion 54.0.0.dev0" in text) == (18, True), text


def test_inspect_does_not_judge_a_pre_release() -> None:
    column = b"\x0a\x03\x0a\x01a"
    command = ["inspect", "--receiver", with_engine("54.0.0rc1"), "-"]
    result = CliRunner().invoke(main, command, input=column)
    assert result.exit_code == 18
    assert "has not judged datafusion 54.0.0rc1" in result.output


def test_an_engine_before_the_first_with_frames_gets_a_no() -> None:
    code, text = can_talk("--sender", with_engine("53.0.0rc1"), "--receiver", SAME)
    assert (code, "datafusion 53.0.0rc1 has no frames" in text) == (1, True), text


@pytest.mark.parametrize("version", ["25.0.1+mine", "25.0.1rc1"])
def test_other_builds_of_pyarrow(version: str) -> None:
    code, text = can_talk("--sender", f"{SAME},pyarrow=={version}", "--receiver", SAME)
    assert (code, f"has not judged pyarrow {version}" in text) == (18, True), text


@pytest.mark.parametrize(
    ("python", "says"),
    [
        ("3.12.0a1", "only releases of Python are judged"),
        ("3.12.0rc3", "only releases of Python are judged"),
        ("3.14.0+freethreaded", "only releases of Python are judged"),
        ("3.12.1.dev0", "only releases of Python are judged"),
        ("3.12.0.post1", "only releases of Python are judged"),
        ("3.14.0+", "only releases of Python are judged"),
        ("3.14.0b1t", "free-threaded Python is not judged"),
        ("3.14.0+t", "free-threaded Python is not judged"),
    ],
)
def test_pythons_that_are_no_releases(python: str, says: str) -> None:
    other = SAME.replace("3.12", python)
    for ends in (("--sender", other, "--receiver", SAME), ("--sender", SAME, "--receiver", other)):
        code, text = can_talk(*ends)
        assert (code, says in text) == (18, True), text


def test_a_free_threaded_python_is_not_judged_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", {"Py_GIL_DISABLED": 1}.get)
    with pytest.raises(PeerSpecError, match=r"python==3\.\d+\.\d+t': free-threaded Python"):
        parse_peer("here")


@pytest.mark.parametrize("python", ["3.12.0rc1", "3.12.1+freethreaded"])
def test_what_such_a_python_measured_says_nothing_of_a_release(python: str) -> None:
    seen = {"engine": "55.0.0", "cloudpickle": "3.1.3", "python": python, "pyarrow": "25.0.1"}
    mode = MODES[0]
    result = PairResult.of(rule(seen, seen, mode), seen, [Reading("case", "works")])
    made = Grid("test", {"a": seen}, {}, {("a", "a", mode): result})
    asked = parse_peer(SAME)
    assert answer([("mine", made)], asked, asked, mode).measured == 0
    released = {**seen, "python": "3.12.1"}
    made = Grid("test", {"a": released}, {}, {("a", "a", mode): result})
    assert answer([("mine", made)], asked, asked, mode).measured == 1


def test_a_peer_without_the_gil_says_so_in_its_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "CASES", {})
    assert peer.write()[0]["python"] == platform.python_version()
    monkeypatch.setattr(sysconfig, "get_config_var", {"Py_GIL_DISABLED": 1}.get)
    assert peer.write()[0]["python"] == f"{platform.python_version()}+freethreaded"


def test_what_is_not_covered_is_an_answer() -> None:
    """It is on standard output, and in JSON where that is asked for."""
    ends = ("--sender", SAME, "--receiver", SAME.replace("3.12", "2.7"), "--form", "by-name")
    found = CliRunner().invoke(main, ["can-talk", *ends])
    why = (
        "'datafusion==55.0.0,cloudpickle==3.1.3,python==2.7': Python 2.7 is not covered; covered "
        "are 3.10, 3.11, 3.12, 3.13, 3.14, 3.15"
    )
    assert (found.exit_code, found.stderr, found.stdout) == (18, "", f"Not judged: {why}.\n")
    found = CliRunner().invoke(main, ["can-talk", *ends, "--json"])
    assert (found.exit_code, found.stderr) == (18, "")
    assert json.loads(found.stdout) == {
        "talks": "not judged",
        "sentence": f"Not judged: {why}.",
        "form": "by name",
        "layer": "expression",
        "reason": why,
        "remedy": "",
        "needs": "",
        "clause": "",
        "failing": [],
        "measured": 0,
        "grid": "",
    }


@pytest.mark.parametrize("version", ["3.1.3.0", "3.1.3.0.0", "03.01.3"])
def test_a_version_that_is_written_in_another_way(version: str) -> None:
    written = SAME.replace("3.1.3", version)
    code, text = can_talk("--sender", SAME, "--receiver", written)
    assert (code, "(measured in " in text) == (0, True), text


@pytest.mark.parametrize(
    ("module", "source", "says"),
    [
        ("datafusion", "raise ImportError('numpy is too old')", "ImportError: numpy is too old"),
        ("datafusion", "import os; os.abort()", "exit code -6"),
        ("cloudpickle", "import none_such", "ModuleNotFoundError: No module named 'none_such'"),
    ],
)
def test_an_engine_that_cannot_be_imported_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, source: str, says: str
) -> None:
    (tmp_path / f"{module}.py").write_text(source)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    for ends in (
        ("--sender", "here", "--receiver", SAME),
        ("--sender", SAME, "--receiver", "here"),
    ):
        code, text = can_talk(*ends)
        assert (code, text.startswith("Not judged: here: datafusion")) == (18, True), text
        assert text.endswith(f"but cannot be imported: {says}.\n")
    result = CliRunner().invoke(main, ["inspect", "--receiver", "here", "-"], input=b"\x0a")
    assert (result.exit_code, says in result.output) == (18, True), result.output


def test_the_engine_of_these_tests_can_be_imported() -> None:
    assert import_error() == ""
