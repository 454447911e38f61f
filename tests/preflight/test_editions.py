"""The editions of modules."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from conformance.preflight import editions


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The path and the distributions are as before once a test ends."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    caches = (editions._distribution, editions._distributions, editions._lists_of_files)
    for one in caches:
        one.cache_clear()
    yield
    sys.modules.pop("shared", None)
    for one in caches:
        one.cache_clear()


def test_a_package_that_no_list_names_has_the_version_of_its_namesake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a pyarrow of today on Python 3.10."""
    monkeypatch.setattr(metadata, "packages_distributions", dict)
    found = editions.editions(["click.core", "tests.preflight.test_editions"])
    assert found["click.core"]["version"] == metadata.version("click")
    assert found["tests.preflight.test_editions"]["version"] == ""


def test_distributions_that_share_a_package(tmp_path: Path) -> None:
    """The list of files shows whose a module is; ``three`` has none."""
    site = tmp_path / "site-packages"
    (site / "shared").mkdir(parents=True)
    for name, version in (("one", "1.0"), ("two", "2.0"), ("three", "3.0")):
        (site / "shared" / f"of_{name}.py").touch()
        folder = site / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
        (folder / "top_level.txt").write_text("shared\n")
        if name != "three":
            (folder / "RECORD").write_text(f"shared/of_{name}.py,sha256=x,1\n")
    local = tmp_path / "local" / "shared"
    local.mkdir(parents=True)
    (local / "of_me.py").touch()
    names = [f"shared.of_{name}" for name in ("one", "two", "three", "me")]
    found = editions.editions_along(names, [str(site), str(local.parent)])
    assert {name: (one["distribution"], one["version"]) for name, one in found.items()} == {
        "shared.of_one": ("one", "1.0"),
        "shared.of_two": ("two", "2.0"),
        "shared.of_three": ("one, three, two", "1.0, 3.0, 2.0"),
        "shared.of_me": ("", ""),
    }
