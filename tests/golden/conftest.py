from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance.golden.store import Store
from tests.golden.samples import full


@pytest.fixture(scope="package")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return full(tmp_path_factory.mktemp("golden")).folder


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Store:
    """A store that the test may damage."""
    shutil.copytree(template, tmp_path / "golden")
    return Store(tmp_path / "golden")
