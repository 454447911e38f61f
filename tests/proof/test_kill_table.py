"""Every fault is noticed by a case of each clause that it breaks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT


@pytest.mark.timeout(280)
def test_every_fault_is_noticed(tmp_path: Path) -> None:
    output = tmp_path / "kills.json"
    run = subprocess.run(
        [sys.executable, "-m", "conformance.proof", "faults", "--json", str(output)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(output.read_text()) if output.exists() else run.stderr
    assert [
        one for one in found["faults"] if one["survived"] or one["others"] or one["wrong"]
    ] == []
