from __future__ import annotations

import pytest

import conformance.runner.plugin  # noqa: F401 - pytester drops what a run imports; once is enough
from tests.runner.runs import Suite


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    # Under CI pytest prints a failure twice, the second time in its summary.
    monkeypatch.delenv("CI", raising=False)
    return Suite(pytester, monkeypatch)
