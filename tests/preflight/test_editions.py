"""The editions of modules."""

from __future__ import annotations

from importlib import metadata

import pytest

from conformance.preflight import editions


def test_a_package_that_no_list_names_has_the_version_of_its_namesake(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a pyarrow of today on Python 3.10."""
    monkeypatch.setattr(metadata, "packages_distributions", dict)
    found = editions.editions(["click.core", "tests.preflight.test_editions"])
    assert found["click.core"]["version"] == metadata.version("click")
    assert found["tests.preflight.test_editions"]["version"] == ""
