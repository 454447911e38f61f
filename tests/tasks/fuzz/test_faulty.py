"""A run notices readers that do not survive: it names the fault, and makes the bytes small."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.hostile.corpus import entries
from tests.conftest import ROOT
from tests.shell import paste

FAULTS = {
    "UnpicklesFirst": ("unpickled: expression, loads", 90, 0.5),
    "Hangs": ("hang: expression, in from_bytes of faulty.py", 500, 0.25),
    "Aborts": ("crash: expression, SIGABRT, Aborted", 20, 0.5),
    "Exits": ("panic: SystemExit at faulty.py, from_bytes", 20, 0.5),
    "loops": ("hang: expression, in read of faulty.py", 300, 0.1),
    "trips": ("panic: IndexError at faulty.py, read", 40, 0.1),
}
"""The signature of each, how many bytes it may be shown by, and the seconds that an input gets.

Our own readers need less than an engine.
"""


def fuzz(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tasks.fuzz", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_reader_is_noticed(fault: str, tmp_path: Path) -> None:
    signature, most, seconds = FAULTS[fault]
    subject = f"tests.tasks.fuzz.faulty:{fault}"
    limits = ("--seconds", str(seconds), "--examples", "1000")
    run = fuzz("run", "--subject", subject, *limits, cwd=tmp_path)
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"NEW FINDING  {signature}\n" in run.stdout
    result = [json.loads(path.read_text()) for path in tmp_path.glob(".nox/fuzz/*.json")]
    (entry,) = [one for one in result if one["signature"] == signature]
    (path,) = tmp_path.glob(f".nox/fuzz/{entry['id']}.bin")
    assert len(path.read_bytes()) <= most, path.read_bytes()
    finding = run.stdout.partition(f"NEW FINDING  {signature}\n")[2]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    replayed = paste(finding, elsewhere)
    assert f"{entry['id']} on " in replayed.stdout
    assert ": same; " in replayed.stdout, replayed.stdout
    if fault == "Aborts":  # one is enough: the entry goes into a corpus of its own
        corpus = elsewhere / "corpus.toml"
        kept = paste(
            finding.replace(".json)", f".json --corpus {corpus})"), elsewhere, "to keep it"
        )
        assert kept.returncode == 0, kept.stdout
        assert entries(corpus)[entry["id"]].data == path.read_bytes()
