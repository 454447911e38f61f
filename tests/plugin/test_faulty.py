"""Wrong engines turn the run red, with the clause that they break and no other."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest
from conftest import ROOT

from conformance.report.model import Report
from conformance.spec import CLAUSES
from plugin.runs import OPTIONS

TESTS = Path(__file__).parents[1]

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("faulty*.py"))
FAULTS: dict[str, str] = {
    f"plugin.{module}:{fault}": broken
    for module in MODULES
    for fault, broken in import_module(f"plugin.{module}").FAULTS.items()
}

FIRST = {next(key for key in FAULTS if key.startswith(f"plugin.{module}:")) for module in MODULES}
"""One of each module runs with all other tests; the rest is `nox -s faults`."""

CHAPTERS = {
    "CODEC": "codecs",
    "ENCODE": "encoding",
    "PLAN": "plans",
    "PROCESS": "processes",
    "SLOT": "slots",
    "THREAD": "threads",
    "WORKER": "workers",
}


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=() if fault in FIRST else pytest.mark.faults) for fault in FAULTS],
)
def test_fault(
    fault: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = FAULTS[fault].split()
    name = CLAUSES[broken[0]].chapter
    chapter = CHAPTERS.get(name, name.lower())
    path = tmp_path / "report.json"
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), str(TESTS))))
    # The cases run in a child: nothing of them stays in this process.
    code = pytest.main(
        [
            *(*OPTIONS, "-q", "--tb=no"),
            *("--subject", fault, "--conformance-report", str(path)),
            str(ROOT / "conformance" / "suite" / f"test_{chapter}.py"),
        ]
    )
    assert code == pytest.ExitCode.TESTS_FAILED, capsys.readouterr()
    report = Report.read(path)
    assert [v.clause for v in report.verdicts() if v.verdict == "fail"] == broken
    assert {case.outcome for case in report.cases} <= {"pass", "fail", "divergence"}
    assert report.untold == 0
