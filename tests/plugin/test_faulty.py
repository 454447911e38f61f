"""Wrong engines turn the run red, with the clause that they break and no other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import ROOT

from conformance.report.model import Report
from conformance.spec import CLAUSES
from plugin.runs import OPTIONS

TESTS = Path(__file__).parents[1]

FAULTS = {
    "ToggleDoesNothing": "TOGGLE-04 TOGGLE-09 TOGGLE-10 TOGGLE-11 TOGGLE-12 TOGGLE-14",
    "ToggleForgetsTables": "TOGGLE-05 TOGGLE-06 TOGGLE-07 TOGGLE-14",
    # The sender's remedy says which name to register.
    "RefusalLostTheName": "STRICT-02 STRICT-05",
    "RefusalLostTheKind": "STRICT-03",
    "RefusalLostTheReceiversRemedy": "STRICT-06",
    "RunsBeforeItRefuses": "STRICT-07 STRICT-08",
    "LooksUpBeforeItRefuses": "STRICT-07",
    "RefusalIsATypo": "BYNAME-04 BYNAME-05 BYNAME-06 BYNAME-08 BYNAME-09 BYNAME-11",
    "AnotherMagic": "FRAME-02 FRAME-06 FRAME-19",
    "WireVersionTwo": "FRAME-03 FRAME-07 FRAME-08 FRAME-09 FRAME-10 FRAME-11 FRAME-18 FRAME-21",
    "PythonIsNotChecked": "FRAME-12 FRAME-13 FRAME-14 FRAME-15 FRAME-16 FRAME-18 FRAME-21",
    "SlotsOfAllThreads": "SLOT-15 SLOT-16 SLOT-18 SLOT-20",
    "WorkerSlotEncodes": "SLOT-03 SLOT-05",
    "ByNameFallsBack": "BYNAME-04 BYNAME-09 BYNAME-11",
    # It writes its schemas with pyarrow, too.
    "StateNamesLost": "PAYLOAD-14 PAYLOAD-18",
}
"""What each fault breaks: all of it, and nothing else of the chapter."""

CHAPTERS = {"SLOT": "slots"}


@pytest.mark.parametrize("fault", FAULTS)
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
            *("--subject", f"plugin.faulty:{fault}", "--conformance-report", str(path)),
            str(ROOT / "conformance" / "suite" / f"test_{chapter}.py"),
        ]
    )
    assert code == pytest.ExitCode.TESTS_FAILED, capsys.readouterr()
    report = Report.read(path)
    assert [v.clause for v in report.verdicts() if v.verdict == "fail"] == broken
    assert {case.outcome for case in report.cases} <= {"pass", "fail", "divergence"}
    assert report.untold == 0
