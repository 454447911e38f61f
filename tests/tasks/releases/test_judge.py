"""A release is judged on the newest installed Python that can install it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.matrix import Cell, Matrix
from conformance.report.file import write_report
from tasks.releases import judge as judging
from tasks.releases.environment import Environment
from tasks.releases.index import Index, NotAskedError, UnresolvedError
from tasks.releases.judge import Judged, judge
from tasks.releases.newer import Newer, find
from tests.report.reports import report
from tests.tasks.releases.small import SmallIndex

HERE = {"3.12": "python3.12", "3.13": "python3.13"}


class Stub(Environment):
    """An environment that installs nothing, and in which the suite leaves a report."""

    unresolved: tuple[str, ...] = ()
    """The Pythons on which nothing can be installed."""
    leaves_report = True
    log = "."

    def install_cell(self, cell: Cell) -> None:
        if cell.python in self.unresolved:
            raise UnresolvedError("no wheels")

    def run(self, *arguments: str, log: Path) -> int:
        log.write_text(self.log, encoding="utf-8")
        if "tasks.goldens.writer" in arguments:
            return 1
        if self.leaves_report:
            write_report(report(), self.folder / "report.json")
        return 0


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Stub]:
    """The class of the environments that are made."""

    class Made(Stub):
        pass

    @contextmanager
    def environment(python: str, index: Index) -> Iterator[Environment]:
        folder = tmp_path / python
        folder.mkdir(exist_ok=True)
        yield Made(folder, index)

    monkeypatch.setattr(judging, "environment", environment)
    monkeypatch.setattr(judging, "WATCH_SECONDS", 0.01)
    return Made


@pytest.fixture
def newer(published: SmallIndex, matrix: Matrix) -> Newer:
    """A joblib that the table lacks: its bytes are not compared."""
    published.add("joblib", "1.7.0")
    (one,) = find("joblib", matrix, Index())
    return one


def judged(newer: Newer, interpreters: dict[str, str] = HERE) -> Judged:
    return judge(newer, Index(), interpreters, lambda _: None)


@pytest.mark.usefixtures("stub")
def test_it_is_judged_on_the_newest_python(newer: Newer) -> None:
    one = judged(newer)
    assert one.cell is not None
    assert (one.cell.python, one.passed_over, one.failed) == ("3.13", (), False)


@pytest.mark.usefixtures("stub")
def test_a_python_that_is_not_installed_is_passed_over(newer: Newer) -> None:
    one = judged(newer, {"3.12": "python3.12"})
    assert one.cell is not None
    assert one.cell.python == "3.12"
    assert one.passed_over == ("Python 3.13 is not installed",)


def test_a_python_without_wheels_is_passed_over(newer: Newer, stub: type[Stub]) -> None:
    stub.unresolved = ("3.13",)
    one = judged(newer)
    assert one.cell is not None
    assert one.cell.python == "3.12"
    assert one.passed_over == ("Python 3.13: no wheels",)


def test_an_interpreter_that_makes_no_environment_is_passed_over(
    newer: Newer, tmp_path: Path
) -> None:
    nowhere = str(tmp_path / "nowhere")
    assert "Python 3.13: no environment with" in judged(newer, dict.fromkeys(HERE, nowhere)).why


def test_without_any_python_it_is_not_judged(newer: Newer, stub: type[Stub]) -> None:
    assert judged(newer, {}).why == "Python 3.13 is not installed; Python 3.12 is not installed"
    stub.unresolved = ("3.12", "3.13")
    assert judged(newer).why == "Python 3.13: no wheels; Python 3.12: no wheels"


def test_an_index_that_stops_answering_is_no_verdict(newer: Newer, stub: type[Stub]) -> None:
    def install_cell(self: Stub, cell: Cell) -> None:
        raise NotAskedError(f"{self.folder.name} {cell.name}")

    stub.install_cell = install_cell  # type: ignore[method-assign]
    with pytest.raises(NotAskedError):
        judged(newer)


def test_a_suite_that_leaves_no_report_is_no_verdict(newer: Newer, stub: type[Stub]) -> None:
    stub.leaves_report = False
    stub.log = "!!! _pytest.outcomes.Exit: wrong cell !!!"
    one = judged(newer)
    assert one.report is None
    assert not one.failed
    assert "before it made a report: wrong cell" in one.why


def test_bytes_that_cannot_be_written_are_not_compared_and_say_why(
    published: SmallIndex, matrix: Matrix, stub: type[Stub]
) -> None:
    stub.log = "first line\nTypeError: no such attribute"
    published.add("cloudpickle", "3.2.0")
    (newer,) = find("cloudpickle", matrix, Index())
    one = judged(newer)
    assert one.report is not None
    assert one.differences is None
    assert one.uncompared.endswith(": TypeError: no such attribute")
