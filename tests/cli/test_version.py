"""The option --version."""

from __future__ import annotations

import json
from importlib.metadata import version
from platform import python_version

import pytest
from click.testing import CliRunner

from conformance import __version__
from conformance.cli import main
from conformance.cli import version as module
from conformance.golden.store import digest
from conformance.util import packages


def test_the_versions_of_what_is_installed() -> None:
    lines = CliRunner().invoke(main, ["--version"]).output.splitlines()
    assert lines == [
        f"dfpy-conformance {__version__}",
        *(f"{name} {version(name)}" for name in ("datafusion", "cloudpickle", "pyarrow")),
        f"python {python_version()}",
        f"goldens {digest()}",
    ]


@pytest.mark.parametrize("options", [("--version", "--json"), ("--json", "--version")])
def test_the_versions_as_json(options: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, options)
    assert result.exit_code == 0
    assert json.loads(result.output) == module.versions()


def test_what_is_absent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "ENGINE", ("no-such-package",))
    monkeypatch.setenv("CONFORMANCE_GOLDEN", "/nowhere")
    found = module.versions()
    assert found["no-such-package"] == "not installed"
    assert found["goldens"] == "cannot be read"


def test_json_alone_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["--json", "clauses"])
    assert result.exit_code == 2
    assert "expected --version with it" in result.output
