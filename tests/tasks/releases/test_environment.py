"""A throw-away environment installs, runs, and leaves nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tasks.releases.environment import environment
from tasks.releases.index import Index, NotAskedError, UnresolvedError
from tests.tasks.releases.small import SmallIndex


def test_it_installs_runs_and_is_removed(published: SmallIndex, tmp_path: Path) -> None:
    published.add("ray", "2.1.0")
    log = tmp_path / "log"
    with environment(sys.executable, Index()) as made:
        made.install("ray==2.1.0")
        code = "import sys, importlib.metadata as m; print(m.version('ray')); sys.exit(7)"
        assert made.run("-c", code, log=log) == 7
        assert log.read_text(encoding="utf-8").split() == ["2.1.0"]
        assert Path(made.python).is_file()
    assert not made.folder.exists()


@pytest.mark.usefixtures("published")
def test_what_cannot_be_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with environment(sys.executable, Index()) as made:
        with pytest.raises(UnresolvedError, match=r"ray==9"):
            made.install("ray==9")
        monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
        with pytest.raises(NotAskedError, match="Failed to fetch"):
            made.install("ray")


def test_an_interpreter_that_is_not_there_is_no_environment(tmp_path: Path) -> None:
    with (
        pytest.raises(UnresolvedError, match="no environment with"),
        environment(str(tmp_path / "python"), Index()),
    ):
        pass
