"""The command says what is missing; the compiler itself runs in ``nox -s kaitai``."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tasks.kaitai.__main__ import main
from tasks.kaitai.compiler import PACKAGES, KaitaiError, compile_description, install


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def test_without_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = CliRunner().invoke(main, ["--folder", str(tmp_path / "compiler")])
    assert result.exit_code == 2
    assert result.output.startswith("kaitai: npm: not found on PATH. ")
    assert "install Node.js" in result.output
    assert result.output.count("\n") == 1


def test_what_is_installed_is_not_installed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "npm", f'echo "$@" >> {tmp_path}/calls')
    for _ in range(2):
        install(tmp_path / "compiler")
    (call,) = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert call.startswith("install ")
    assert call.endswith(" ".join(PACKAGES))
    (tmp_path / "compiler" / "installed.txt").write_text("older@1.0.0", encoding="utf-8")
    install(tmp_path / "compiler")
    assert len((tmp_path / "calls").read_text(encoding="utf-8").splitlines()) == 2


def test_an_npm_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "npm", "echo no network >&2; exit 3")
    for _ in range(2):  # a failed installation is not taken for one
        with pytest.raises(KaitaiError, match="npm install: exit code 3: no network"):
            install(tmp_path / "compiler")


def test_a_description_that_does_not_compile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "node", "echo frame.ksy: unknown type >&2; exit 1")
    with pytest.raises(KaitaiError, match=r"frame\.ksy: unknown type"):
        compile_description(tmp_path / "frame.ksy", tmp_path)


def test_a_store_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiler is not asked for: a stand-in writes the module."""
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "npm", "exit 0")
    text = "class Frame:\n    from_bytes = bytes\n"
    program(tmp_path, "node", f"printf '{text}' > {tmp_path}/compiler/frame.py")
    result = CliRunner().invoke(
        main, ["--store", str(tmp_path / "none"), "--folder", str(tmp_path / "compiler")]
    )
    assert result.exit_code == 2
    assert "the golden store has no manifest" in result.output
