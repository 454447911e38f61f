"""Fixtures of the tests of ``nox -s releases``: an index in a folder, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.matrix import Matrix, read
from tests.tasks.releases.small import TABLE, SmallIndex


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallIndex:
    """An index that holds what the small table has, and the only one that uv knows."""
    index = SmallIndex(tmp_path / "index")
    for name in ("UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    return index


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The file of the small version table."""
    path = tmp_path / "versions.toml"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.fixture
def matrix(table: Path) -> Matrix:
    """The small version table."""
    return read(table)
