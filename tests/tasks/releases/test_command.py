"""``python -m tasks.releases``: options, exit codes, files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.matrix import Matrix
from conformance.util.exit_codes import ExitCode
from tasks.releases import __main__ as command
from tasks.releases import pythons
from tasks.releases.index import NotAskedError
from tasks.releases.judge import Judged
from tests.tasks.releases.small import SmallIndex


@pytest.fixture(autouse=True)
def _folder() -> Iterator[None]:
    """Come back to this folder: the command works in that of the checkout."""
    before = os.getcwd()
    yield
    os.chdir(before)


@pytest.fixture(autouse=True)
def _no_newer_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pythons, "newer", lambda _: [])


def releases(table: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command.main, ["--table", str(table), *arguments])


@pytest.mark.usefixtures("published")
def test_nothing_newer_is_0(table: Path) -> None:
    run = releases(table)
    assert run.exit_code == ExitCode.OK, run.output
    assert "Nothing is newer than the version table, of datafusion, cloudpickle, " in run.stdout


def test_a_list_judges_nothing(published: SmallIndex, table: Path) -> None:
    published.add("ray", "2.1.0")
    run = releases(table, "--list")
    assert run.exit_code == ExitCode.UNJUDGED
    assert 'package = "ray==2.1.0"' in run.stdout


def test_only_what_is_named_is_asked(published: SmallIndex, table: Path) -> None:
    published.add("ray", "2.1.0")
    assert releases(table, "--only", "joblib", "--only", "geo").exit_code == ExitCode.OK


def test_an_index_without_an_answer_is_20(published: SmallIndex, table: Path) -> None:
    published.remove("ray")
    run = releases(table)
    assert run.exit_code == ExitCode.INDEX_NOT_ASKED
    assert "Not known whether a newer ray is there: ray 2.0.0 of the version table" in run.stdout
    assert "of datafusion, cloudpickle, pyarrow, geo, joblib, python." in run.stdout


def test_a_uv_that_lists_no_pythons_is_20(
    published: SmallIndex, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert published.folder.is_dir()

    def newer(_: object) -> list[str]:
        raise NotAskedError("uv lists no Pythons")

    monkeypatch.setattr(pythons, "newer", newer)
    run = releases(table)
    assert run.exit_code == ExitCode.INDEX_NOT_ASKED
    assert "Not known whether a newer python is there: uv lists no Pythons." in run.stdout


def test_pre_releases_alone(published: SmallIndex, table: Path) -> None:
    published.add("datafusion", "56.0.0rc1")
    published.add("ray", "2.1.0")
    assert releases(table, "--only", "datafusion").exit_code == ExitCode.OK
    run = releases(table, "--pre", "--list")
    assert "datafusion 56.0.0rc1, newer than 55.0.0" in run.stdout
    assert "ray" not in run.stdout


def test_the_answer_goes_into_files(published: SmallIndex, table: Path, tmp_path: Path) -> None:
    published.add("ray", "2.1.0")
    files = [tmp_path / "answer.json", tmp_path / "issue.md"]
    releases(table, "--list", "--json", str(files[0]), "--markdown", str(files[1]))
    document = json.loads(files[0].read_text(encoding="utf-8"))
    assert document["title"] == "Newer than the version table: ray 2.1.0 (not judged)"
    assert "## ray 2.1.0: not judged" in files[1].read_text(encoding="utf-8")


def test_an_index_that_is_lost_while_it_judges_is_20(
    published: SmallIndex, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.add("ray", "2.1.0")

    def judge(*_: object) -> Judged:
        raise NotAskedError("connection reset")

    monkeypatch.setattr(command, "judge", judge)
    run = releases(table)
    assert run.exit_code == ExitCode.INDEX_NOT_ASKED
    assert "not judged: connection reset" in run.stdout


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("--only numpy", "--only numpy: expected one of datafusion, cloudpickle, pyarrow"),
        ("--pre --only ray", "--pre asks for the engine alone"),
        ("--pretend ray", "--pretend ray: expected PACKAGE==VERSION"),
        ("--pretend numpy==3", "--pretend numpy==3: expected PACKAGE==VERSION"),
        ("--only ray --pretend joblib==3", "--pretend joblib==3: expected PACKAGE==VERSION"),
    ],
)
def test_a_wrong_option_is_one_clear_error(arguments: str, text: str, table: Path) -> None:
    run = releases(table, *arguments.split())
    assert run.exit_code == ExitCode.USAGE
    assert text in run.output


def test_help_teaches(matrix: Matrix) -> None:
    assert matrix.engines
    text = CliRunner().invoke(command.main, ["--help"]).output
    for one in ("nox -s releases -- --only", "19  something is newer", "20  the index was not"):
        assert one in text
