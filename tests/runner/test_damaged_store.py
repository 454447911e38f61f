"""A store that is not as its clauses say turns the run red, with the clauses and no other."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance import wire
from conformance.report.file import read_report
from conformance.spec import CLAUSES
from conformance.wire import Envelope
from conformance.wire.records import take_apart
from tests.conftest import ROOT
from tests.runner.runs import OPTIONS

Change = Callable[[Path, dict[str, Any]], None]
PYTHON = "3.11" if sys.version_info[:2] != (3, 11) else "3.12"
"""One of the others: what is wrong with it is noticed in the same way everywhere."""


def mine(manifest: dict[str, Any], case: str) -> list[dict[str, Any]]:
    return [g for g in manifest["goldens"] if (g["case"], g["python"]) == (case, PYTHON)]


def without(case: str) -> Change:
    """The case has no golden of one Python."""

    def change(folder: Path, manifest: dict[str, Any]) -> None:
        for golden in mine(manifest, case):
            manifest["goldens"].remove(golden)
            (folder / golden["file"]).unlink()
            (folder / golden["file"]).with_suffix(".txt").unlink(missing_ok=True)

    return change


def rewritten(case: str, new: Callable[[bytes], bytes]) -> Change:
    """The case's goldens of one Python are other bytes, and the manifest knows."""

    def change(folder: Path, manifest: dict[str, Any]) -> None:
        for golden in mine(manifest, case):
            data = new((folder / golden["file"]).read_bytes())
            (folder / golden["file"]).write_bytes(data)
            golden.update(size=len(data), sha256=hashlib.sha256(data).hexdigest())
            for kind, records in take_apart(data).items():
                places = [{name: one[name] for name in ("offset", "size")} for one in records]
                for one, place in zip(golden.get(kind, []), places, strict=True):
                    one.update(place)

    return change


def stray(folder: Path, manifest: dict[str, Any]) -> None:
    del manifest
    (folder / "stray.bin").touch()


def another_frame(data: bytes) -> bytes:
    found = wire.find(data)
    new = {one.path: one.data.replace(b"\timmutable", b"\x06stable") for one in found}
    return wire.replace(data, new)


def another_id(data: bytes) -> bytes:
    (found,) = wire.find_envelopes(data)
    return wire.replace(data, {found.path: Envelope("x", found.envelope().blob).to_bytes()})


@pytest.mark.parametrize(
    ("change", "clauses"),
    [
        (rewritten("physical-plan/sort-memory", another_frame), "GOLDENPLAN-05"),
        (without("logical-plan/sort-values"), "GOLDENPLAN-06"),
        (without("chain/physical-plan-window"), "GOLDENCHAIN-05"),
        (rewritten("chain/expression-scalar", another_id), "GOLDENCHAIN-04 GOLDENCHAIN-05"),
        (rewritten("chain/logical-plan-scalar", another_frame), "GOLDENCHAIN-05"),
    ],
)
def test_store(change: Change, clauses: str, tmp_path: Path) -> None:
    folder = tmp_path / "golden"
    shutil.copytree(ROOT / "golden", folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    change(folder, manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    broken = clauses.split()
    chapter = CLAUSES[broken[0]].chapter.lower()
    run = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "pytest",
                *OPTIONS,
                "-q",
                "--conformance-report",
                "report.json",
            ),
            *("-k", "not reads", str(ROOT / "conformance" / "suite" / f"test_{chapter}.py")),
        ],
        cwd=tmp_path,
        env={**os.environ, "CONFORMANCE_GOLDEN": str(folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout + run.stderr
    report = read_report(tmp_path / "report.json")
    assert [v.clause for v in report.verdicts() if v.verdict == "fail"] == broken
