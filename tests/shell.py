"""Paste a printed command into a shell, as a person does, in another folder."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from conformance.util.shell import VARIABLES


def paste(output: str, folder: Path, word: str = "reproduce") -> subprocess.CompletedProcess[str]:
    """Run the first line of ``output`` that begins with ``word``; the shell is in ``folder``.

    The shell has none of the variables of the run that printed the line.
    """
    found = re.search(rf"^{word} +(\(cd .*\))$", output, re.MULTILINE)
    assert found, output
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return subprocess.run(
        ["sh", "-c", found[1]],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )
