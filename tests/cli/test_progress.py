"""Progress: bars on a terminal, a line every 30 seconds elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from conformance.cli import progress as module
from conformance.cli.progress import LINE_SECONDS, progress


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def test_what_takes_little_prints_nothing_in_a_log(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress(few=3) as done:
        for _ in range(3):
            clock.now += 9
            done("few")
    assert capsys.readouterr() == ("", "")


def test_a_log_gets_a_line_every_30_seconds(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress(few=3, many=200) as done:
        for _ in range(7):
            clock.now += 10
            done("many", 10, note="none red")
        clock.now += LINE_SECONDS
        done("few")
    assert capsys.readouterr().err.splitlines() == [
        "many: 30 of 200, about 3 min left; none red",
        "many: 60 of 200, about 2 min left; none red",
        "few: 1 of 3, about 3 min left",
    ]


def test_a_terminal_gets_a_bar_with_the_time_left() -> None:
    script = (
        "import time\nfrom conformance.cli.progress import progress\n"
        "with progress(things=4) as done:\n"
        "    for _ in range(3): time.sleep(0.15); done('things', note='a note')\n"
        "    time.sleep(0.3)\n"
    )
    parent, child = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", script], stderr=child, env={**os.environ, "COLUMNS": "120"}
    ) as process:
        os.close(child)
        written = b""
        try:
            while part := os.read(parent, 65536):
                written += part
        except OSError:  # the end of the process, on Linux
            pass
        finally:
            os.close(parent)
    assert process.returncode == 0
    assert b"things" in written
    assert b"3/4" in written
    assert re.search(rb"\d:\d\d:\d\d", written)
    assert b"a note" in written
