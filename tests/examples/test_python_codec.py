"""``examples/python-codec``: the suite passes the codec and catches its faulty twin."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from conformance.report.file import read_report
from conformance.report.model import Report
from conformance.util.exit_codes import ExitCode
from tests.conftest import ROOT

FOLDER = ROOT / "examples" / "python-codec"


def judge(subject: str, path: Path, *chapters: str) -> tuple[int, Report]:
    """Run chapters as the README of the example does; return the exit code and the report."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "conformance", "run", "-q", "-p", "no:hypothesispytest"),
            *("--subject", subject, "--conformance-report", str(path)),
            *("--divergences", "engines", "--divergences", "divergences.toml"),
            *(option for chapter in chapters for option in ("--chapter", chapter)),
        ],
        cwd=FOLDER,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert path.exists(), run.stdout
    return run.returncode, read_report(path)


def test_the_adapter_is_short() -> None:
    assert len((FOLDER / "adapter.py").read_text().splitlines()) <= 60


def test_the_codec_passes(tmp_path: Path) -> None:
    """Nothing fails but what is recorded, and every clause of the chapters has a verdict."""
    chapters = ("FRAME", "PAYLOAD", "STRICT", "BYNAME")
    code, report = judge("adapter:PythonCodec", tmp_path / "report.json", *chapters)
    assert code == ExitCode.OK
    verdicts = {verdict.clause: verdict.verdict for verdict in report.verdicts()}
    assert {clause for clause, verdict in verdicts.items() if verdict != "pass"} == {
        "BYNAME-07",  # the engine's own
        "PAYLOAD-18",
    }
    assert verdicts["BYNAME-07"] == verdicts["PAYLOAD-18"] == "divergence"
    assert len(verdicts) > 60


def test_the_twin_is_caught_by_its_clauses(tmp_path: Path) -> None:
    """It unpickles before it refuses, and the words of its refusals are right."""
    code, report = judge("faulty:UnpicklesFirst", tmp_path / "report.json", "STRICT")
    assert code == ExitCode.FAILED
    failed = {case.clause: case.kind for case in report.cases if case.outcome == "fail"}
    assert failed == {"STRICT-07": "unpickled", "STRICT-08": "unpickled"}
