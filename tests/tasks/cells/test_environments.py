"""Each cloudpickle of the writers is installed once, into a folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tasks.cells import environments


class Session:
    """Installs what it is asked for, as nox would with ``--target``."""

    def __init__(self, *, installs: bool = True) -> None:
        self.installs = installs
        self.requirements: list[str] = []

    def install(self, no_deps: str, target: str, requirement: str) -> None:
        assert no_deps == "--no-deps"
        self.requirements.append(requirement)
        if requirement.endswith("==9.9.9"):
            raise RuntimeError(requirement)
        if self.installs:
            (Path(target.removeprefix("--target=")) / "cloudpickle").mkdir(parents=True)


def install(session: Any, *versions: str) -> None:
    environments.install_cloudpickles(session, versions)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "cloudpickles"
    monkeypatch.setattr(environments, "CLOUDPICKLES", place)
    return place


def test_what_is_there_is_not_installed_again(folder: Path) -> None:
    first, second = Session(), Session()
    install(first, "1.0.0")
    install(second, "1.0.0", "2.0.0")
    assert first.requirements == ["cloudpickle==1.0.0"]
    assert second.requirements == ["cloudpickle==2.0.0"]
    assert sorted(path.name for path in folder.iterdir()) == ["1.0.0", "2.0.0"]
    assert [path.name for path in folder.glob("*/*")] == ["cloudpickle"] * 2


def test_a_failed_installation_leaves_nothing(folder: Path) -> None:
    with pytest.raises(RuntimeError, match=r"==9\.9\.9"):
        install(Session(), "1.0.0", "9.9.9")
    assert [path.name for path in folder.iterdir()] == ["1.0.0"]


def test_no_install(folder: Path) -> None:
    """With this option nox installs nothing: the next run without it does."""
    install(Session(installs=False), "1.0.0")
    assert list(folder.iterdir()) == []
