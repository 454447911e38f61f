"""Find the browser, and axe-core from npm; say how to get what is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
AXE = "axe-core@4.14.1"
TIMEOUT = 300.0
"""How long npm may take, in seconds."""


class BrowserError(RuntimeError):
    """The browser or axe-core is missing; the text says what to do."""


def find_browser(given: str | None = None) -> str:
    """Return the path of the browser: the given one, or the first of ``NAMES`` on PATH."""
    for name in [given] if given else NAMES:
        if found := shutil.which(name):
            return found
    raise BrowserError(
        f"no browser: expected {given or ', '.join(NAMES)} on PATH, found none. Install one, such "
        "as `apt-get install chromium` on Debian or `brew install --cask chromium` on macOS, or "
        "give its path: nox -s browser -- --browser PATH"
    )


def read_axe(folder: Path) -> str:
    """Return the source of axe-core, installed into ``folder`` unless this version is there."""
    source = folder / "node_modules" / "axe-core" / "axe.min.js"
    stamp = folder / "installed.txt"
    if not (source.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == AXE):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n', encoding="utf-8")
        _npm("install", "--no-audit", "--no-fund", "--ignore-scripts", AXE, folder=folder)
        stamp.write_text(AXE, encoding="utf-8")
    return source.read_text(encoding="utf-8")


def _npm(*arguments: str, folder: Path) -> None:
    program = shutil.which("npm")
    if not program:
        raise BrowserError(
            "npm: not found on PATH. axe-core comes from npm: install Node.js 18 or later, which "
            "brings npm along"
        )
    try:
        done = subprocess.run(
            [program, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise BrowserError(f"npm: no end after {TIMEOUT:.0f} seconds") from None
    if done.returncode:
        output = (done.stderr or done.stdout).strip()
        raise BrowserError(f"npm {arguments[0]}: exit code {done.returncode}: {output}")
