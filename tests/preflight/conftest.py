"""Nodes of tests: another environment of this machine, with modules of its own."""

from __future__ import annotations

import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Environment:
    """An interpreter, and the folder of what is installed for it."""

    python: str
    packages: Path

    def write(self, name: str, text: str) -> Path:
        """Write a module into the environment; return its file."""
        path = self.packages / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        return path

    def link_engine(self) -> None:
        """Let the environment use the packages of the interpreter that runs the tests."""
        (self.packages / "engine.pth").write_text(sysconfig.get_paths()["purelib"])


@pytest.fixture
def other(tmp_path: Path) -> Environment:
    """An environment of the same Python, without any package."""
    folder = tmp_path / "other"
    venv.create(folder, symlinks=True)
    minor = "{}.{}".format(*sys.version_info)
    return Environment(
        str(folder / "bin" / "python"), folder / "lib" / f"python{minor}" / "site-packages"
    )
