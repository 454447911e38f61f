"""The progress of a run: what it writes, and what a reader gets at any moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.runner.progress import CaseFailure, Progress, ProgressReader, ProgressWriter
from tests.runner.runs import Suite


def test_what_is_written_is_read(tmp_path: Path) -> None:
    reader = ProgressReader(tmp_path / "x")
    assert reader.update() == Progress()
    writer = ProgressWriter(tmp_path / "x")
    writer.expect(3)
    writer.begin("STRICT")
    writer.count()
    assert reader.update() == Progress(total=3, done=1, chapter="STRICT")
    writer.fail("STRICT-01", "strict/x[a]", "it ran\nmore")
    writer.begin("SLOT")
    failure = CaseFailure("STRICT-01", "strict/x[a]", "it ran")
    assert reader.update() == Progress(3, 1, "SLOT", failures=[failure])
    writer.count()
    writer.end()
    assert reader.update() == Progress(3, 2, "SLOT", ended=True, failures=[failure])


def test_cases_are_counted_now_and_then(tmp_path: Path) -> None:
    """The file does not grow with the number of cases."""
    now = 1.0
    writer = ProgressWriter(tmp_path / "x", lambda: now)
    for _ in range(1000):
        writer.count()
        now += 0.001
    assert len((tmp_path / "x").read_text().splitlines()) == 2


def test_half_a_line_is_left_for_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text('{"total": 9}\n{"done": 1')
    reader = ProgressReader(path)
    assert reader.update() == Progress(total=9)
    with path.open("a") as stream:
        stream.write('2}\n{"chapter"')
    assert reader.update() == Progress(total=9, done=12)


def test_a_full_disk_does_not_end_the_run() -> None:
    writer = ProgressWriter(Path("/dev/full"))
    writer.expect(3)
    writer.end()


CASES = """
@clause("FRAME-01")
def test_a(subject): assert_equal(1, 2)

@clause("STRICT-01")
@pytest.mark.parametrize("n", range(5))
def test_b(subject, n): pass
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_a_run_writes_its_progress(suite: Suite, workers: list[str]) -> None:
    suite.cases(CASES)
    path = suite.folder / "x.progress"
    suite.run(f"--conformance-progress={path}", *workers)
    found = ProgressReader(path).update()
    assert (found.total, found.done, found.ended) == (6, 6, True)
    assert found.chapter in ("FRAME", "STRICT")
    (failure,) = found.failures
    assert (failure.clause, failure.case) == ("FRAME-01", "chapter/a")
    assert failure.message


def test_a_run_writes_no_progress_unasked(suite: Suite) -> None:
    suite.cases(CASES)
    suite.run()
    assert list(suite.folder.glob("*progress*")) == []


def test_a_file_that_cannot_be_written(suite: Suite) -> None:
    suite.cases(CASES)
    (suite.folder / "file").touch()
    result = suite.run("--conformance-progress=file/x")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--conformance-progress file/x: *"])
