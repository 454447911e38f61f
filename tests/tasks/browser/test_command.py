"""The command says what is missing; the checks themselves run in ``nox -s browser``."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tasks.browser.__main__ import main
from tasks.browser.chromium import AXE, NAMES, BrowserError, find_browser, read_axe
from tasks.browser.faults import FAULTS, Fault
from tasks.browser.samples import everyday, large


def program(folder: Path, name: str, text: str = "") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, with nothing in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.usefixtures("path")
def test_without_a_browser_the_command_says_how_to_get_one() -> None:
    result = CliRunner().invoke(main)
    assert result.exit_code == 2
    assert result.output.startswith("browser: no browser: expected chromium, ")
    assert "apt-get install chromium" in result.output
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_browser_on_path(path: Path, name: str) -> None:
    there = program(path, name)
    assert find_browser() == str(there)
    assert find_browser(str(there)) == str(there)
    with pytest.raises(BrowserError, match="expected /nowhere/chrome on PATH, found none"):
        find_browser("/nowhere/chrome")


def test_without_npm(path: Path, tmp_path: Path) -> None:
    program(path, "chromium")
    result = CliRunner().invoke(main, ["--folder", str(tmp_path / "axe")])
    assert result.exit_code == 2
    assert "install Node.js" in result.output
    assert result.output.count("\n") == 1


def test_axe_is_installed_once(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "axe"
    package = folder / "node_modules" / "axe-core"
    program(path, "npm", f'echo "$@" >> {tmp_path}/calls')
    package.mkdir(parents=True)
    (package / "axe.min.js").write_text("axe", encoding="utf-8")
    assert [read_axe(folder), read_axe(folder)] == ["axe", "axe"]
    (call,) = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert call.endswith(AXE)


def test_an_npm_that_fails(path: Path, tmp_path: Path) -> None:
    program(path, "npm", "echo no network >&2; exit 3")
    for _ in range(2):  # a failed installation is not taken for one
        with pytest.raises(BrowserError, match="npm install: exit code 3: no network"):
            read_axe(tmp_path / "axe")


@pytest.fixture(scope="module")
def page() -> str:
    return everyday()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.old[:30])
def test_every_fault_has_its_place_in_the_page(page: str, fault: Fault) -> None:
    assert fault.put_into(page) != page


def test_a_fault_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place for this fault"):
        Fault("search", "x", "y").put_into("z")


def test_the_large_page_has_its_cases() -> None:
    assert large(10_000).count("some-parameter-") >= 10_000 - 1
