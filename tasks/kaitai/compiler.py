"""Compile a description of Kaitai Struct to Python, with the compiler from npm."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PACKAGES = ("kaitai-struct-compiler@0.11.0", "js-yaml@4.3.2")
"""The compiler and the reader of YAML that it needs, from npm."""

TIMEOUT = 300.0
"""How long npm and the compiler may take, in seconds."""


class KaitaiError(RuntimeError):
    """The compiler cannot be installed or run; the text says what to do."""


def install(folder: Path) -> None:
    """Install the compiler into ``folder``, unless this version is there."""
    stamp = folder / "installed.txt"
    wanted = " ".join(PACKAGES)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
    _run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES, folder=folder)
    stamp.write_text(wanted, encoding="utf-8")


def compile_description(description: Path, folder: Path) -> Callable[[bytes], Any]:
    """Compile ``description`` in ``folder``; return the reader of the bytes it describes."""
    script = Path(__file__).with_name("compile.js")
    _run("node", str(script), str(description), str(folder), folder=folder)
    name = description.stem
    spec = importlib.util.spec_from_file_location(f"kaitai_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    read: Callable[[bytes], Any] = getattr(module, name.capitalize()).from_bytes
    return read


def _run(program: str, *arguments: str, folder: Path) -> None:
    command: Sequence[str] = (shutil.which(program) or "", *arguments)
    if not command[0]:
        raise KaitaiError(
            f"{program}: not found on PATH. The compiler of Kaitai Struct comes from npm: install "
            "Node.js 18 or later, which brings npm along"
        )
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise KaitaiError(f"{program}: no end after {TIMEOUT:.0f} seconds") from None
    if done.returncode:
        output = (done.stderr or done.stdout).strip()
        raise KaitaiError(f"{program} {arguments[0]}: exit code {done.returncode}: {output}")
