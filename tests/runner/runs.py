"""Runs of pytest with the plugin on small case files and fake subjects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.report.file import read_report
from conformance.report.model import Report
from conformance.spec import CLAUSES
from tests.conftest import ROOT

OPTIONS = (
    *("-p", "conformance.runner.plugin", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"),
    *("-W", "error", "-W", "ignore::pytest.PytestAssertRewriteWarning", "--strict-markers"),
)

SUBJECT = '''
"""A subject that has nothing to judge; the cases of these tests ask it for little."""

import os
from conformance.subjects import NoFrames, Subject
from tests.subjects.complete import complete

@complete(Subject)
class Fake:
    name = "fake"

    def __init__(self):
        self.pid = os.getpid()

    def versions(self):
        return {"engine": "55.0.0", "cloudpickle": "3.1.2"}

    def clear_slot(self, slot):
        pass

def nothing():
    raise NoFrames("fake 1.0 has no frames.")

def broken():
    raise RuntimeError("no subject today")

def late():
    """Opens once only."""
    with open("opened", "x"):
        return Fake()

class Unversioned(Fake):
    name = "datafusion"
    def versions(self):
        return {"engine": "today's"}
'''

HEAD = """
import pytest
from conformance.runner.assertions import assert_equal
clause = pytest.mark.clause
"""


class Suite:
    """A folder with a fake subject and case files."""

    def __init__(self, pytester: pytest.Pytester, patch: pytest.MonkeyPatch) -> None:
        self.pytester = pytester
        self.folder = pytester.path
        self.report_file = pytester.path / "report.json"
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.delenv("PYTEST_ADDOPTS", raising=False)
        pytester.makepyfile(fake=SUBJECT)

    def cases(self, source: str, name: str = "test_chapter") -> None:
        """Write a case file."""
        self.pytester.makepyfile(**{name: HEAD + source})

    def run(self, *arguments: str, subject: str = "fake:Fake") -> pytest.RunResult:
        """Run pytest on the cases in this process, which is faster; workers are processes."""
        return self.pytester.runpytest_inprocess(
            *OPTIONS,
            *("--subject", subject, "--conformance-report", str(self.report_file)),
            *arguments,
        )

    @property
    def report(self) -> Report:
        """The report of the last run."""
        return read_report(self.report_file)

    @property
    def document(self) -> dict[str, Any]:
        """The report as JSON, as it is in the file."""
        document: dict[str, Any] = json.loads(self.report_file.read_text())
        return document

    def outcomes(self) -> dict[str, str]:
        """The outcome of each case."""
        return {case.case: case.outcome for case in self.report.cases}

    def verdicts(self) -> dict[str, str]:
        """The verdicts that are not ``incomplete``, of clauses that need no capability."""
        found = {verdict.clause: verdict.verdict for verdict in self.report.verdicts()}
        return {
            clause: verdict
            for clause, verdict in found.items()
            if verdict != "incomplete" and not CLAUSES[clause].needs
        }

    def known(self, *entries: dict[str, str]) -> Path:
        """Write a file of known divergences."""
        path = self.folder / "known.toml"
        lines = []
        for number, entry in enumerate(entries):
            plain = {
                "id": f"known-{number}",
                "clause": "FRAME-01",
                "engines": ">=54",
                "kind": "unexpected-error",
                "seen": "as ever",
                "reason": "a reason",
                "introduced_by": "https://example.org",
            }
            plain |= {key: value for key, value in entry.items() if key != "cases"}
            lines += ["[[divergence]]", f"cases = [{entry['cases']!r}]"]
            lines += [f"{key} = {json.dumps(value)}" for key, value in plain.items()]
        path.write_text("\n".join(lines))
        return path


def says(result: pytest.RunResult, *patterns: str) -> None:
    """The output has lines with these texts, in this order."""
    result.stdout.fnmatch_lines([f"*{pattern}*" for pattern in patterns])
